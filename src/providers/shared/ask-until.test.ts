import { describe, expect, it } from 'vitest';
import type { FaultClass } from '../../core/routing/outcomes.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';
import { askUntil, timeLeft } from './ask-until.ts';

/** A clock that only waiting moves. */
function clock() {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    now: () => now,
    delay: async (ms: number) => {
      waits.push(ms);
      now += ms;
    },
  };
}

const bounds = { signal: new AbortController().signal, deadline_at: 10_000 };
const fails = (fault: FaultClass, retry_after_ms?: number) =>
  new ProviderFault(fault, 'no', retry_after_ms === undefined ? {} : { retry_after_ms });

describe('askUntil', () => {
  it('asks ever less often, and as late as it is told to', async () => {
    const time = clock();
    const answers = [null, null, fails('rate_limited', 3_000), fails('server_error'), fails('unreachable'), 'done'];
    const found = await askUntil(time, bounds, async () => {
      const next = answers.shift() ?? null;
      if (next instanceof ProviderFault) throw next;
      return next;
    });
    expect(found).toBe('done');
    expect(time.waits).toEqual([500, 750, 3_000, 1_687.5, 2_000]);
  });

  it('gives up at the deadline, without waiting beyond it', async () => {
    const time = clock();
    await expect(askUntil(time, bounds, async () => null)).rejects.toMatchObject({ fault: 'deadline' });
    expect(time.now()).toBe(10_000);
  });

  it('gives up when the work is aborted, also while it waits', async () => {
    const controller = new AbortController();
    const time = {
      now: () => 0,
      delay: async () => {
        controller.abort();
        throw new Error('aborted');
      },
    };
    const asking = askUntil(time, { ...bounds, signal: controller.signal }, async () => null);
    await expect(asking).rejects.toMatchObject({ fault: 'deadline' });
  });

  it.each(['auth', 'config', 'invalid_request', 'account'] as const)(
    '%s on a question loses the job',
    async (fault) => {
      const asking = askUntil(clock(), bounds, () => Promise.reject(fails(fault)));
      await expect(asking).rejects.toMatchObject({ fault: 'outcome_unknown' });
    },
  );
});

describe('askUntil, where the provider tells', () => {
  /** Said at these questions, counted from 1, while nobody waits any more. */
  const hooks = (said: readonly number[], questions: () => number) => ({
    url: 'https://gesso.test/v1/hooks/fal',
    next: () => (said.includes(questions()) ? Promise.resolve() : new Promise<never>(() => {})),
    speaks: () => true,
  });
  const ask = async (said: readonly number[], answers: readonly (ProviderFault | null | 'done')[]) => {
    const time = clock();
    let questions = 0;
    const parts = {
      ...time,
      // Comes behind a word that was said, as a real clock does.
      delay: async (ms: number, signal: AbortSignal) => {
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
        signal.throwIfAborted();
        await time.delay(ms);
      },
      hooks: hooks(said, () => questions),
    };
    const next = async () => {
      const answer = answers[questions++] ?? null;
      if (answer instanceof ProviderFault) throw answer;
      return answer;
    };
    await askUntil(parts, { ...bounds, deadline_at: 100_000 }, next, { job_id: 'j' }).catch(() => null);
    return { questions, waits: time.waits };
  };

  it('asks at once when it is told', async () => {
    expect(await ask([2], [null, null, 'done'])).toEqual({ questions: 3, waits: [500] });
  });

  it('asks again soon when it is told too early', async () => {
    expect(await ask([3], [null, null, null, null, 'done'])).toEqual({ questions: 5, waits: [500, 750, 500] });
  });

  it('asks rarely and never stops when nothing is told', async () => {
    const { waits } = await ask([], []);
    expect(waits.slice(0, 4)).toEqual([500, 750, 1_125, 1_687.5]);
    expect(Math.max(...waits)).toBe(15_000);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBe(100_000);
  });

  it('asks no sooner than the provider wants to be asked', async () => {
    expect(await ask([], [fails('rate_limited', 3_000), 'done'])).toEqual({ questions: 2, waits: [3_000] });
    const told = await ask([1], [fails('rate_limited', 3_000), 'done']);
    expect(told.questions).toBe(2);
  });
});

describe('timeLeft', () => {
  it('is bounded by the request and by the deadline', () => {
    expect(timeLeft({ now: () => 4_000 }, bounds, 30_000)).toBe(6_000);
    expect(timeLeft({ now: () => 4_000 }, bounds, 1_000)).toBe(1_000);
    expect(() => timeLeft({ now: () => 10_000 }, bounds, 1_000)).toThrow(
      expect.objectContaining({ fault: 'unreachable' }),
    );
  });
});
