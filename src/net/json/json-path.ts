import { GessoError } from '../../core/errors.ts';

interface Level {
  readonly kind: 'object' | 'array';
  key: string;
  index: number;
}

const KEY_BYTES_MAX = 200;

/** Follows a JSON document's structure from outside its strings, and says where it stands: `images[0].image_url`. */
export class JsonPath {
  readonly #depthMax: number;
  readonly #levels: Level[] = [];
  #lastText: Buffer = Buffer.alloc(0);

  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  /** A byte outside any string. */
  structure(byte: number): void {
    const level = this.#levels.at(-1);
    if (byte === 0x7b || byte === 0x5b) {
      if (this.#levels.length >= this.#depthMax) {
        throw new GessoError('invalid_json', `The body nests deeper than ${this.#depthMax} levels.`);
      }
      this.#levels.push({ kind: byte === 0x7b ? 'object' : 'array', key: '', index: 0 });
    } else if (byte === 0x7d || byte === 0x5d) this.#levels.pop();
    else if (level === undefined) return;
    else if (byte === 0x3a) level.key = this.#lastText.subarray(0, KEY_BYTES_MAX).toString('utf8');
    else if (byte === 0x2c) level.index += 1;
  }

  /** A whole string, as written between its quotes; it is a key when a colon follows. */
  text(written: Buffer): void {
    this.#lastText = written;
  }

  toString(): string {
    return this.#levels
      .map((level) => (level.kind === 'array' ? `[${level.index}]` : `.${level.key}`))
      .join('')
      .replace(/^\./, '');
  }
}
