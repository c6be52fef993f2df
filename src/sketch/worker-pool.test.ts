import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

/** A worker that does as it is told: answers, waits for ever, throws, fails or leaves. */
const obedient = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', (job) => {
      if (job === 'hang') { parentPort.postMessage({ type: 'report', report: 'hanging' }); for (;;) {} }
      if (job === 'crash') throw new Error('crashed');
      if (job === 'leave') process.exit(3);
      if (job === 'fail') { parentPort.postMessage({ type: 'failed', error: new Error('failed') }); return; }
      parentPort.postMessage({ type: 'report', report: threadId });
      parentPort.postMessage({ type: 'done' });
    });
  `)}`,
);

type TestPool = WorkerPool<string, number | string>;
let pool: TestPool | undefined;
const poolOf = (workers: number, idle_ms = 60_000): TestPool => {
  pool = createWorkerPool<string, number | string>({ url: obedient, workers, idle_ms });
  return pool;
};

async function threadOf(of: TestPool, job = 'work'): Promise<number | string | undefined> {
  let thread: number | string | undefined;
  await of.run(job, {
    onReport: (report) => {
      thread = report;
    },
  });
  return thread;
}

/** Starts a job that never ends, and waits until it is under way. */
function hang(
  of: TestPool,
  signal?: AbortSignal,
): { readonly started: Promise<void>; readonly ended: Promise<unknown> } {
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const ended = of
    .run('hang', { onReport: () => resolve(), ...(signal === undefined ? {} : { signal }) })
    .catch((error) => error);
  return { started, ended };
}

afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

describe('a worker pool', () => {
  test('starts no thread before there is work, and uses one again', async () => {
    const of = poolOf(2);
    expect(of.size()).toBe(0);
    expect(await threadOf(of)).toBe(await threadOf(of));
    expect(of.size()).toBe(1);
  });

  test('works on as many jobs at a time as it may have threads, and queues the rest', async () => {
    const of = poolOf(2);
    const abort = new AbortController();
    const first = hang(of, abort.signal);
    await first.started;
    const [second, third] = await Promise.all([threadOf(of), threadOf(of)]);
    expect(second).toBe(third);
    expect(of.size()).toBe(2);
    abort.abort(new Error('enough'));
    await first.ended;
  });

  test('an aborted running job rejects with the reason; its thread is replaced', async () => {
    const of = poolOf(1);
    const abort = new AbortController();
    const job = hang(of, abort.signal);
    await job.started;
    const next = threadOf(of);
    abort.abort(new Error('changed my mind'));
    expect(await job.ended).toMatchObject({ message: 'changed my mind' });
    expect(await next).toBeTypeOf('number');
    expect(of.size()).toBe(1);
  });

  test('an aborted waiting job leaves the queue and disturbs no thread', async () => {
    const of = poolOf(1);
    const stop = new AbortController();
    const running = hang(of, stop.signal);
    await running.started;
    const abort = new AbortController();
    const reports: unknown[] = [];
    const waiting = of.run('work', { signal: abort.signal, onReport: (report) => reports.push(report) });
    abort.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    stop.abort();
    await running.ended;
    await threadOf(of);
    expect(reports).toEqual([]);
  });

  test('a signal that is aborted already starts nothing', async () => {
    const of = poolOf(1);
    await expect(
      of.run('work', { signal: AbortSignal.abort(new Error('before')), onReport: () => {} }),
    ).rejects.toThrow('before');
    expect(of.size()).toBe(0);
  });

  test.each([
    ['crash', 'crashed'],
    ['leave', 'code 3'],
    ['fail', 'failed'],
  ])('a worker that does "%s" rejects its job only', async (job, message) => {
    const of = poolOf(1);
    const [bad, good] = await Promise.allSettled([threadOf(of, job), threadOf(of)]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(message) } });
    expect(good.status).toBe('fulfilled');
  });

  test('idle threads are closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const of = poolOf(1, 30_000);
      await threadOf(of);
      vi.advanceTimersByTime(29_999);
      expect(of.size()).toBe(1);
      vi.advanceTimersByTime(1);
      expect(of.size()).toBe(0);
      expect(await threadOf(of)).toBeTypeOf('number');
    } finally {
      vi.useRealTimers();
    }
  });

  test('closing rejects what runs and what waits', async () => {
    const of = poolOf(1);
    const running = hang(of);
    await running.started;
    const waiting = threadOf(of).catch((error) => error);
    await of.close();
    expect(await running.ended).toMatchObject({ message: 'The worker pool is closed.' });
    expect(await waiting).toMatchObject({ message: 'The worker pool is closed.' });
    await expect(threadOf(of)).rejects.toThrow('closed');
  });
});
