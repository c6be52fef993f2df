import { expect, test } from 'vitest';
import { runChaos } from '../chaos/chaos.ts';

/** The short form of what `npm run soak` does with 2,000 requests. */
test('three providers that fail at random: each request ends once, and nothing is billed twice, lost or left behind', {
  timeout: 90_000,
}, async () => {
  const { faults, ended, pictures } = await runChaos({ requests: 120, seed: 20_261_120, concurrency: 24 });
  expect(faults).toEqual([]);
  expect(ended.success + ended.refusal + ended.error + ended.left).toBe(120);
  // The seed is one with which every kind of ending happens.
  for (const count of Object.values(ended)) expect(count).toBeGreaterThan(0);
  expect(pictures).toBeGreaterThan(30);
});
