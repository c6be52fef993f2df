/** What OpenAI answers when it does not deliver. */
import type { ActTable } from './kit.ts';
import type { Reply, Wire } from './wire.ts';

export function openaiError(
  status: number,
  message: string,
  type: string,
  param: string | null,
  code: string | null,
  rest: { readonly [key: string]: Wire } = {},
  headers = {},
): Reply {
  return { status, json: { error: { message, type, param, code, ...rest } }, headers };
}

export const unauthorized = (): Reply =>
  openaiError(
    401,
    'Incorrect API key provided: sk-****. You can find your API key at https://platform.openai.com/account/api-keys.',
    'invalid_request_error',
    null,
    'invalid_api_key',
  );

const blocked = (stage: string | null, categories: readonly string[]) => () =>
  openaiError(
    400,
    'Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID.',
    'image_generation_user_error',
    null,
    'moderation_blocked',
    stage === null ? {} : { moderation_details: { moderation_stage: stage, categories } },
  );

/** What goes wrong after the headers of a stream are out. */
const asEvent = (make: () => Reply) => (): Reply => {
  const { json } = make();
  return { status: 200, events: [{ event: 'error', data: { type: 'error', ...(json as { error: Wire }) } }] }; // As openaiError makes it.
};

const failed = (): Reply => openaiError(200, 'The server had an error.', 'server_error', null, null);

const rateLimit = (headers: Readonly<Record<string, string>>) => () =>
  openaiError(
    429,
    'Rate limit reached for gpt-image-2 on input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s.',
    'input-images',
    null,
    'rate_limit_exceeded',
    {},
    headers,
  );

export const acts: ActTable = {
  refused_input: { moderation_blocked: blocked('input', ['violence']), without_details: blocked(null, []) },
  refused_output: {
    moderation_blocked: blocked('output', ['sexual']),
    unknown_stage: blocked('unknown', []),
    event: asEvent(blocked('output', ['sexual'])),
  },
  rate_limited: {
    retry_after: rateLimit({
      'retry-after': '12',
      'x-ratelimit-limit-requests': '5',
      'x-ratelimit-remaining-requests': '0',
    }),
    retry_after_ms: rateLimit({ 'retry-after-ms': '1500' }),
    without_hint: rateLimit({}),
  },
  overloaded: {
    '503': () =>
      openaiError(503, 'The engine is currently overloaded, please try again later', 'server_error', null, null),
  },
  unavailable: {
    '500': () => openaiError(500, 'The server had an error while processing your request.', 'server_error', null, null),
    '502': () => ({ status: 502, body: '' }),
  },
  auth: { invalid_api_key: unauthorized },
  account: {
    insufficient_quota: () =>
      openaiError(
        429,
        'You exceeded your current quota, please check your plan and billing details.',
        'insufficient_quota',
        null,
        'insufficient_quota',
      ),
    not_verified: () =>
      openaiError(
        403,
        'Your organization must be verified to use the model `gpt-image-2`.',
        'invalid_request_error',
        null,
        null,
      ),
    region: () =>
      openaiError(
        403,
        'Country, region, or territory not supported',
        'request_forbidden',
        null,
        'unsupported_country_region_territory',
      ),
  },
  config: {
    model_not_found: () =>
      openaiError(
        404,
        'The model `gpt-image-2` does not exist or you do not have access to it.',
        'invalid_request_error',
        null,
        'model_not_found',
      ),
  },
  invalid_request: {
    invalid_value: () =>
      openaiError(400, "Invalid value: 'huge'.", 'invalid_request_error', 'quality', 'invalid_value'),
    invalid_image_file: () =>
      openaiError(
        400,
        'Invalid image file or mode for image 1, please check your image file.',
        'image_generation_user_error',
        'image',
        'invalid_image_file',
      ),
  },
  offer_limit: {
    transparent: () => opaqueOnly(),
  },
  error_in_200: { error: failed, event: asEvent(failed) },
};

export const opaqueOnly = (): Reply =>
  openaiError(
    400,
    'Transparent background is not supported for this model.',
    'image_generation_user_error',
    'background',
    'invalid_value',
  );
