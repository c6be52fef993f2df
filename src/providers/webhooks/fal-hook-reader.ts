/** fal's webhooks: ED25519 by keys that fal publishes. https://docs.fal.ai/model-endpoints/webhooks, read 2026-09-18. */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import type { HookReader } from '../../contracts/provider.ts';
import { type HookParts, isRecent, jobIdSchema, parseJson } from '../shared/hook-reader.ts';
import { createKeyring } from '../shared/keyring.ts';

const KEYS_BYTES_MAX = 64 * 1024;
const KEYS_TIMEOUT_MS = 10_000;

const keySetSchema = z.object({
  keys: z.array(z.object({ kty: z.string(), crv: z.string().optional(), x: z.string().optional() })).max(100),
});

/** `gateway_request_id` may change while fal tries again; this one stays. */
const toldSchema = z.object({ request_id: jobIdSchema });

export function createFalHookReader({ guardedFetch, now, settings }: HookParts): HookReader {
  const checkByKeys = createKeyring({
    now,
    load: async () => {
      const { status, body } = await guardedFetch(settings.FAL_WEBHOOK_KEYS_URL, {
        origin: 'config',
        bytes_max: KEYS_BYTES_MAX,
        timeout_ms: KEYS_TIMEOUT_MS,
      });
      const text = Buffer.concat(await body.toArray()).toString('utf8');
      if (status !== 200) throw new Error(`fal's keys could not be fetched: HTTP ${status}`);
      return keySetSchema.parse(JSON.parse(text)).keys.flatMap(toKey);
    },
  });
  return async (headers, body) => {
    const [id, user, time] = ['request-id', 'user-id', 'timestamp'].map((name) => headers[`x-fal-webhook-${name}`]);
    const signature = headers['x-fal-webhook-signature'] ?? '';
    if (!isRecent(time, now()) || !/^[0-9a-f]{128}$/i.test(signature)) return null;
    const hash = createHash('sha256').update(body).digest('hex');
    const message = Buffer.from([id, user, time, hash].join('\n'));
    const isSigned = await checkByKeys((keys) =>
      keys.some((key) => verify(null, message, key, Buffer.from(signature, 'hex'))),
    );
    return isSigned ? (toldSchema.safeParse(parseJson(body)).data?.request_id ?? null) : null;
  };
}

/** None for a key of another kind: there may be such in the set one day. */
function toKey({ kty, crv, x }: z.output<typeof keySetSchema>['keys'][number]): readonly KeyObject[] {
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) return [];
  try {
    return [createPublicKey({ key: { kty, crv, x }, format: 'jwk' })];
  } catch {
    return [];
  }
}
