import { expect, test } from 'vitest';
import { AddressLimiter } from './address-limiter.ts';

test('each address has its own bucket; one of IPv6 shares that of its network', () => {
  const limiter = new AddressLimiter({ per_minute: 60, burst: 2 });
  const take = (address: string, now = 0): boolean => limiter.take(address, now) === 0;
  expect([take('192.0.2.1'), take('::ffff:192.0.2.1'), take('192.0.2.1')]).toEqual([true, true, false]);
  expect(limiter.take('192.0.2.1', 0)).toBe(1000);
  expect(take('192.0.2.2')).toBe(true);
  expect(take('192.0.2.1', 1000)).toBe(true);
  expect([take('2001:db8::1'), take('2001:db8::ffff'), take('2001:db8::2')]).toEqual([true, true, false]);
  expect(take('2001:db8:0:1::1')).toBe(true);
});
