import { expect, test } from 'vitest';
import { Cleanup } from './cleanup.ts';

test('closes in the opposite order, once, and goes on after a failure', async () => {
  const cleanup = new Cleanup();
  const closed: string[] = [];
  cleanup.add(async () => closed.push('first'));
  cleanup.add(() => Promise.reject(new Error('stuck')));
  cleanup.add(async () => closed.push('last'));
  await expect(cleanup.run()).rejects.toThrow('could not be closed');
  await expect(cleanup.run()).rejects.toThrow('could not be closed');
  expect(closed).toEqual(['last', 'first']);
});
