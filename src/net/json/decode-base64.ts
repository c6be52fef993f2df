import { Transform, type TransformCallback } from 'node:stream';
import { GessoError } from '../../core/errors.ts';

const HEADER_BYTES_MAX = 512;
const BLANKS = /[\r\n\t ]/g;

/** Turns the text of a data URL, or bare base64 (both alphabets), into the bytes it stands for. `param` names it in errors. */
export class DecodeBase64 extends Transform {
  readonly #param: string;
  /** The text before the comma of a data URL is in here until it is whole; later, what is left of a group of four. */
  #rest = '';
  #headerDone = false;

  constructor(param: string) {
    super();
    this.#param = param;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#rest += chunk.toString('latin1');
    try {
      done(null, this.#headerDone || this.#skipHeader() ? this.#decodeWhole() : undefined);
    } catch (error) {
      done(error as Error); // Only GessoError is thrown above.
    }
  }

  override _flush(done: TransformCallback): void {
    done(null, Buffer.from(this.#rest.replace(BLANKS, ''), 'base64'));
  }

  #decodeWhole(): Buffer {
    const text = this.#rest.replace(BLANKS, '');
    const whole = text.length - (text.length % 4);
    this.#rest = text.slice(whole);
    return Buffer.from(text.slice(0, whole), 'base64');
  }

  /** False while the header may still be incomplete. */
  #skipHeader(): boolean {
    const isDataUrl = /^data:/i.test(this.#rest);
    if (!isDataUrl) {
      this.#headerDone = this.#rest.length >= 5;
      return this.#headerDone;
    }
    const comma = this.#rest.indexOf(',');
    if (comma === -1 && this.#rest.length < HEADER_BYTES_MAX) return false;
    if (comma === -1 || !/;base64$/i.test(this.#rest.slice(0, comma))) {
      throw new GessoError('invalid_image', `${this.#param} is a data URL without ";base64,": encode the picture so.`, {
        param: this.#param,
      });
    }
    this.#rest = this.#rest.slice(comma + 1);
    this.#headerDone = true;
    return true;
  }
}
