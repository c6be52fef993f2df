/** What a key looks like. Only its hash is stored, with enough of its ends to recognise it in a list. */
export type KeyMode = 'live' | 'test' | 'admin';

export const keyPrefixes: Readonly<Record<KeyMode, string>> = {
  live: 'sk-live-',
  test: 'sk-test-',
  admin: 'sk-admin-',
};

/** 32 random bytes in base64url after the prefix of the mode. */
export function formatKey(mode: KeyMode, random: Uint8Array): string {
  return keyPrefixes[mode] + Buffer.from(random).toString('base64url');
}

export interface KeyEnds {
  readonly prefix: string;
  readonly last_four: string;
}

/** `sk-live-` and the last four letters. */
export function keyEnds(key: string): KeyEnds {
  const known = Object.values(keyPrefixes).find((prefix) => key.startsWith(prefix));
  return { prefix: known ?? '', last_four: key.slice(-4) };
}
