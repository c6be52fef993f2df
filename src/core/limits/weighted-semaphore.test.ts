import { expect, test } from 'vitest';
import { WeightedSemaphore } from './weighted-semaphore.ts';

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('never more than the capacity at once, in the order of arrival', async () => {
  const semaphore = new WeightedSemaphore(10);
  const order: string[] = [];
  const first = deferred();
  const runs = [
    semaphore.hold(6, async () => {
      order.push('six');
      await first.promise;
    }),
    semaphore.hold(8, async () => {
      order.push('eight');
    }),
    semaphore.hold(1, async () => {
      order.push('one');
    }),
  ];
  await Promise.resolve();
  expect(order).toEqual(['six']);
  expect(semaphore.waiting).toBe(2);
  first.resolve();
  await Promise.all(runs);
  expect(order).toEqual(['six', 'eight', 'one']);
  expect(semaphore.used).toBe(0);
});

test('an amount over the capacity runs alone, and a failure gives back what it held', async () => {
  const semaphore = new WeightedSemaphore(4);
  await expect(semaphore.hold(100, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(semaphore.used).toBe(0);
  await expect(semaphore.hold(4, () => Promise.resolve('fine'))).resolves.toBe('fine');
});
