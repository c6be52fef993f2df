/** Ark's error codes, which Replicate hands through as well. Codes are dotted: a row means the code and all below it. */
import { z } from 'zod';
import type { FaultClass } from '../../core/routing/outcomes.ts';
import type { Finding } from './http-fault.ts';

export const arkErrorSchema = z.object({ code: z.string().default(''), message: z.string().default('') });

export type ArkError = z.infer<typeof arkErrorSchema>;

/** Read from the top; the first that fits holds. Source: docs.byteplus.com/en/docs/ModelArk/1299023, read 2026-09-18. */
const rows: readonly (readonly [RegExp, FaultClass])[] = [
  [/^ContentSecurityDetectionError/, 'unavailable'], // The checker failed, not the content.
  [/Sensitive|RiskDetection/, 'content_policy'],
  [/^InvalidEndpoint\.ClosedEndpoint/, 'unavailable'],
  [/^InvalidParameter\.(OversizedImage|UnsupportedImageFormat)/, 'offer_limit'],
  [/^(MissingParameter|InvalidParameter|InvalidArgumentError|InvalidImageURL|OutofContextError)/, 'invalid_request'],
  [/^(AuthenticationError|InvalidAccountStatus)/, 'auth'],
  [/^OperationDenied\.ServiceNotOpen/, 'config'],
  [/^(AccountOverdueError|AccessDenied|PermissionDenied|OperationDenied)/, 'account'],
  [/^(InvalidEndpointOrModel|ModelNotOpen|UnsupportedModel|NotFound)/, 'config'],
  [/^(QuotaExceeded|SetLimitExceeded)/, 'account'], // A trial or a cap is used up: waiting does not help.
  [/^(ServerOverloaded|InflightBatchsizeExceeded)/, 'overloaded'],
  [/RateLimitExceeded|^RequestBurstTooFast/, 'rate_limited'],
  [/^InternalServiceError/, 'unavailable'],
];

/** Limits of this offer's own pictures and sizes, which another offer of the model may not have. */
const OWN_LIMIT = /aspect ratio|image size must be|at most \d+ (bytes|pixels|images)|greater than \d+ pixels/i;
/** Only of use to the provider's support; the log has it. */
const REQUEST_ID = /\s*Request id: \w+\.?/i;

/** What an Ark error means; leaves the class to the status where the code is not known. */
export function findArkFault({ code, message }: ArkError): Finding {
  const row = rows.find(([pattern]) => pattern.test(code))?.[1];
  const fault = row === 'invalid_request' && OWN_LIMIT.test(message) ? 'offer_limit' : row;
  return {
    ...(fault === undefined ? {} : { fault }),
    code,
    text: message.replace(REQUEST_ID, ''),
    ...(fault === 'content_policy' ? { stage: stageOf(code) } : {}),
  };
}

function stageOf(code: string): 'input' | 'output' | 'unknown' {
  if (code.startsWith('Input')) return 'input';
  return code.startsWith('Output') ? 'output' : 'unknown';
}
