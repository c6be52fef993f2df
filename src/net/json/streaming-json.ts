/**
 * Reads a JSON body without ever holding its pictures.
 *
 * A data URL inside JSON may be tens of megabytes long. This reader walks the bytes as they arrive, keeps the small
 * rest, and hands every long string to `onLongString` as a stream of its decoded bytes; in the parsed value a
 * `LongString` stands in its place. Memory per body: one chunk, plus `inline_bytes_max` of small rest.
 */
import { PassThrough, type Readable } from 'node:stream';
import { GessoError } from '../../core/errors.ts';
import { JsonPath } from './json-path.ts';
import { UnescapeJson } from './unescape-json.ts';

/** Stands in the parsed value where a long string stood. */
export class LongString<T> {
  readonly result: T;
  constructor(result: T) {
    this.result = result;
  }
}

export interface StreamingJsonOptions<T> {
  /** A longer string that looks like base64 or a data URL leaves the body as a stream. Bytes as written. */
  readonly picture_string_bytes_min: number;
  /** Any longer string does. Large enough for the longest prompt with every character escaped. Bytes as written. */
  readonly text_string_bytes_max: number;
  /** All that stays: more is `payload_too_large`. */
  readonly inline_bytes_max: number;
  /** Deeper nesting is `invalid_json`. */
  readonly depth_max: number;
  /**
   * Takes a long string's decoded bytes (UTF-8). `path` says where it stands (`images[0].image_url`). The reader waits
   * for the promise before it goes on; a rejection ends the reading and is thrown.
   */
  readonly onLongString: (path: string, stream: Readable) => Promise<T>;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/**
 * The first bytes of a string decide whether it is base64 (or a data URL). Blanks and `\u` escapes are those of prose, in
 * which a prompt of 32,000 Chinese characters is longer than many a picture; `\/` is how PHP writes the slash of base64.
 */
const BASE64_TEXT = /^(data:|(?:[A-Za-z0-9+/=_-]|\\[/nr])*\\?$)/i;
/** A private-use character begins our placeholders; the number after it is the position in `results`. */
const PLACEHOLDER = '\uE000long:';

/** Throws `invalid_json`, `payload_too_large`, what `source` fails with, and what `onLongString` rejects with. */
export async function readStreamingJson<T>(
  source: AsyncIterable<Buffer>,
  options: StreamingJsonOptions<T>,
): Promise<unknown> {
  const scanner = new Scanner(options);
  try {
    for await (const chunk of source) await scanner.push(chunk);
  } catch (error) {
    scanner.abandon(error);
    throw error;
  }
  return scanner.finish();
}

class Scanner<T> {
  readonly #options: StreamingJsonOptions<T>;
  readonly #path: JsonPath;
  readonly #results: T[] = [];
  #inline: Buffer[] = [];
  #inlineBytes = 0;
  #insideString = false;
  #escaped = false;
  /** What has come of the string that is being read, as written, until it is known to be long. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #goOn: () => void = () => undefined;
  #long: { readonly stream: PassThrough; readonly done: Promise<T>; readonly unescape: UnescapeJson } | null = null;

  constructor(options: StreamingJsonOptions<T>) {
    this.#options = options;
    this.#path = new JsonPath(options.depth_max);
  }

  async push(chunk: Buffer): Promise<void> {
    let position = 0;
    while (position < chunk.length) {
      position = this.#insideString ? await this.#readString(chunk, position) : this.#readStructure(chunk, position);
    }
  }

  finish(): unknown {
    if (this.#insideString) {
      const error = new GessoError('invalid_json', 'The body ends inside a string: send the whole JSON document.');
      this.abandon(error);
      throw error;
    }
    const text = decodeUtf8(Buffer.concat(this.#inline));
    this.#inline = [];
    const value = parse(text);
    return this.#results.length === 0 ? value : putBack(value, this.#results);
  }

  /** Ends the stream in hand, so that whoever reads it learns that no more will come. */
  abandon(error: unknown): void {
    if (this.#long === null) return;
    this.#long.stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  /** Copies everything up to the next string, and keeps track of where in the document it is. */
  #readStructure(chunk: Buffer, from: number): number {
    let position = from;
    while (position < chunk.length && chunk[position] !== QUOTE) {
      this.#path.structure(chunk[position] ?? 0);
      position += 1;
    }
    this.#keep(chunk.subarray(from, position));
    if (position === chunk.length) return position;
    this.#insideString = true;
    return position + 1;
  }

  async #readString(chunk: Buffer, from: number): Promise<number> {
    const end = this.#findQuote(chunk, from);
    await this.#stringPart(chunk.subarray(from, end === -1 ? chunk.length : end));
    if (end === -1) return chunk.length;
    await this.#endString();
    return end + 1;
  }

