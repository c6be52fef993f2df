import { expect, test } from 'vitest';
import { killFleet, shortForm } from '../soak/kill-fleet.ts';

/** The short form of `npm run soak`. Without an S3 server each process keeps its own pictures: `tests/s3` has them share. */
test('of three servers that are killed under load no job is lost, none is made twice, and everybody is told', {
  timeout: 180_000,
}, async () => {
  const report = await killFleet(shortForm);
  expect(report.faults).toEqual([]);
  expect(report.missed).toEqual([]);
  expect(report.kills).toBeGreaterThan(0);
  expect(report.taken_over).toBeGreaterThan(0);
  expect(report.pictures).toBeGreaterThan(0);
});
