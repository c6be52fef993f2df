import { expect, test } from 'vitest';
import { createDeriveSecret } from './derive-secret.ts';

test('HMAC-SHA256 of the purpose (RFC 4231, test case 2), the same every time', () => {
  const derive = createDeriveSecret('Jefe');
  const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  for (let round = 0; round < 2; round += 1) {
    expect(derive('what do ya want for nothing?').toString('hex')).toBe(expected);
  }
  expect(derive('something else').toString('hex')).not.toBe(expected);
});
