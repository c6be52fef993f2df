import { expect, test } from 'vitest';
import type { FaultClass } from '../routing/outcomes.ts';
import { providerBill } from './provider-bill.ts';

const none = { billed_micros: null, possible_micros: null };

test.each<[string, FaultClass | null, number | null, typeof none | object]>([
  ['an answer bills what it says', null, 58, { billed_micros: 58, possible_micros: null }],
  ['an answer that was of no use bills all the same', 'empty', 58, { billed_micros: 58, possible_micros: null }],
  ['empty and billed by the list', 'empty_billed', null, { billed_micros: 60, possible_micros: null }],
  ['empty and billed, of pictures that were none', 'empty_billed', 0, { billed_micros: 60, possible_micros: null }],
  ['silence may bill everything', 'outcome_unknown', null, { billed_micros: null, possible_micros: 60 }],
  ['so may a job that goes on', 'deadline', null, { billed_micros: null, possible_micros: 60 }],
  ['a refusal', 'content_policy', null, none],
  ['a provider that was not reached', 'unreachable', null, none],
  ['a whole 5xx answer', 'server_error', null, none],
])('%s', (_name, fault, answered_micros, expected) => {
  expect(providerBill({ fault, price_micros: 60, answered_micros })).toEqual(expected);
});
