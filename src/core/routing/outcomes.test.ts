import { expect, test } from 'vitest';
import { type FaultClass, finalCode, mayTryNext, outcomes } from './outcomes.ts';

/** Row by row: may another offer be tried by default, and what ends a call whose only attempt it was. */
const rows: readonly [FaultClass, boolean, string][] = [
  ['unreachable', true, 'all_providers_failed'],
  ['no_slot', true, 'providers_saturated'],
  ['rate_limited', true, 'providers_saturated'],
  ['overloaded', true, 'providers_saturated'],
  ['unavailable', true, 'all_providers_failed'],
  ['auth', true, 'all_providers_failed'],
  ['account', true, 'all_providers_failed'],
  ['config', true, 'all_providers_failed'],
  ['server_error', true, 'all_providers_failed'],
  ['invalid_request', false, 'invalid_value'],
  ['offer_limit', true, 'invalid_value'],
  ['content_policy', false, 'content_policy_violation'],
  ['empty', true, 'all_providers_failed'],
  ['empty_billed', false, 'all_providers_failed'],
  ['deadline', false, 'deadline_exceeded'],
  ['interrupted', false, 'interrupted'],
  ['outcome_unknown', false, 'outcome_unknown'],
];

test.each(rows)('%s: next offer %s, alone it ends as %s', (fault, next, code) => {
  expect(mayTryNext(fault, {})).toBe(next);
  expect(finalCode([fault])).toBe(code);
  expect(mayTryNext(fault, { allow_fallbacks: false })).toBe(false);
});

test('the table above has every class', () => {
  expect(rows.map(([fault]) => fault).sort()).toEqual(Object.keys(outcomes).sort());
});

test('a caller may ask for the next offer after a refusal or an unknown outcome, and after nothing else that stops', () => {
  const rule = { on_refusal: 'next', on_unknown: 'next' } as const;
  expect(mayTryNext('content_policy', rule)).toBe(true);
  expect(mayTryNext('outcome_unknown', rule)).toBe(true);
  expect(mayTryNext('invalid_request', rule)).toBe(false);
  expect(mayTryNext('deadline', rule)).toBe(false);
});

test('come back later only when every offer was at its limit', () => {
  expect(finalCode(['rate_limited', 'overloaded'])).toBe('providers_saturated');
  expect(finalCode(['server_error', 'rate_limited'])).toBe('all_providers_failed');
});
