import { expect, test } from 'vitest';
import { killFleet, shortForm } from '../soak/kill-fleet.ts';

/** As a fleet is meant to be: whoever is asked for a picture has it, and goes on with the references of another's edit. */
test('three servers on one S3 are killed under load', { timeout: 180_000 }, async () => {
  const report = await killFleet({ ...shortForm, seed: 8 });
  expect(report.faults).toEqual([]);
  expect(report.missed).toEqual([]);
  expect(report.taken_over).toBeGreaterThan(0);
});
