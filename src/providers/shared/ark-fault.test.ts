import { describe, expect, it } from 'vitest';
import { findArkFault } from './ark-fault.ts';

describe('findArkFault', () => {
  it.each([
    ['MissingParameter', 'invalid_request'],
    ['MissingParameter.prompt', 'invalid_request'],
    ['InvalidParameter', 'invalid_request'],
    ['InvalidParameter.size', 'invalid_request'],
    ['InvalidArgumentError', 'invalid_request'],
    ['InvalidImageURL', 'invalid_request'],
    ['InvalidImageURL.InvalidFormat', 'invalid_request'],
    ['OutofContextError', 'invalid_request'],
    ['InvalidParameter.OversizedImage', 'offer_limit'],
    ['InvalidParameter.UnsupportedImageFormat', 'offer_limit'],
    ['InvalidEndpoint.ClosedEndpoint', 'unavailable'],
    ['SensitiveContentDetected', 'content_policy'],
    ['SensitiveContentDetected.SevereViolation', 'content_policy'],
    ['SensitiveContentDetected.Violence', 'content_policy'],
    ['InputTextSensitiveContentDetected', 'content_policy'],
    ['InputTextSensitiveContentDetected.PolicyViolation', 'content_policy'],
    ['InputImageSensitiveContentDetected', 'content_policy'],
    ['InputImageSensitiveContentDetected.PrivacyInformation', 'content_policy'],
    ['InputImageSensitiveContentDetected.DeepFake', 'content_policy'],
    ['OutputImageSensitiveContentDetected', 'content_policy'],
    ['OutputTextSensitiveContentDetected', 'content_policy'],
    ['InputTextRiskDetection', 'content_policy'],
    ['InputImageRiskDetection', 'content_policy'],
    ['OutputImageRiskDetection', 'content_policy'],
    ['OutputTextRiskDetection', 'content_policy'],
    ['ContentSecurityDetectionError', 'unavailable'],
    ['AuthenticationError', 'auth'],
    ['InvalidAccountStatus', 'auth'],
    ['AccountOverdueError', 'account'],
    ['AccessDenied', 'account'],
    ['PermissionDenied', 'account'],
    ['OperationDenied.ServiceOverdue', 'account'],
    ['OperationDenied.ServiceNotOpen', 'config'],
    ['InvalidEndpointOrModel.NotFound', 'config'],
    ['InvalidEndpointOrModel.ModelIDAccessDisabled', 'config'],
    ['ModelNotOpen', 'config'],
    ['UnsupportedModel', 'config'],
    ['NotFound.Endpoint', 'config'],
    ['ModelAccountIpmRateLimitExceeded', 'rate_limited'],
    ['ModelAccountRpmRateLimitExceeded', 'rate_limited'],
    ['ModelAccountTpmRateLimitExceeded', 'rate_limited'],
    ['APIAccountRpmRateLimitExceeded', 'rate_limited'],
    ['AccountRateLimitExceeded', 'rate_limited'],
    ['RateLimitExceeded.EndpointRPMExceeded', 'rate_limited'],
    ['RateLimitExceeded.EndpointTPMExceeded', 'rate_limited'],
    ['RequestBurstTooFast', 'rate_limited'],
    ['InflightBatchsizeExceeded', 'overloaded'],
    ['ServerOverloaded', 'overloaded'],
    ['QuotaExceeded', 'account'],
    ['SetLimitExceeded', 'account'],
    ['InternalServiceError', 'unavailable'],
    ['SomethingNew', undefined],
  ])('%s is %s', (code, fault) => {
    expect(findArkFault({ code, message: 'words' }).fault).toBe(fault);
  });

  it.each([
    [
      'expected the aspect ratio to be between 0.33 and 3.00, but received image with aspect ratio: 3.45 instead',
      'offer_limit',
    ],
    ['image size must be at least 921600 pixels', 'offer_limit'],
    ['The parameter `prompt` specified in the request is not valid.', 'invalid_request'],
  ])('InvalidParameter with "%s" is %s', (message, fault) => {
    expect(findArkFault({ code: 'InvalidParameter', message }).fault).toBe(fault);
  });

  it('tells the stage, and keeps the request id for the log', () => {
    const input = findArkFault({ code: 'InputTextSensitiveContentDetected', message: 'No. Request id: 0217588' });
    expect(input).toMatchObject({ stage: 'input', text: 'No.' });
    expect(findArkFault({ code: 'OutputImageRiskDetection', message: '' })).toMatchObject({ stage: 'output' });
    expect(findArkFault({ code: 'SensitiveContentDetected', message: '' })).toMatchObject({ stage: 'unknown' });
  });
});
