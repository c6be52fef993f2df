import { createHmac } from 'node:crypto';

/** 32 bytes that only who knows GESSO_SECRET can make, the same for the same purpose in every process. */
export type DeriveSecret = (purpose: string) => Buffer;

/** What the services get in place of the secret itself. */
export function createDeriveSecret(secret: string): DeriveSecret {
  return (purpose) => createHmac('sha256', secret).update(purpose).digest();
}
