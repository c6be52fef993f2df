/** docs/webhooks.md says what the code does, and its receiver runs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventTypes, TEST_EVENT } from '../../src/core/webhooks/event-types.ts';
import { retryDelays_ms } from '../../src/core/webhooks/retry-schedule.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { sendWebhook } from '../../src/services/webhooks/send-webhook.ts';
import { repositoryRoot } from '../repo/source-files.ts';
import { secretOf, webhookRules } from './world.ts';

const page = readFileSync(join(repositoryRoot, 'docs/webhooks.md'), 'utf8').replaceAll(/\n */g, ' ');

test.each([...eventTypes.map(({ type }) => type), TEST_EVENT])('the page tells of %s', (type) => {
  expect(page).toContain(`\`${type}\``);
});

test('the page tells when tries follow', () => {
  const units = [
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const texts = retryDelays_ms.map((delay_ms) => {
    const [size, unit] = units.find(([one]) => delay_ms >= one) ?? units[2];
    return `${delay_ms / size} ${unit}`;
  });
  expect(page).toContain(`tried again after ${texts.slice(0, -1).join(', ')} and ${texts.at(-1)},`);
});

test("the page's receiver takes what is signed, and nothing else", async () => {
  const raw = readFileSync(join(repositoryRoot, 'docs/webhooks.md'), 'utf8');
  const code = /```js\n([^`]*)```/.exec(raw)?.[1] ?? '';
  expect(code).toContain('.listen(3000)');
  const onAnyPort = code.replace(
    '.listen(3000)',
    ".listen(0, '127.0.0.1', function () { console.log(this.address().port); })",
  );
  const child = spawn(process.execPath, ['--input-type=module', '--eval', onAnyPort], {
    cwd: repositoryRoot,
    env: { WEBHOOK_SECRET: secretOf('whe_1') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  await once(child.stdout, 'data');
  const host = `127.0.0.1:${said[0]?.trim()}`;
  const guardedFetch = createGuardedFetch({ allow_hosts: [host] });
  const parts = { guardedFetch, clock: { now: () => Date.now() }, webhooks: webhookRules };
  const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'generation.completed', data: { id: 'gen_1' } });
  const send = (owner: string) =>
    sendWebhook(parts, { id: 'evt_1', url: `http://${host}/`, body, secrets: [secretOf(owner)] });
  try {
    expect(await send('whe_1')).toMatchObject({ status: 204, error: null });
    expect(await send('whe_2')).toMatchObject({ status: 400 });
    expect(said.join('')).toContain('generation.completed gen_1');
  } finally {
    await guardedFetch.close();
    child.kill();
    await once(child, 'exit');
  }
});
