import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rateLimit, rateState, takeFrom, waitForMs } from './rate.ts';

const SECOND_US = 1_000_000;

test('a full bucket gives its burst at once, and then one for each interval', () => {
  const limit = rateLimit(60, 3);
  let full_at: number | null = 0;
  for (const remaining of [2, 1, 0]) {
    full_at = takeFrom(limit, full_at ?? 0, SECOND_US, 1);
    expect(rateState(limit, full_at ?? 0, SECOND_US).remaining).toBe(remaining);
  }
  expect(takeFrom(limit, full_at ?? 0, SECOND_US, 1)).toBeNull();
  expect(waitForMs(limit, full_at ?? 0, SECOND_US, 1)).toBe(1000);
  expect(waitForMs(limit, full_at ?? 0, SECOND_US, 3)).toBe(3000);
  expect(rateState(limit, full_at ?? 0, SECOND_US).reset_ms).toBe(3000);
  expect(takeFrom(limit, full_at ?? 0, 2 * SECOND_US, 1)).not.toBeNull();
});

test('without word of it ten seconds may come at once, and always ten', () => {
  expect([rateLimit(6).burst, rateLimit(600).burst, rateLimit(6, 1).burst]).toEqual([10, 100, 1]);
});

test('in no span more than the burst and what drips in meanwhile', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5 * SECOND_US }), fc.integer({ min: 1, max: 4 })), { maxLength: 60 }),
      (per_minute, burst, tries) => {
        const limit = rateLimit(per_minute, burst);
        let full_at = 0;
        let now = SECOND_US;
        const taken: { at: number; amount: number }[] = [];
        for (const [pause, amount] of tries) {
          now += pause;
          const after = takeFrom(limit, full_at, now, amount);
          if (after === null) continue;
          full_at = after;
          taken.push({ at: now, amount });
        }
        for (const [from, first] of taken.entries()) {
          let sum = 0;
          for (const one of taken.slice(from)) {
            sum += one.amount;
            expect(sum).toBeLessThanOrEqual(burst + ((one.at - first.at) * per_minute) / (60 * SECOND_US) + 1e-9);
          }
        }
      },
    ),
  );
});
