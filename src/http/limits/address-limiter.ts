/** Limits by the address that a request comes from, for what asks for no key. In this process alone. */
import ipaddr from 'ipaddr.js';
import { type RateLimit, takeFrom, waitForMs } from '../../core/limits/rate.ts';

/** More are forgotten, those that came first before the others: memory is bounded whoever calls. */
const ADDRESSES_MAX = 50_000;
/** What one customer has of IPv6 at least. */
const IPV6_PREFIX_BYTES = 8;

export class AddressLimiter {
  readonly #limit: RateLimit;
  readonly #full_at_us = new Map<string, number>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /** Milliseconds to wait; 0 = it was let in and counted. `now` in milliseconds since the epoch. */
  take(address: string, now: number): number {
    const who = networkOf(address);
    const now_us = now * 1000;
    const full_at = this.#full_at_us.get(who) ?? 0;
    const after = takeFrom(this.#limit, full_at, now_us, 1);
    if (after === null) return Math.max(1, waitForMs(this.#limit, full_at, now_us, 1));
    this.#full_at_us.delete(who);
    this.#full_at_us.set(who, after);
    if (this.#full_at_us.size > ADDRESSES_MAX) {
      const [oldest] = this.#full_at_us.keys();
      if (oldest !== undefined) this.#full_at_us.delete(oldest);
    }
    return 0;
  }
}

/** An IPv4 address, also in its IPv6 dress; of IPv6 the network. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toByteArray().slice(0, IPV6_PREFIX_BYTES).join('.');
}
