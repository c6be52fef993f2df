import { expect, test } from 'vitest';
import { SlidingWindow } from './sliding-window.ts';

test('as many as the limit in any minute, and the next when the first has left it', () => {
  const window = new SlidingWindow(3, 60_000);
  for (const at of [0, 10_000, 20_000]) {
    expect(window.waitFor(1, at)).toBe(0);
    window.take(1, at);
  }
  expect(window.waitFor(1, 30_000)).toBe(30_000);
  expect(window.waitFor(1, 59_999)).toBe(1);
  expect(window.waitFor(2, 59_999)).toBe(10_001);
  expect(window.waitFor(1, 60_000)).toBe(0);
});

test('more than the limit waits until it is alone, and is then let in', () => {
  const window = new SlidingWindow(3, 1000);
  expect(window.waitFor(10, 0)).toBe(0);
  window.take(2, 0);
  window.take(1, 500);
  expect(window.waitFor(10, 600)).toBe(900);
  expect(window.waitFor(10, 1500)).toBe(0);
});
