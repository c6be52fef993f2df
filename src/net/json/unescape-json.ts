import { GessoError } from '../../core/errors.ts';

const BACKSLASH = 0x5c;
const SIMPLE: Readonly<Record<number, number>> = {
  34: 34, // "
  92: 92, // \
  47: 47, // / is what PHP and others write for every slash of base64
  98: 8, // b
  102: 12, // f
  110: 10, // n
  114: 13, // r
  116: 9, // t
};

/** Takes the inside of a JSON string piece by piece and gives its bytes back (UTF-8) with the escapes undone. */
export class UnescapeJson {
  /** The part of an escape that the next piece completes: at most 5 bytes. */
  #rest: Buffer = Buffer.alloc(0);

  push(piece: Buffer): Buffer {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = Buffer.alloc(0);
    let backslash = bytes.indexOf(BACKSLASH);
    if (backslash === -1) return bytes;
    const parts: Buffer[] = [];
    let from = 0;
    while (backslash !== -1) {
      if (backslash > from) parts.push(bytes.subarray(from, backslash));
      const undone = readEscape(bytes, backslash);
      if (undone === null) {
        this.#rest = Buffer.from(bytes.subarray(backslash));
        return Buffer.concat(parts);
      }
      parts.push(undone.bytes);
      from = undone.next;
      backslash = bytes.indexOf(BACKSLASH, from);
    }
    parts.push(bytes.subarray(from));
    return Buffer.concat(parts);
  }

  /** Call at the end of the string: a half escape there is a fault. */
  finish(): void {
    if (this.#rest.length > 0) throw broken();
  }
}

function readEscape(bytes: Buffer, at: number): { readonly bytes: Buffer; readonly next: number } | null {
  const letter = bytes[at + 1];
  if (letter === undefined) return null;
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { bytes: Buffer.of(simple), next: at + 2 };
  if (letter !== 0x75) throw broken();
  const unit = readUnit(bytes, at);
  if (unit === null) return null;
  // Half a surrogate pair becomes U+FFFD: nothing that is this long and may be in a picture field has one.
  return { bytes: Buffer.from(String.fromCharCode(unit)), next: at + 6 };
}

/** The code unit of the `\uXXXX` at `at`; null when its digits have not all come. */
function readUnit(bytes: Buffer, at: number): number | null {
  const digits = bytes.subarray(at + 2, at + 6).toString('latin1');
  if (!/^[0-9a-fA-F]*$/.test(digits)) throw broken();
  return digits.length < 4 ? null : Number.parseInt(digits, 16);
}

function broken(): GessoError {
  return new GessoError(
    'invalid_json',
    'The body is not valid JSON: a string holds an escape that JSON does not have.',
  );
}
