/** Stripe's webhook signatures: docs.stripe.com/webhooks/signature, read 2026-11-20. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_MS = 5 * 60_000;

/** True when `header` (`t=…,v1=…`) signs these very bytes with this secret, lately enough that it is no recording. */
export function verifySignature(body: Uint8Array, header: string | null, secret: string, now: number): boolean {
  const fields = (header ?? '').split(',').map((field) => field.trim().split('=', 2));
  const time = fields.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(time) || Math.abs(now - Number(time) * 1000) > TOLERANCE_MS) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  // While a secret is being changed there are two signatures.
  return fields.some(([name, hex = '']) => {
    if (name !== 'v1' || !/^[0-9a-f]{64}$/.test(hex)) return false;
    return timingSafeEqual(Buffer.from(hex, 'hex'), expected);
  });
}
