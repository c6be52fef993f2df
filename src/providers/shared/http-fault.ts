/** From what a provider answered to the class that routing reads. Each adapter says what is special about its provider. */
import type { ProviderResponse } from '../../contracts/provider.ts';
import type { FaultClass } from '../../core/routing/outcomes.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';

/** A failed answer, read as far as it could be. */
export interface Problem {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; null where there was none (a proxy's page, a cut body). */
  readonly body: unknown;
}

/** What an adapter found out about a problem; what it leaves out follows from the status and the headers. */
export interface Finding {
  readonly fault?: FaultClass;
  /** The provider's own word for it. */
  readonly code?: string | undefined;
  /** The provider's own sentence: shown to the caller for refusals and bad values alone. */
  readonly text?: string | undefined;
  readonly stage?: 'input' | 'output' | 'unknown';
  readonly retry_after_ms?: number | undefined;
}

/** The JSON of an answer that went well; for any other throws what `find` makes of it. */
export async function readAnswer(
  provider: string,
  response: ProviderResponse,
  find: (problem: Problem) => Finding,
): Promise<unknown> {
  if (response.status >= 200 && response.status < 300) return response.json();
  const problem = await readProblem(response);
  throw toFault(provider, problem, find(problem));
}

/** The status alone says that it failed: a body that cannot be read takes nothing away from that. */
export async function readProblem(response: ProviderResponse): Promise<Problem> {
  const body = await response.json().catch((error: unknown) => {
    if (error instanceof ProviderFault) return null;
    throw error;
  });
  return { status: response.status, headers: response.headers, body };
}

export function toFault(provider: string, { status, headers }: Omit<Problem, 'body'>, finding: Finding): ProviderFault {
  const fault = finding.fault ?? faultOfStatus(status);
  const said = [finding.code, finding.text].filter(Boolean).join(': ');
  const shown = publicText(fault, finding.text);
  const retry_after_ms = finding.retry_after_ms ?? retryAfter(headers);
  return new ProviderFault(fault, `${provider} answered ${status}${said === '' ? '' : ` (${said.slice(0, 1000)})`}`, {
    ...(shown === null ? {} : { public_message: shown }),
    ...(finding.stage === undefined ? {} : { stage: finding.stage }),
    ...(retry_after_ms === null ? {} : { retry_after_ms }),
  });
}

const byStatus: Readonly<Record<number, FaultClass>> = {
  400: 'invalid_request',
  401: 'auth',
  402: 'account',
  403: 'auth',
  404: 'config',
  405: 'config',
  408: 'unavailable',
  410: 'config',
  413: 'offer_limit',
  415: 'offer_limit',
  422: 'invalid_request',
  425: 'rate_limited',
  429: 'rate_limited',
  503: 'unavailable',
  529: 'overloaded',
};

/** What a status means where the provider says nothing else. */
export function faultOfStatus(status: number): FaultClass {
  return byStatus[status] ?? (status >= 500 ? 'server_error' : status >= 400 ? 'invalid_request' : 'config');
}

/** Milliseconds that the provider asks us to wait; null where it does not (RFC 9110, 10.2.3: seconds or a date). */
export function retryAfter(
  headers: Readonly<Record<string, string>>,
  now = Date.parse(headers.date ?? ''),
): number | null {
  const ms = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && ms >= 0) return ms;
  const text = headers['retry-after']?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  const until = Date.parse(text);
  return Number.isNaN(until) || Number.isNaN(now) ? null : Math.max(0, until - now);
}

const shownFaults: ReadonlySet<FaultClass> = new Set(['content_policy', 'invalid_request', 'offer_limit']);
/** These speak of the operator's account, which is nobody else's business; users have bought credit for nothing after reading them. */
const OPERATORS_OWN =
  /\b(api[ _-]?key|credits?|billing|balance|payment|funds|top[ -]?up|spending|subscription|quota|account|organi[sz]ation)\b/i;
const TEXT_CHARACTERS_MAX = 500;

/** A provider's words as a caller may see them; null where they may not be seen. */
function publicText(fault: FaultClass, text: string | undefined): string | null {
  if (text === undefined || text.trim() === '' || !shownFaults.has(fault) || OPERATORS_OWN.test(text)) return null;
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, TEXT_CHARACTERS_MAX);
}
