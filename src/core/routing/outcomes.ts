/**
 * What follows an attempt: this table and nothing else decides whether the next offer is
 * tried, what the caller sees when none is left, and what becomes of the hold.
 */
import type { ErrorCode } from '../errors.ts';

export interface OutcomeRow {
  /** `next`: the next offer may be tried. `stop`: the generation ends here. */
  readonly after: 'next' | 'stop';
  /** The caller's preference that turns a `stop` into a `next`. */
  readonly next_if?: 'on_refusal' | 'on_unknown';
  /** The error when this attempt is the last one; null = the general rule for exhausted offers. */
  readonly code: ErrorCode | null;
  /** True where the provider was at its limit rather than broken: if all were, the caller is told to come back. */
  readonly saturated?: boolean;
  /** Whether the provider bills us for it all the same; absent = no. The caller never pays for what did not come. */
  readonly bills?: 'yes' | 'perhaps';
}

export const outcomes = {
  unreachable: { after: 'next', code: null },
  /** No call was made: the offer is at our limit for it, pausing as it asked, or its breaker lets one try at a time. */
  no_slot: { after: 'next', code: null, saturated: true },
  rate_limited: { after: 'next', code: null, saturated: true },
  overloaded: { after: 'next', code: null, saturated: true },
  unavailable: { after: 'next', code: null },
  auth: { after: 'next', code: null },
  account: { after: 'next', code: null },
  config: { after: 'next', code: null },
  server_error: { after: 'next', code: null },
  invalid_request: { after: 'stop', code: 'invalid_value' },
  offer_limit: { after: 'next', code: 'invalid_value' },
  content_policy: { after: 'stop', next_if: 'on_refusal', code: 'content_policy_violation' },
  empty: { after: 'next', code: null },
  empty_billed: { after: 'stop', code: 'all_providers_failed', bills: 'yes' },
  deadline: { after: 'stop', code: 'deadline_exceeded', bills: 'perhaps' },
  /** Our process ended while the call was in the air, and the provider has no job to ask for. */
  interrupted: { after: 'stop', next_if: 'on_unknown', code: 'interrupted', bills: 'perhaps' },
  outcome_unknown: { after: 'stop', next_if: 'on_unknown', code: 'outcome_unknown', bills: 'perhaps' },
} as const satisfies Record<string, OutcomeRow>;

export type FaultClass = keyof typeof outcomes;

export interface NextRule {
  readonly on_refusal?: 'stop' | 'next';
  readonly on_unknown?: 'stop' | 'next';
  readonly allow_fallbacks?: boolean;
}

/** True when another offer may be tried after this fault. */
export function mayTryNext(fault: FaultClass, rule: NextRule): boolean {
  if (rule.allow_fallbacks === false) return false;
  const row: OutcomeRow = outcomes[fault];
  return row.after === 'next' || (row.next_if !== undefined && rule[row.next_if] === 'next');
}

/** What goes on or may have cost something comes first, then what asking again cannot mend. */
const gravity: readonly FaultClass[] = [
  'outcome_unknown',
  'interrupted',
  'deadline',
  'empty_billed',
  'content_policy',
  'invalid_request',
  'offer_limit',
];

/** Of several calls of one generation that all failed, the one whose fault is told; the last of equals. */
export function gravest<T>(calls: readonly T[], faultOf: (call: T) => FaultClass): T | undefined {
  const found = gravity.find((fault) => calls.some((call) => faultOf(call) === fault));
  return found === undefined ? calls.at(-1) : calls.findLast((call) => faultOf(call) === found);
}

/** The error code of a generation without a picture: `told` is the fault of the call that speaks for it. */
export function finalCode(faults: readonly FaultClass[], told = faults.at(-1)): ErrorCode {
  if (told === undefined) return 'all_providers_failed';
  const row: OutcomeRow = outcomes[told];
  if (row.code !== null) return row.code;
  const allSaturated = faults.every((fault) => (outcomes[fault] as OutcomeRow).saturated === true);
  return allSaturated ? 'providers_saturated' : 'all_providers_failed';
}

/** Whether a provider bills us for one of these, or may: then nobody asks again unasked. */
export function mayHaveBilled(faults: readonly FaultClass[]): boolean {
  return faults.some((fault) => (outcomes[fault] as OutcomeRow).bills !== undefined);
}
