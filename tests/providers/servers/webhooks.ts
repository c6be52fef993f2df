/** Signatures of the webhooks that providers send, for tests of whoever receives them. */
import { createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

export interface FalWebhook {
  readonly request_id: string;
  readonly user_id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  /** Exactly what is sent. */
  readonly body: string;
}

/** fal's headers: ED25519 over request id, user id, timestamp and the body's SHA-256 in hex, joined by line feeds. */
export function signFalWebhook(webhook: FalWebhook, key: KeyObject): Readonly<Record<string, string>> {
  const { request_id, user_id, timestamp, body } = webhook;
  const hash = createHash('sha256').update(body).digest('hex');
  const message = Buffer.from([request_id, user_id, timestamp, hash].join('\n'));
  return {
    'x-fal-webhook-request-id': request_id,
    'x-fal-webhook-user-id': user_id,
    'x-fal-webhook-timestamp': String(timestamp),
    'x-fal-webhook-signature': sign(null, message, key).toString('hex'),
  };
}

/** An ED25519 key from its 32 seed bytes. */
export function ed25519Key(seed: Buffer): KeyObject {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}

/** The key set that fal publishes at `/.well-known/jwks.json`. */
export function falKeySet(key: KeyObject): { readonly keys: readonly { kty: string; crv: string; x: string }[] } {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { keys: [{ kty: 'OKP', crv: 'Ed25519', x }] };
}

export interface ReplicateWebhook {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  /** Exactly what is sent. */
  readonly body: string;
}

/** Replicate's headers: HMAC-SHA256 over `id.timestamp.body` with the secret's base64 part as the key. */
export function signReplicateWebhook(webhook: ReplicateWebhook, secret: string): Readonly<Record<string, string>> {
  const { id, timestamp, body } = webhook;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}
