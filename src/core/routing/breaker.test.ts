import { expect, test } from 'vitest';
import { type BreakerEvidence, breakerReason, judgeBreaker } from './breaker.ts';

const evidence: BreakerEvidence = {
  fault: null,
  is_probe: false,
  consecutive: 0,
  judged: 0,
  error_rate: 0,
  trips: 0,
  retry_after_ms: null,
};

const rows: readonly [string, Partial<BreakerEvidence>, ReturnType<typeof judgeBreaker>][] = [
  ['a success', {}, null],
  ['four failures in a row', { fault: 'server_error', consecutive: 4, judged: 4, error_rate: 1 }, null],
  ['five failures in a row', { fault: 'server_error', consecutive: 5 }, { to: 'open', open_ms: 30_000 }],
  ['half of nine', { fault: 'unavailable', consecutive: 1, judged: 9, error_rate: 0.6 }, null],
  ['half of ten', { fault: 'empty', consecutive: 1, judged: 10, error_rate: 0.5 }, { to: 'open', open_ms: 30_000 }],
  ['less than half', { fault: 'unreachable', consecutive: 1, judged: 100, error_rate: 0.49 }, null],
  ['a wrong key', { fault: 'auth', consecutive: 1 }, { to: 'open', open_ms: 300_000 }],
  ['a locked account', { fault: 'account', consecutive: 1 }, { to: 'open', open_ms: 300_000 }],
  ['a wrong setting', { fault: 'config', consecutive: 1 }, { to: 'open', open_ms: 300_000 }],
  ['a refusal after failures', { fault: 'content_policy', consecutive: 9, judged: 99, error_rate: 1 }, null],
  ['a bad request after failures', { fault: 'invalid_request', consecutive: 9, judged: 99, error_rate: 1 }, null],
  ['a rate limit', { fault: 'rate_limited', consecutive: 9, judged: 99, error_rate: 1 }, null],
  ['no call at all', { fault: 'no_slot', consecutive: 9, judged: 99, error_rate: 1 }, null],
  ['a probe that delivers', { is_probe: true }, { to: 'closed' }],
  ['a probe that is refused', { is_probe: true, fault: 'content_policy' }, { to: 'closed' }],
  ['a probe that fails', { is_probe: true, fault: 'server_error', trips: 1 }, { to: 'open', open_ms: 60_000 }],
  ['the hundredth', { is_probe: true, fault: 'server_error', trips: 100 }, { to: 'open', open_ms: 480_000 }],
  [
    'a probe that is asked to wait',
    { is_probe: true, fault: 'rate_limited', retry_after_ms: 90_000 },
    { to: 'open', open_ms: 90_000 },
  ],
  ['a probe that was not sent', { is_probe: true, fault: 'no_slot' }, { to: 'open', open_ms: 0 }],
];

test.each(rows)('%s', (_name, change, expected) => {
  expect(judgeBreaker({ ...evidence, ...change })).toEqual(expected);
});

test('the reason tells an operator what to do', () => {
  expect(breakerReason('auth', 'fal')).toMatch(/key/);
  expect(breakerReason('account', 'fal')).toMatch(/account/);
  expect(breakerReason('server_error', 'fal')).toMatch(/server_error/);
});
