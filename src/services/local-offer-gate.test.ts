import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LocalOfferGate } from './local-offer-gate.ts';
import type { Leave, Refused } from './offer-gate.ts';

const clock = { now: () => Date.now() };

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

function inside(entered: Leave | Refused): Leave {
  if (typeof entered !== 'function') throw new Error('refused');
  return entered;
}

test('never more at once than the limit, first come first served', async () => {
  const gate = new LocalOfferGate({ concurrent_max: 2 }, clock);
  let now_inside = 0;
  let most = 0;
  const order: number[] = [];
  const calls = Array.from({ length: 7 }, async (_, index) => {
    const leave = inside(await gate.enter(1, 10_000));
    order.push(index);
    most = Math.max(most, ++now_inside);
    await new Promise((resolve) => setTimeout(resolve, 100));
    now_inside -= 1;
    leave();
    leave(); // twice is once
  });
  await vi.runAllTimersAsync();
  await Promise.all(calls);
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('what is inside already takes a place though none is free, and the next comes in when there is room again', async () => {
  const gate = new LocalOfferGate({ concurrent_max: 1 }, clock);
  const [first, second] = [gate.rejoin(), gate.rejoin()];
  const waiting = gate.enter(1, 1000);
  first();
  expect(await gate.enter(1, 0)).toEqual({ wait_ms: null });
  second();
  inside(await waiting)();
});

test('who waits too long is refused, and nobody behind is held up by it', async () => {
  const gate = new LocalOfferGate({ concurrent_max: 1 }, clock);
  const first = inside(await gate.enter(1, 0));
  expect(await gate.enter(1, 0)).toEqual({ wait_ms: null });
  const impatient = gate.enter(1, 100);
  const patient = gate.enter(1, 1000);
  await vi.advanceTimersByTimeAsync(100);
  expect(await impatient).toEqual({ wait_ms: null });
  first();
  inside(await patient)();
});

test('so many requests a minute, and it is known when the next may come', async () => {
  const gate = new LocalOfferGate({ requests_per_minute: 2 }, clock);
  inside(await gate.enter(1, 0))();
  await vi.advanceTimersByTimeAsync(20_000);
  inside(await gate.enter(1, 0))();
  expect(await gate.enter(1, 30_000)).toEqual({ wait_ms: 40_000 });
  const waiting = gate.enter(1, 41_000);
  await vi.advanceTimersByTimeAsync(40_000);
  inside(await waiting)();
});

test('so many pictures a minute, and one that is larger than that goes alone', async () => {
  const gate = new LocalOfferGate({ images_per_minute: 4 }, clock);
  inside(await gate.enter(3, 0))();
  expect(await gate.enter(2, 0)).toEqual({ wait_ms: 60_000 });
  inside(await gate.enter(1, 0))();
  await vi.advanceTimersByTimeAsync(60_000);
  inside(await gate.enter(10, 0))();
});

test('in a pause nobody goes in, and a shorter one does not end a longer', async () => {
  const gate = new LocalOfferGate({}, clock);
  gate.pause(5_000);
  gate.pause(1_000);
  expect(gate.isPaused).toBe(true);
  expect(await gate.enter(1, 4_000)).toEqual({ wait_ms: 5_000 });
  const waiting = gate.enter(1, 6_000);
  await vi.advanceTimersByTimeAsync(5_000);
  inside(await waiting);
  expect(gate.isPaused).toBe(false);
});
