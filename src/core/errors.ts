/**
 * The one error table: it drives statuses, public texts, the pages under docs/errors and the tests.
 * Internal text never reaches a client: only `message` of a GessoError does.
 */
export interface ErrorRow {
  readonly status: number;
  readonly type: string;
  /** Shown on the error's page and when a thrower gives no message of its own. */
  readonly title: string;
  /** What an SDK is told about repeating the call on its own; absent = its own rule for the status. */
  readonly should_retry?: boolean;
}

export const errorTable = {
  invalid_value: { status: 400, type: 'invalid_request_error', title: 'A value is not acceptable.' },
  missing_required_parameter: { status: 400, type: 'invalid_request_error', title: 'A required parameter is missing.' },
  unknown_parameter: { status: 400, type: 'invalid_request_error', title: 'A parameter is not known.' },
  invalid_json: { status: 400, type: 'invalid_request_error', title: 'The body is not valid JSON.' },
  invalid_multipart: { status: 400, type: 'invalid_request_error', title: 'The multipart body cannot be read.' },
  invalid_image: { status: 400, type: 'invalid_request_error', title: 'A file is not a picture that can be read.' },
  invalid_image_url: {
    status: 400,
    type: 'invalid_request_error',
    title: 'A picture could not be fetched from its URL.',
  },
  unsupported_size: { status: 400, type: 'invalid_request_error', title: 'No offer of the model makes this size.' },
  unsupported_mode: { status: 400, type: 'invalid_request_error', title: 'The model cannot do this kind of request.' },
  too_many_images: { status: 400, type: 'invalid_request_error', title: 'More pictures than the model takes.' },
  content_policy_violation: {
    status: 400,
    type: 'invalid_request_error',
    title: 'The provider refused the request for its content.',
    should_retry: false,
  },
  invalid_api_key: { status: 401, type: 'authentication_error', title: 'The API key is missing or not valid.' },
  invalid_signature: { status: 401, type: 'authentication_error', title: 'The signature is not valid.' },
  insufficient_credits: {
    status: 402,
    type: 'insufficient_credits',
    title: 'The wallet does not hold enough.',
    should_retry: false,
  },
  budget_exceeded: {
    status: 402,
    type: 'insufficient_credits',
    title: 'A budget does not allow this request.',
    should_retry: false,
  },
  model_not_allowed: { status: 403, type: 'permission_error', title: 'This key may not use this model.' },
  scope_exceeded: { status: 403, type: 'permission_error', title: 'This key may not do this.' },
  model_not_found: { status: 404, type: 'not_found', title: 'There is no such model.' },
  not_found: { status: 404, type: 'not_found', title: 'There is nothing here.' },
  unknown_url: { status: 404, type: 'not_found', title: 'There is no such endpoint.' },
  method_not_allowed: { status: 405, type: 'invalid_request_error', title: 'The endpoint does not take this method.' },
  request_timeout: { status: 408, type: 'invalid_request_error', title: 'The request did not arrive in time.' },
  request_in_progress: { status: 409, type: 'conflict_error', title: 'The same request is still running.' },
  payload_too_large: { status: 413, type: 'invalid_request_error', title: 'The body is too large.' },
  unsupported_content_type: {
    status: 415,
    type: 'invalid_request_error',
    title: 'The body has a type that is not taken.',
  },
  canceled: { status: 409, type: 'conflict_error', title: 'It was canceled.', should_retry: false },
  batch_expired: {
    status: 409,
    type: 'conflict_error',
    title: 'The batch ran out of its time.',
    should_retry: false,
  },
  idempotency_conflict: {
    status: 422,
    type: 'invalid_request_error',
    title: 'The idempotency key was used with another body.',
  },
  headers_too_large: { status: 431, type: 'invalid_request_error', title: 'The headers are too large.' },
  rate_limited: { status: 429, type: 'rate_limit_error', title: 'Too many requests.' },
  internal_error: { status: 500, type: 'server_error', title: 'Something failed on our side.' },
  all_providers_failed: { status: 500, type: 'server_error', title: 'Every provider that could do it failed.' },
  interrupted: {
    status: 500,
    type: 'server_error',
    title: 'The server stopped while a provider was at work.',
    should_retry: false,
  },
  no_provider_configured: {
    status: 503,
    type: 'service_unavailable',
    title: 'No provider of this model has a key.',
    should_retry: false,
  },
  providers_saturated: { status: 503, type: 'service_unavailable', title: 'Every provider is at its limit.' },
  overloaded: { status: 503, type: 'service_unavailable', title: 'The server is at its limit.' },
  shutting_down: { status: 503, type: 'service_unavailable', title: 'The server is shutting down.' },
  deadline_exceeded: {
    status: 504,
    type: 'server_error',
    title: 'The picture was not ready in time; the work goes on.',
    should_retry: false,
  },
  outcome_unknown: {
    status: 504,
    type: 'server_error',
    title: 'The provider gave no answer, so the outcome is not known.',
    should_retry: false,
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorDetail {
  /** Where the fault is, e.g. `size`, `images[2]`, `input.prompt`. */
  readonly param: string;
  /** What is wrong, as a sentence. */
  readonly message: string;
  /** What would be right, as a sentence. */
  readonly fix?: string;
}

export interface GessoErrorOptions {
  readonly param?: string;
  /** Every fault at once, when there is more than one. */
  readonly details?: readonly ErrorDetail[];
  readonly retry_after_ms?: number;
  /** The generation that the client can fetch, on 409 and 504. */
  readonly generation_id?: string;
  /** Over the table's: false where the call may have cost something. */
  readonly should_retry?: boolean;
  readonly cause?: unknown;
}

/** The only error whose message a client ever sees. Anything else is rendered as `internal_error`. */
export class GessoError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly details: readonly ErrorDetail[];
  readonly retry_after_ms: number | null;
  readonly generation_id: string | null;
  readonly should_retry: boolean | null;

  constructor(code: ErrorCode, message?: string, options: GessoErrorOptions = {}) {
    super(message ?? errorTable[code].title, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GessoError';
    this.code = code;
    const row: ErrorRow = errorTable[code];
    this.param = options.param ?? null;
    this.details = options.details ?? [];
    this.retry_after_ms = options.retry_after_ms ?? null;
    this.generation_id = options.generation_id ?? null;
    this.should_retry = options.should_retry ?? row.should_retry ?? null;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}
