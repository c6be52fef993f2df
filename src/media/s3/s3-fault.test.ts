import { describe, expect, it } from 'vitest';
import { isMissing, operatorSentence, publicFault } from './s3-fault.ts';

const access = { bucket: 'pictures', endpoint: null, region: null, credentials: null, force_path_style: false };

/** As the SDK throws them. */
const fault = (name: string, status?: number, code?: string) =>
  Object.assign(new Error(name), {
    name,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  });

describe('faults of S3', () => {
  it.each([
    ['NoSuchBucket', 404, undefined, 'internal_error', /Make the bucket/],
    ['AccessDenied', 403, undefined, 'internal_error', /must be allowed s3:GetObject/],
    ['UnknownError', 403, undefined, 'internal_error', /must be allowed s3:GetObject/],
    ['SignatureDoesNotMatch', 403, undefined, 'internal_error', /Check S3_ACCESS_KEY_ID/],
    ['PermanentRedirect', 301, undefined, 'internal_error', /S3_REGION/],
    ['SlowDown', 503, undefined, 'overloaded', /fewer requests/],
    ['InternalError', 500, undefined, 'overloaded', /media-on-s3/],
    ['TimeoutError', undefined, undefined, 'overloaded', /Check S3_ENDPOINT/],
    ['Error', undefined, 'ECONNREFUSED', 'overloaded', /Check S3_ENDPOINT/],
    ['OperationAborted', 409, undefined, 'overloaded', /media-on-s3/],
  ] as const)('%s (%s, %s) is %s for the caller', (name, status, code, shown, sentence) => {
    const error = fault(name, status, code);
    expect(publicFault(error).code).toBe(shown);
    expect(publicFault(error).message).not.toContain('S3');
    const told = operatorSentence(error, 'store a picture', access);
    expect(told).toMatch(/^S3: cannot store a picture in the bucket "pictures" at Amazon S3 /);
    expect(told).toMatch(sentence);
    expect(isMissing(error)).toBe(false);
  });

  it.each([
    ['NoSuchKey', 404],
    ['NotFound', 404],
    ['UnknownError', 404],
  ])('%s (%s) is an object that is not there', (name, status) => {
    expect(isMissing(fault(name, status))).toBe(true);
  });
});
