import { beforeEach, expect, test } from 'vitest';
import type { JobHooks } from '../../contracts/provider.ts';
import { JobNudges } from './job-nudges.ts';

const MINUTE_MS = 60_000;
let now: number;
let say: (job: string) => void;
let fal: JobHooks;

beforeEach(() => {
  now = 0;
  say = () => {};
  const nudges = new JobNudges({
    clock: { now: () => now },
    bus: {
      subscribe: (_, listener) => {
        say = listener;
        return () => {};
      },
    },
  });
  fal = nudges.hooksOf('fal', 'https://gesso.test/v1/hooks/fal');
});

/** Whether the next word about a job is there already. */
async function isSaid(job: string): Promise<boolean> {
  const over = new AbortController();
  const next = fal.next(job, over.signal).then(
    () => true,
    () => false,
  );
  await Promise.resolve();
  over.abort();
  return next;
}

test('who waits is told, and nobody who waits for another job or another provider', async () => {
  const over = new AbortController();
  const told: string[] = [];
  const wait = (job: string) =>
    fal.next(job, over.signal).then(
      () => told.push(job),
      () => {},
    );
  const all = [wait('a'), wait('a'), wait('b')];
  say('replicate/b');
  say('fal/a');
  over.abort();
  await Promise.all(all);
  expect(told).toEqual(['a', 'a']);
});

test('what was said before anybody waited is told once', async () => {
  say('fal/early');
  say('fal/early');
  expect([await isSaid('early'), await isSaid('early')]).toEqual([true, false]);
});

test('is forgotten after ten minutes, and the oldest first when there is much', async () => {
  say('fal/old');
  now += 10 * MINUTE_MS + 1;
  say('fal/new');
  expect([await isSaid('old'), await isSaid('new')]).toEqual([false, true]);
  for (let index = 0; index <= 10_000; index++) say(`fal/${index}`);
  expect([await isSaid('0'), await isSaid('1'), await isSaid('10000')]).toEqual([false, true, true]);
});

test('who gives up leaves nothing behind, and does not take the word from the next', async () => {
  expect(await isSaid('a')).toBe(false);
  say('fal/a');
  expect(await isSaid('a')).toBe(true);
  await expect(fal.next('a', AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
});

test('a provider speaks for ten minutes after its last word', () => {
  expect(fal.speaks()).toBe(false);
  say('replicate/a');
  expect(fal.speaks()).toBe(false);
  say('fal/a');
  now += 10 * MINUTE_MS - 1;
  expect(fal.speaks()).toBe(true);
  now += 1;
  expect(fal.speaks()).toBe(false);
});
