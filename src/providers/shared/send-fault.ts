import type { FaultClass } from '../../core/routing/outcomes.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';
import { FetchFault, type FetchFaultKind } from '../../net/fetch-fault.ts';

/** A wrong address or header is the operator's to mend, and another try meets it again. */
const misconfigured: ReadonlySet<FetchFaultKind> = new Set(['bad_url', 'bad_request', 'redirected']);

/** What no whole answer means: certain that nothing was sent, or not, and whether that may cost. Other errors stay themselves. */
export function sendFault(error: unknown, provider: string, may_bill: boolean): unknown {
  if (!(error instanceof FetchFault)) return error;
  return new ProviderFault(faultOf(error, may_bill), `${provider}: ${error.message}`, { cause: error });
}

function faultOf({ kind, sent }: FetchFault, may_bill: boolean): FaultClass {
  if (misconfigured.has(kind)) return 'config';
  if (!sent) return 'unreachable';
  return may_bill ? 'outcome_unknown' : 'unavailable';
}
