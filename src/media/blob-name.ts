import { GessoError } from '../core/errors.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** `ab/cd/abcd…`: two levels of folders, so that none grows long. Throws `not_found` for what is no hash. */
export function blobName(sha256: string): string {
  requireSha256(sha256);
  return `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
}

export function isSha256(text: string): boolean {
  return SHA256.test(text);
}

/** Names come from URLs too: nothing but a hash may become a path. */
export function requireSha256(sha256: string): string {
  if (!isSha256(sha256)) throw new GessoError('not_found');
  return sha256;
}
