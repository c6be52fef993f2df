import { GessoError } from '../../core/errors.ts';
import type { S3Access } from './connect-s3.ts';

/** What the SDK throws, as far as it is looked at. */
interface SdkError extends Error {
  readonly code?: string;
  readonly Code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** A fault that the operator can mend: a sentence that says what to do, printed without a stack. Clients never see it. */
export class MediaStoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MediaStoreError';
  }
}

const statusOf = (error: unknown): number | undefined => (error as SdkError).$metadata?.httpStatusCode; // absent on others
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));
const codeOf = (error: unknown): string => String((error as SdkError).code ?? (error as SdkError).Code ?? ''); // absent on others

export function isMissing(error: unknown): boolean {
  const name = nameOf(error);
  return name === 'NoSuchKey' || name === 'NotFound' || (statusOf(error) === 404 && name !== 'NoSuchBucket');
}

/** Of the moment: the same may go well in a while. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined && status >= 500) return true;
  // 409: others are at the same key; S3 asks for another try.
  if (status === 429 || status === 409 || passingNames.has(nameOf(error))) return true;
  return passingCodes.has(codeOf(error)) || codeOf(error).startsWith('ERR_STREAM');
}

const passingNames: ReadonlySet<string> = new Set([
  'SlowDown',
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'AbortError',
]);
const passingCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

const RETRY_AFTER_MS = 5_000;

/** What a caller is told: nothing of the bucket. */
export function publicFault(error: unknown): GessoError {
  if (!isPassing(error)) return new GessoError('internal_error', undefined, { cause: error });
  const message = 'Pictures cannot be stored or read just now. Send it again in a moment.';
  return new GessoError('overloaded', message, { retry_after_ms: RETRY_AFTER_MS, cause: error });
}

/** What the operator is told. `doing` completes "S3: cannot …". */
export function operatorSentence(error: unknown, doing: string, access: S3Access): string {
  const where = `the bucket "${access.bucket}" at ${access.endpoint ?? 'Amazon S3'}`;
  const said =
    error instanceof Error && error.message !== '' && error.message !== 'UnknownError' ? error.message : null;
  const known = advice[nameOf(error)] ?? advice[codeOf(error)] ?? adviceByStatus[statusOf(error) ?? 0];
  const row = known ?? (said?.includes('Region') === true ? wrongRegion : undefined);
  const reason = [nameOf(error), codeOf(error) === nameOf(error) ? '' : codeOf(error), said]
    .filter((part) => part !== null && part !== '' && part !== 'Error')
    .join(', ');
  return `S3: cannot ${doing} in ${where} (${reason}). ${row ?? 'docs/operations/media-on-s3.md has the settings.'}`;
}

const wrongKey = 'Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or the role that this machine runs under.';
const noBucket = 'Make the bucket, or mend S3_BUCKET (and S3_FORCE_PATH_STYLE, where the host name is not found).';
const denied =
  'The key must be allowed s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket: docs/operations/media-on-s3.md has the policy.';
const wrongHost = 'Check S3_ENDPOINT, and whether this machine reaches it.';
const wrongRegion = 'Set S3_REGION to the region of the bucket.';

const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: noBucket,
  AccessDenied: denied,
  Forbidden: denied,
  InvalidAccessKeyId: wrongKey,
  SignatureDoesNotMatch: `${wrongKey} The secret does not belong to the key, or something between changes requests.`,
  CredentialsProviderError: 'Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or give this machine a role.',
  ExpiredToken: 'S3_SESSION_TOKEN has run out: set new keys, or use keys that last.',
  RequestTimeTooSkewed: 'Set the clock of this machine.',
  PermanentRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  ENOTFOUND: wrongHost,
  ECONNREFUSED: wrongHost,
  ETIMEDOUT: wrongHost,
  EHOSTUNREACH: wrongHost,
  TimeoutError: wrongHost,
  SlowDown: 'It asks for fewer requests: spread them over more prefixes or processes, or ask its operator.',
};

const adviceByStatus: Readonly<Record<number, string>> = { 301: wrongRegion, 403: denied, 404: noBucket };
