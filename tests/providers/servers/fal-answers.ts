/** What fal answers when it does not deliver: at the queue's door, or at the end of a job. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { Act } from './behaviours.ts';
import type { ActTable } from './kit.ts';
import type { Reply } from './wire.ts';

/** What a job ends as: said by its status, or only by its result. */
export interface Ending {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

export const detail = (status: number, text: string): Reply => ({ status, json: { detail: text } });

/** Errors of the queue and its machines: shape B of the documentation. */
function infrastructure(status: number, error_type: string, text: string, headers = {}): Reply {
  return { status, json: { detail: text, error_type }, headers: { 'x-fal-error-type': error_type, ...headers } };
}

/** Errors of the model: shape A. */
function modelError(status: number, type: string, msg: string, rest: JsonObject = {}): Ending {
  const retryable = String(status >= 500);
  const entry = { loc: ['body', 'prompt'], msg, type, url: `https://docs.fal.ai/errors/#${type}`, ...rest };
  return { status, body: { detail: [entry] }, headers: { 'x-fal-retryable': retryable, 'x-fal-billable-units': '0' } };
}

export const ran = (status: number, error_type: string, text: string, headers = {}): Ending => ({
  status,
  body: { detail: text, error_type },
  headers: { 'x-fal-error-type': error_type, ...headers },
});

export const acts: ActTable = {
  rate_limited: {
    concurrent_requests_limit: () => infrastructure(429, 'concurrent_requests_limit', 'Too many concurrent requests.'),
    queue_length: () => detail(429, 'The queue is longer than fal_max_queue_length.'),
    retry_after: () => ({ ...detail(429, 'Rate limit exceeded.'), headers: { 'retry-after': '2' } }),
  },
  auth: {
    '401': () => detail(401, 'Cannot access application. Authentication is required to access this application.'),
  },
  account: {
    locked: () =>
      detail(403, 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.'),
  },
  config: { no_app: () => detail(404, "Application 'seedream' not found") },
  unavailable: {
    internal_error: () => infrastructure(500, 'internal_error', 'Internal server error'),
    message: () => ({ status: 500, json: { error: { message: 'Internal server error' } } }),
  },
};

export const endings: { readonly [Kind in Act['kind']]?: Readonly<Record<string, Ending>> } = {
  refused_input: {
    content_policy_violation: modelError(
      422,
      'content_policy_violation',
      'The content could not be processed because it was flagged by a content checker.',
    ),
    image: modelError(
      422,
      'content_policy_violation',
      'The content could not be processed because it was flagged by a content checker.',
      { loc: ['body', 'image_urls'] },
    ),
  },
  refused_output: {
    content_policy_violation: modelError(
      422,
      'content_policy_violation',
      'The generated content was flagged by a content checker.',
      { loc: ['body'] },
    ),
    partner: modelError(422, 'content_policy_violation', 'The partner flagged the content.', {
      loc: ['body'],
      ctx: { extra_info: { reason: 'partner_validation_failed' } },
    }),
  },
  empty: { no_media_generated: modelError(422, 'no_media_generated', 'No media was generated.', { loc: ['body'] }) },
  invalid_request: {
    missing: modelError(422, 'missing', 'Field required'),
    image_load_error: modelError(422, 'image_load_error', 'Failed to load the image.', {
      loc: ['body', 'image_urls', 0],
    }),
    plain: { status: 422, body: { detail: 'Invalid input' }, headers: { 'x-fal-billable-units': '0' } },
    bad_request: ran(400, 'bad_request', 'Bad request'),
    pydantic: modelError(422, 'value_error.missing', 'field required'),
  },
  offer_limit: {
    image_too_small: modelError(422, 'image_too_small', 'Image dimensions are too small.', {
      loc: ['body', 'image_urls', 0],
      ctx: { min_height: 14, min_width: 14 },
    }),
    image_too_large: modelError(422, 'image_too_large', 'Image dimensions are too large.', {
      loc: ['body', 'image_urls', 0],
      ctx: { max_height: 6000, max_width: 6000 },
    }),
    file_too_large: modelError(422, 'file_too_large', 'File size exceeds the limit.', {
      loc: ['body', 'image_urls', 0],
      ctx: { max_size: 10_485_760 },
    }),
    unsupported_image_format: modelError(422, 'unsupported_image_format', 'The image format is not supported.', {
      loc: ['body', 'image_urls', 0],
      ctx: { supported_formats: ['jpeg', 'png'] },
    }),
  },
  overloaded: {
    runner_scheduling_failure: ran(503, 'runner_scheduling_failure', 'No runner available'),
    startup_timeout: ran(504, 'startup_timeout', 'Runner did not start in time'),
    request_timeout: ran(504, 'request_timeout', 'Request timed out'),
    request_timeout_user: ran(504, 'request_timeout', 'Request timed out', { 'x-fal-request-timeout-type': 'user' }),
  },
  unavailable: {
    runner_disconnected: ran(503, 'runner_disconnected', 'Runner disconnected'),
    runner_incomplete_response: ran(502, 'runner_incomplete_response', 'Runner closed the connection early'),
    runner_server_error: ran(500, 'runner_server_error', 'Runner error'),
    downstream_service_error: {
      ...modelError(400, 'downstream_service_error', 'Downstream service error', { loc: ['body'] }),
      headers: { 'x-fal-retryable': 'true' },
    },
    downstream_service_unavailable: modelError(
      500,
      'downstream_service_unavailable',
      'Downstream service unavailable',
      { loc: ['body'] },
    ),
    generation_timeout: modelError(504, 'generation_timeout', 'Generation timed out', { loc: ['body'] }),
    needs_retry: {
      ...modelError(500, 'internal_server_error', 'Internal server error', { loc: ['body'] }),
      headers: { 'x-fal-needs-retry': 'true' },
    },
  },
  error_in_200: { error_type: ran(200, 'runner_disconnected', 'Runner disconnected') },
  aborted: { client_cancelled: ran(499, 'client_cancelled', 'Request cancelled') },
};
