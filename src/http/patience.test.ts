import { expect, test } from 'vitest';
import { patienceOf } from './patience.ts';

test.each([
  [{}, undefined],
  [{ 'x-stainless-timeout': '600' }, 598_000],
  [{ 'x-stainless-read-timeout': '600' }, 598_000],
  [{ 'x-stainless-timeout': '60', 'x-stainless-read-timeout': '30' }, 28_000],
  [{ 'x-stainless-timeout': '2.5' }, 2_250],
  [{ 'x-stainless-timeout': '0' }, undefined],
  [{ 'x-stainless-timeout': 'None' }, undefined],
  [{ 'x-stainless-read-timeout': '-1' }, undefined],
])('%j leaves %s ms', (headers, expected) => {
  expect(patienceOf({ headers }).patience_ms).toBe(expected);
});
