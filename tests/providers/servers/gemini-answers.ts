/** What Gemini answers when it does not deliver; most of it with status 200. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { ActTable } from './kit.ts';
import type { Reply, Wire } from './wire.ts';

export function googleError(code: number, status: string, message: string, details: readonly JsonObject[] = []): Reply {
  return { status: code, json: { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } } };
}

export const noKey = (): Reply =>
  googleError(
    403,
    'PERMISSION_DENIED',
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  );
export const badKey = (): Reply =>
  googleError(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
  ]);

const exhausted = (details: readonly JsonObject[]) => () =>
  googleError(
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details.',
    details,
  );
const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' };
const quotaFailure = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_requests', quotaId }],
});

export const usage = {
  promptTokenCount: 8,
  totalTokenCount: 8,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 8 }],
};
const answered = (rest: { readonly [key: string]: Wire }): Reply => ({
  status: 200,
  json: { ...rest, usageMetadata: usage, modelVersion: 'gemini-3-pro-image', responseId: 'response-without-picture' },
});
const blocked = (blockReason: string) => () => answered({ promptFeedback: { blockReason, safetyRatings: [] } });
const stopped = (finishReason: string) => () =>
  answered({ candidates: [{ finishReason, finishMessage: 'No image was generated.', index: 0 }] });
const byName = (names: readonly string[], make: (name: string) => () => Reply) =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

export const acts: ActTable = {
  refused_input: byName(['PROHIBITED_CONTENT', 'SAFETY', 'OTHER', 'BLOCKLIST', 'IMAGE_SAFETY'], blocked),
  refused_output: byName(
    [
      'IMAGE_SAFETY',
      'SAFETY',
      'PROHIBITED_CONTENT',
      'IMAGE_PROHIBITED_CONTENT',
      'BLOCKLIST',
      'SPII',
      'RECITATION',
      'IMAGE_RECITATION',
    ],
    stopped,
  ),
  empty: {
    ...byName(['NO_IMAGE', 'IMAGE_OTHER', 'OTHER', 'MAX_TOKENS'], stopped),
    text_only: () =>
      answered({
        candidates: [
          {
            content: { role: 'model', parts: [{ text: 'Here is what I would draw.' }] },
            finishReason: 'STOP',
            index: 0,
          },
        ],
      }),
    no_parts: () => answered({ candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }] }),
    no_candidates: () => answered({}),
  },
  rate_limited: {
    retry_info: exhausted([quotaFailure('GenerateRequestsPerMinutePerProjectPerModel'), retryInfo]),
    without_hint: exhausted([]),
  },
  overloaded: { '503': () => googleError(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.') },
  unavailable: {
    '500': () => googleError(500, 'INTERNAL', 'An internal error has occurred. Please retry.'),
    '504': () => googleError(504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'),
  },
  auth: {
    API_KEY_INVALID: badKey,
    unregistered: noKey,
    '401': () => googleError(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
  },
  account: {
    daily_quota: exhausted([quotaFailure('GenerateRequestsPerDayPerProjectPerModel')]),
    billing: () =>
      googleError(
        400,
        'FAILED_PRECONDITION',
        'User location is not supported for the API use without a billing account linked.',
      ),
    denied: () => googleError(403, 'PERMISSION_DENIED', 'The project has been denied access.'),
  },
  config: { no_model: () => modelNotFound('gemini-3-pro-image') },
  invalid_request: {
    invalid_argument: () =>
      googleError(
        400,
        'INVALID_ARGUMENT',
        'Unable to process input image. Please retry or report in https://developers.generativeai.google/guide/troubleshooting',
      ),
  },
  offer_limit: { too_many_images: () => googleError(400, 'INVALID_ARGUMENT', 'Too many images in the request.') },
  error_in_200: {
    error: () => ({
      status: 200,
      json: { error: { code: 500, message: 'Internal error encountered.', status: 'INTERNAL' } },
    }),
  },
};

export const modelNotFound = (model: string): Reply =>
  googleError(
    404,
    'NOT_FOUND',
    `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
  );
