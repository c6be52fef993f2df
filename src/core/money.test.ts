import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divideUp, formatMicros, parseMicros } from './money.ts';

test.each([
  ['0.03', 30_000n, '0.03'],
  ['0', 0n, '0.00'],
  ['1', 1_000_000n, '1.00'],
  ['0.000001', 1n, '0.000001'],
  ['12.345', 12_345_000n, '12.345'],
  ['90071992547.409931', 90_071_992_547_409_931n, '90071992547.409931'],
])('%s dollars are %s micro-dollars', (text, micros, written) => {
  expect(parseMicros(text)).toBe(micros);
  expect(formatMicros(micros)).toBe(written);
});

test.each(['', '-1', '1e-3', '.5', '0.0000001', '1,5', ' 1'])('"%s" is no amount', (text) => {
  expect(() => parseMicros(text)).toThrow(RangeError);
});

test('what is written reads as the same amount', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (micros) => parseMicros(formatMicros(micros)) === micros),
  );
});

test('a debt keeps its sign', () => {
  expect(formatMicros(-30_000)).toBe('-0.03');
});

test('division never falls short', () => {
  expect(divideUp(7n, 2n)).toBe(4n);
  expect(divideUp(8n, 2n)).toBe(4n);
});
