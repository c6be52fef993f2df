/** What ModelArk answers when it does not deliver, code by code. */
import type { ActTable } from './kit.ts';
import type { Reply, Wire } from './wire.ts';

const types: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

export function arkError(status: number, code: string, message: string, param = ''): Reply {
  const text = `${message} Request id: 02175884449900000000000000000000ffff`;
  return { status, json: { error: { code, message: text, param, type: types[status] ?? 'BadRequest' } } };
}

export const unauthorized = (): Reply => ({
  ...arkError(401, 'AuthenticationError', 'The API key in the request is missing or invalid.'),
  headers: { 'x-error-code': 'AuthN_MissOrInvalidAuthorizationHeader' },
});

const refusal = (code: string, what: string) => () =>
  arkError(400, code, `The request failed because the ${what} may contain sensitive information.`);
const limited = (code: string, message: string) => () => arkError(429, code, message);
const byCode = (status: number, ...rows: readonly (readonly [string, string])[]) =>
  Object.fromEntries(rows.map(([code, message]) => [code, () => arkError(status, code, message)]));

const internal = { code: 'InternalServiceError', message: 'The service encountered an unexpected error.' };

export const acts: ActTable = {
  refused_input: {
    InputTextSensitiveContentDetected: refusal('InputTextSensitiveContentDetected', 'input text'),
    InputImageSensitiveContentDetected: refusal('InputImageSensitiveContentDetected', 'input image'),
    'InputTextSensitiveContentDetected.PolicyViolation': refusal(
      'InputTextSensitiveContentDetected.PolicyViolation',
      'input text',
    ),
    'InputImageSensitiveContentDetected.PrivacyInformation': refusal(
      'InputImageSensitiveContentDetected.PrivacyInformation',
      'input image',
    ),
    'SensitiveContentDetected.SevereViolation': refusal('SensitiveContentDetected.SevereViolation', 'input text'),
    InputTextRiskDetection: refusal('InputTextRiskDetection', 'input text'),
    InputImageRiskDetection: refusal('InputImageRiskDetection', 'input image'),
  },
  refused_output: {
    OutputImageSensitiveContentDetected: refusal('OutputImageSensitiveContentDetected', 'output image'),
    OutputImageRiskDetection: refusal('OutputImageRiskDetection', 'output image'),
    in_200: () =>
      noPicture('OutputImageSensitiveContentDetected', 'The output image may contain sensitive information.'),
    elements: () => noPicture(null, '', [elementError('OutputImageSensitiveContentDetected')]),
  },
  rate_limited: {
    ModelAccountIpmRateLimitExceeded: limited('ModelAccountIpmRateLimitExceeded', 'Images per minute exceeded.'),
    ...byCode(
      429,
      ['AccountRateLimitExceeded', 'The request has exceeded the rate limit of the account.'],
      ['RequestBurstTooFast', 'The request rate grew too fast.'],
      ['RateLimitExceeded.EndpointRPMExceeded', 'Requests per minute of the endpoint exceeded.'],
    ),
    retry_after: () => ({
      ...arkError(429, 'ModelAccountRpmRateLimitExceeded', 'Requests per minute exceeded.'),
      headers: { 'retry-after': '5' },
    }),
  },
  overloaded: {
    ServerOverloaded: limited('ServerOverloaded', 'The service is currently unable to handle additional requests.'),
    ServerOverloaded_503: () => arkError(503, 'ServerOverloaded', 'The service is overloaded.'),
    InflightBatchsizeExceeded: limited('InflightBatchsizeExceeded', 'Too many requests in flight.'),
  },
  unavailable: {
    InternalServiceError: () => arkError(500, 'InternalServiceError', 'The service encountered an unexpected error.'),
    empty_body: () => ({ status: 502, body: '' }),
    'InvalidEndpoint.ClosedEndpoint': () =>
      arkError(400, 'InvalidEndpoint.ClosedEndpoint', 'The endpoint is closed or temporarily unavailable.'),
    ContentSecurityDetectionError: () =>
      arkError(400, 'ContentSecurityDetectionError', 'The content security check failed.'),
  },
  auth: {
    AuthenticationError: unauthorized,
    InvalidAccountStatus: () => arkError(401, 'InvalidAccountStatus', 'The account is not in a valid state.'),
  },
  account: {
    AccountOverdueError: () => arkError(403, 'AccountOverdueError', 'The account has an overdue balance.'),
    ...byCode(
      403,
      ['AccessDenied', 'You have no access to the resource.'],
      ['OperationDenied.ServiceOverdue', 'The service is overdue.'],
    ),
    QuotaExceeded: limited('QuotaExceeded', 'The free trial quota has been used up.'),
    SetLimitExceeded: limited(
      'SetLimitExceeded',
      'The limit set in Safe Experience Mode is reached; the model is paused.',
    ),
  },
  config: {
    ModelNotOpen: () => arkError(404, 'ModelNotOpen', 'Your account has not activated the model.'),
    ...byCode(
      404,
      ['InvalidEndpointOrModel.NotFound', 'The model or endpoint does not exist or you do not have access to it.'],
      ['InvalidEndpointOrModel.ModelIDAccessDisabled', 'Use an endpoint id instead of the model id.'],
      ['UnsupportedModel', 'The model is not supported by this plan.'],
    ),
    'OperationDenied.ServiceNotOpen': () => arkError(403, 'OperationDenied.ServiceNotOpen', 'The service is not open.'),
  },
  invalid_request: {
    InvalidParameter: () =>
      arkError(400, 'InvalidParameter', 'The parameter `prompt` specified in the request is not valid.', 'prompt'),
    MissingParameter: () => arkError(400, 'MissingParameter.prompt', 'The parameter `prompt` is required.', 'prompt'),
    InvalidImageURL: () => arkError(400, 'InvalidImageURL.InvalidFormat', 'The image could not be read.', 'image'),
  },
  offer_limit: {
    reference_ratio: () => arkError(400, 'InvalidParameter', ratioMessage('3.45', '0.33', '3.00'), 'image'),
    size: () => arkError(400, 'InvalidParameter', 'image size must be at least 921600 pixels', 'size'),
    OversizedImage: () => arkError(400, 'InvalidParameter.OversizedImage', 'The image is too large.', 'image'),
  },
  error_in_200: {
    InternalServiceError: () => noPicture(internal.code, internal.message),
    stream_error: ({ body }) =>
      body?.stream === true
        ? { status: 200, events: [{ event: 'error', data: { type: 'error', error: internal } }, { data: '[DONE]' }] }
        : noPicture(internal.code, internal.message),
    unknown_elements: () => noPicture(null, '', [{ imagecontent: [{ text: 'nothing that is known' }] }]),
  },
};

export const ratioMessage = (ratio: string, from: string, to: string): string =>
  `expected the aspect ratio to be between ${from} and ${to}, but received image with aspect ratio: ${ratio} instead`;

function noPicture(code: string | null, message: string, data: readonly Wire[] = []): Reply {
  const usage = { generated_images: 0, output_tokens: 0, total_tokens: 0 };
  const error = code === null ? {} : { error: { code, message } };
  return { status: 200, json: { model: 'seedream-4-0-250828', created: 1754000000, data, usage, ...error } };
}

export const elementError = (code: string) => ({
  error: { code, message: 'The request failed because the output image may contain sensitive information.' },
});
