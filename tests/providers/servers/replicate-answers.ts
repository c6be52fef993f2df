/** What Replicate answers when it does not deliver: at once, or as the `error` of a prediction. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { Act } from './behaviours.ts';
import type { ActTable } from './kit.ts';
import type { Reply } from './wire.ts';

export function problem(status: number, title: string, detail: string, rest: JsonObject = {}, headers = {}): Reply {
  return {
    status,
    json: { detail, status, title, ...rest },
    headers: { 'content-type': 'application/problem+json', ...headers },
  };
}

export const unauthorized = (): Reply =>
  problem(401, 'Unauthenticated', 'You did not pass a valid authentication token');

const throttled = (detail: string, retry_after: number) => () =>
  problem(429, 'Too Many Requests', detail, { retry_after }, { 'retry-after': String(retry_after) });

/** Faults of the input, by their places. */
export function invalidInput(invalid_fields: readonly { type: string; field: string; description: string }[]): Reply {
  const detail = invalid_fields.map(({ field, description }) => `- ${field}: ${description}\n`).join('');
  return problem(422, 'Input validation failed', detail, { invalid_fields });
}

export const acts: ActTable = {
  rate_limited: {
    throttled: throttled('Request was throttled. Your rate limit resets in ~30s.', 10),
    without_hint: () => problem(429, 'Too Many Requests', 'Request was throttled. Your rate limit resets in ~30s.'),
  },
  auth: { '401': unauthorized },
  account: {
    insufficient_credit: () =>
      problem(
        402,
        'Insufficient credit',
        'You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit.',
      ),
    low_credit: throttled(
      'Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per minute with a burst of 1 requests while you have less than $5.0 in credit. Your rate limit resets in ~10s.',
      10,
    ),
    no_payment_method: throttled(
      'Request was throttled. Your rate limit for creating predictions is reduced to 6 requests per minute until you add a payment method. Your rate limit resets in ~10s.',
      10,
    ),
  },
  config: { no_official_model: () => problem(404, 'Not found', 'The requested resource could not be found.') },
  invalid_request: {
    enum: () =>
      invalidInput([{ type: 'enum', field: 'input.size', description: 'size must be one of 1K, 2K, 4K, custom' }]),
    invalid_version: () =>
      problem(
        422,
        'Invalid version or not permitted',
        'The specified version does not exist (or perhaps you do not have permission to use it?)',
      ),
  },
  unavailable: {
    '500': () => problem(500, 'Internal server error', 'An unexpected error occurred.'),
    html: () => ({
      status: 503,
      headers: { 'content-type': 'text/html' },
      body: '<html><body>503 Service Unavailable</body></html>',
    }),
  },
};

const ark = (code: string, message: string): string =>
  JSON.stringify({
    model: 'seedream-4-0-250828',
    created: 1758844499,
    error: { code, message: `${message} Request id: 0217588444990000`, param: '', type: 'BadRequest' },
  });
const flagged = 'The input or output was flagged as sensitive. Please try again with different inputs. (E005)';

/** The `error` of predictions that fail. */
export const endings: { readonly [Kind in Act['kind']]?: Readonly<Record<string, string>> } = {
  refused_input: {
    E005: flagged,
    ark_json: ark(
      'InputTextSensitiveContentDetected',
      'The request failed because the input text may contain sensitive information.',
    ),
  },
  refused_output: {
    E005: flagged,
    E005_with_id: `${flagged} (h3k9x0)`,
    ark_json: ark(
      'OutputImageSensitiveContentDetected',
      'The request failed because the output image may contain sensitive information.',
    ),
  },
  overloaded: { ark_json: ark('ServerOverloaded', 'The service is currently unable to handle additional requests.') },
  unavailable: {
    E1000: 'Prediction failed: unknown error (E1000)',
    E1001: 'ModelError: Prediction failed: out of memory (E1001)',
    E6716: 'Prediction failed: timeout starting prediction (E6716)',
    ark_json: ark('InternalServiceError', 'The service encountered an unexpected error.'),
  },
  error_in_200: { failed: 'Prediction failed for an unknown reason. It might have run out of memory? (E1000)' },
  invalid_request: {
    ark_json: ark('InvalidParameter', 'The parameter `prompt` specified in the request is not valid.'),
  },
  offer_limit: {
    ark_ratio: ark(
      'InvalidParameter',
      'expected the aspect ratio to be between 0.33 and 3.00, but received image with aspect ratio: 3.45 instead',
    ),
  },
};
