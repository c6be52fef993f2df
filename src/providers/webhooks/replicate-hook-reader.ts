/** Replicate's webhooks: HMAC by one secret. https://replicate.com/docs/topics/webhooks/verify-webhook, read 2026-09-18. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { HookReader } from '../../contracts/provider.ts';
import { aside } from '../shared/aside.ts';
import { type HookParts, isRecent, jobIdSchema, parseJson } from '../shared/hook-reader.ts';
import { readAnswer } from '../shared/http-fault.ts';
import { createKeyring } from '../shared/keyring.ts';

const SECRET_TIMEOUT_MS = 10_000;

const secretSchema = z.object({ key: z.string().min(1) });

const toldSchema = z.object({ id: jobIdSchema });

export function createReplicateHookReader({ adapter, now, settings }: HookParts): HookReader {
  const checkByKeys = createKeyring({
    now,
    load: async () => {
      const given = settings.REPLICATE_WEBHOOK_SECRET;
      if (given !== undefined) return toKey(given);
      const response = await adapter.send(
        { method: 'GET', url: '/webhooks/default/secret', timeout_ms: SECRET_TIMEOUT_MS, may_bill: false },
        aside,
      );
      return toKey(secretSchema.parse(await readAnswer(adapter.provider, response, () => ({}))).key);
    },
  });
  return async (headers, body) => {
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' } = headers;
    if (id === undefined || !isRecent(time, now())) return null;
    const isSigned = await checkByKeys((key) => {
      const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest();
      // While a secret is being changed there are two.
      return signatures.split(' ').some((signature) => {
        const [version, text = ''] = signature.split(',', 2);
        const given = Buffer.from(text, 'base64');
        return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
      });
    });
    return isSigned ? (toldSchema.safeParse(parseJson(body)).data?.id ?? null) : null;
  };
}

function toKey(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}