  /** The position of the quote that ends the string, or -1 when it is not in this chunk. */
  #findQuote(chunk: Buffer, from: number): number {
    let position = from;
    if (this.#escaped) {
      this.#escaped = false;
      position += 1;
    }
    let quote = chunk.indexOf(QUOTE, position);
    let backslash = chunk.indexOf(BACKSLASH, position);
    while (backslash !== -1 && (quote === -1 || backslash < quote)) {
      position = backslash + 2;
      if (position > chunk.length) this.#escaped = true;
      if (quote !== -1 && quote < position) quote = chunk.indexOf(QUOTE, position);
      backslash = chunk.indexOf(BACKSLASH, position);
    }
    return quote;
  }

  async #stringPart(part: Buffer): Promise<void> {
    if (this.#long !== null) return this.#writeLong(part);
    this.#pending.push(part);
    this.#pendingBytes += part.length;
    if (!this.#isLong()) return;
    const written = Buffer.concat(this.#pending);
    this.#beginLong();
    await this.#writeLong(written);
  }

  #isLong(): boolean {
    if (this.#pendingBytes > this.#options.text_string_bytes_max) return true;
    if (this.#pendingBytes <= this.#options.picture_string_bytes_min) return false;
    const judged = Math.min(256, this.#options.picture_string_bytes_min);
    const start = Buffer.concat(this.#pending).subarray(0, judged).toString('latin1');
    return BASE64_TEXT.test(start);
  }

  #beginLong(): void {
    const stream = new PassThrough({ highWaterMark: 64 * 1024 });
    const done = this.#options.onLongString(this.#path.toString(), stream);
    // A rejection is taken up at the next write or at the end; it must not count as unhandled until then. What a taker
    // leaves unread flows away.
    done.then(
      () => stream.resume(),
      () => undefined,
    );
    stream.on('error', () => undefined);
    stream.on('drain', () => this.#goOn());
    stream.on('close', () => this.#goOn());
    this.#long = { stream, done, unescape: new UnescapeJson() };
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  async #writeLong(part: Buffer): Promise<void> {
    const long = this.#long;
    if (long === null || part.length === 0) return;
    const decoded = long.unescape.push(part);
    if (decoded.length === 0 || long.stream.destroyed || long.stream.write(decoded)) return;
    const drained = new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    // A taker that fails stops reading, and the drain would never come.
    await Promise.race([drained, long.done]);
  }

  async #endString(): Promise<void> {
    this.#insideString = false;
    if (this.#long === null) {
      const written = Buffer.concat(this.#pending);
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#path.text(written);
      this.#keep(Buffer.concat([QUOTE_BYTES, written, QUOTE_BYTES]));
      return;
    }
    const long = this.#long;
    long.unescape.finish();
    long.stream.end();
    this.#results.push(await long.done);
    this.#long = null;
    this.#path.text(EMPTY);
    this.#keep(Buffer.from(`"${PLACEHOLDER}${this.#results.length - 1}"`));
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#inlineBytes += bytes.length;
    if (this.#inlineBytes > this.#options.inline_bytes_max) {
      throw new GessoError('payload_too_large', 'The JSON body holds too much beside its pictures: shorten its texts.');
    }
    // A view would keep the whole network chunk alive.
    this.#inline.push(Buffer.from(bytes));
  }
}

const QUOTE_BYTES = Buffer.from('"');
const EMPTY = Buffer.alloc(0);

/** A byte order mark is dropped; bytes that are no UTF-8 are refused, since nobody could say what they meant. */
function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new GessoError('invalid_json', 'The body is not UTF-8: encode the JSON so.', { cause: error });
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') {
    throw new GessoError('invalid_json', 'The body is empty: send a JSON object such as {"model":"…","prompt":"…"}.');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes single signs with ' and the text itself with ": the sign helps, the text may hold a secret.
    const reason = error instanceof Error ? error.message.replace(/,? ?(?:\.{3})?"(?!').*/s, '').trim() : '';
    throw new GessoError('invalid_json', `The body is not valid JSON${reason === '' ? '' : ` (${reason})`}.`, {
      cause: error,
    });
  }
}

function putBack<T>(value: unknown, results: readonly T[]): unknown {
  if (typeof value === 'string' && value.startsWith(PLACEHOLDER)) {
    const index = Number(value.slice(PLACEHOLDER.length));
    const result = results[index];
    return result === undefined ? value : new LongString(result);
  }
  if (Array.isArray(value)) return value.map((item) => putBack(item, results));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, putBack(item, results)]));
}
