import type { Catalog } from '../core/catalog/catalog.ts';
import { GessoError } from '../core/errors.ts';
import { type FaultClass, finalCode, gravest, mayHaveBilled } from '../core/routing/outcomes.ts';
import type { CallsOutcome } from './calls.ts';

/** Said when a provider was at its limit and gave no time of its own. */
const RETRY_AFTER_DEFAULT_MS = 5_000;

/** The error of a generation that delivered nothing, in words that name who did what. */
export function failureOf(id: string, { faults, attempts }: CallsOutcome, catalog: Catalog): GessoError {
  const classes = attempts.map(({ error_class }) => error_class).filter((one): one is FaultClass => one !== null);
  const told = gravest(faults, ({ fault }) => fault.fault);
  const code = finalCode(classes, told?.fault.fault);
  const fault = told?.fault;
  const words = fault?.public_message ?? null;
  const name = catalog.providers.get(told?.provider ?? '')?.name ?? told?.provider ?? 'The provider';
  const options = {
    ...(fault?.param == null ? {} : { param: fault.param }),
    ...(code === 'providers_saturated' ? { retry_after_ms: soonest(faults) ?? RETRY_AFTER_DEFAULT_MS } : {}),
    ...(code === 'deadline_exceeded' || code === 'outcome_unknown' ? { generation_id: id } : {}),
    ...(mayHaveBilled(classes) ? { should_retry: false } : {}),
    cause: fault,
  };
  switch (code) {
    case 'content_policy_violation':
      return new GessoError(
        code,
        `${name} refused this request (${fault?.stage ?? 'unknown'} stage). ${words ?? ''}`.trim(),
        options,
      );
    case 'providers_saturated':
      return new GessoError(code, `Every provider of this model is at its limit just now. Try again shortly.`, options);
    case 'all_providers_failed': {
      const told = attempts.map(({ offer_id, error_class }) => `${offer_id}: ${error_class}`).join(', ');
      return new GessoError(code, `No provider delivered a picture (${told}). Nothing is charged.`, options);
    }
    case 'deadline_exceeded':
      return new GessoError(
        code,
        // Its own time is much longer than a caller's, who was told long before.
        words ?? `${name} was not ready when the time for this generation was up, and it was given up.`,
        options,
      );
    default:
      return new GessoError(code, words === null ? undefined : `${name}: ${words}`, options);
  }
}

/** Of those who said when to come back, the first who is ready. */
function soonest(faults: CallsOutcome['faults']): number | null {
  const waits = faults.map(({ fault }) => fault.retry_after_ms).filter((wait) => wait !== null);
  return waits.length === 0 ? null : Math.min(...waits);
}
