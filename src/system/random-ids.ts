import { randomBytes } from 'node:crypto';
import type { Ids } from '../contracts/clock.ts';

/** Crockford's base 32 in lower case: no letter that a person reads as another. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const RANDOM_BYTES = 16;

/** Ids that are capabilities too: 128 random bits, 26 letters. */
export function createRandomIds(bytes: (count: number) => Uint8Array = randomBytes): Ids {
  return { next: (prefix) => `${prefix}_${encode(bytes(RANDOM_BYTES))}` };
}

function encode(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET.charAt((held << (5 - bits)) & 31) : text;
}
