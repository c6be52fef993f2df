import { describe, expect, it } from 'vitest';
import { faultOfStatus, retryAfter, toFault } from './http-fault.ts';

describe('faultOfStatus', () => {
  it.each([
    [301, 'config'],
    [400, 'invalid_request'],
    [401, 'auth'],
    [402, 'account'],
    [403, 'auth'],
    [404, 'config'],
    [408, 'unavailable'],
    [409, 'invalid_request'],
    [413, 'offer_limit'],
    [422, 'invalid_request'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [502, 'server_error'],
    [503, 'unavailable'],
    [504, 'server_error'],
    [529, 'overloaded'],
  ])('%i is %s', (status, fault) => {
    expect(faultOfStatus(status)).toBe(fault);
  });
});

describe('retryAfter', () => {
  it.each([
    [{}, null],
    [{ 'retry-after': '5' }, 5_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:30 GMT', date: 'Fri, 20 Nov 2026 12:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:00 GMT', date: 'Fri, 20 Nov 2026 12:00:30 GMT' }, 0],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:00 GMT' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '5', 'retry-after-ms': '1200' }, 1_200],
  ])('%j is %s ms', (headers, ms) => {
    expect(retryAfter(headers as Record<string, string>)).toBe(ms);
  });
});

describe('toFault', () => {
  const at = { status: 400, headers: {} };

  it.each([
    ['content_policy', 'It was flagged.', 'It was flagged.'],
    ['invalid_request', 'size must be\nsmaller', 'size must be smaller'],
    ['offer_limit', 'The image is too large.', 'The image is too large.'],
    ['invalid_request', 'API key not valid.', null],
    ['invalid_request', 'Your account has insufficient credit.', null],
    ['invalid_request', 'Insufficient funds: top up at example.com.', null],
    ['account', 'Top up your balance.', null],
    ['auth', 'The key is wrong.', null],
    ['server_error', 'Out of memory at 0x1', null],
    ['invalid_request', undefined, null],
  ] as const)('%s: "%s" is shown as "%s"', (fault, text, shown) => {
    expect(toFault('someone', at, { fault, text }).public_message).toBe(shown);
  });

  it('keeps everything for the log', () => {
    const fault = toFault('someone', { status: 402, headers: { 'retry-after': '3' } }, { code: 'C1', text: 'pay' });
    expect(fault).toMatchObject({ fault: 'account', message: 'someone answered 402 (C1: pay)', retry_after_ms: 3_000 });
  });
});
