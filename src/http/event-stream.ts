import { PassThrough, type Readable } from 'node:stream';
import type { MediaStore } from '../contracts/media.ts';
import { PING } from './present/image-events.ts';
import { type Piece, readPieces } from './present/pieces.ts';

/**
 * Events, written one after the other as the client takes them. A client that goes away is no error: what would still
 * be written is dropped, and the work that makes it goes on.
 */
export class EventStream {
  readonly readable: Readable;
  readonly #out: PassThrough;
  readonly #store: MediaStore;
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();
  #goOn: () => void = () => undefined;

  constructor(store: MediaStore, pingMs: number) {
    this.#store = store;
    this.#out = new PassThrough({ highWaterMark: 256 * 1024 });
    this.readable = this.#out;
    this.#out.on('drain', () => this.#goOn());
    this.#out.on('close', () => this.#goOn());
    this.#out.on('error', () => undefined);
    this.#timer = setInterval(() => this.send([PING]), pingMs);
    this.#timer.unref();
    // Headers go out with the first byte: clients and proxies give up on an answer without headers.
    this.#out.write(PING);
  }

  /** Events keep the order of the calls. */
  send(pieces: readonly Piece[]): void {
    this.#last = this.#last.then(() => this.#write(pieces)).catch((error: unknown) => this.#break(error));
  }

  /** Resolves when everything has been handed to the connection, or the client is gone. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#last;
    this.#out.end();
  }

  async #write(pieces: readonly Piece[]): Promise<void> {
    for await (const chunk of readPieces(pieces, this.#store)) {
      if (this.#out.destroyed) return;
      if (this.#out.write(chunk)) continue;
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
        if (this.#out.destroyed) resolve();
      });
    }
    this.#timer.refresh();
  }

  #break(error: unknown): void {
    clearInterval(this.#timer);
    this.#out.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
