import { PassThrough, type Readable } from 'node:stream';
import type { StagedBlob } from '../../contracts/media.ts';

/**
 * A file that is written line by line while it is stored, begun with its first line. Whoever writes waits for the store, so
 * that no more of it is in memory than a few chunks.
 */
export class ResultFile {
  readonly #put: (stream: Readable) => Promise<StagedBlob>;
  #stream: PassThrough | null = null;
  #stored: Promise<StagedBlob> | null = null;

  constructor(put: (stream: Readable) => Promise<StagedBlob>) {
    this.#put = put;
  }

  async write(chunk: Buffer): Promise<void> {
    const stream = this.#open();
    if (stream.write(chunk)) return;
    const drained = new Promise<void>((resolve) => stream.once('drain', resolve));
    // A store that fails takes nothing more.
    await Promise.race([drained, this.#stored]);
  }

  /** Null when nothing was written. */
  async finish(): Promise<StagedBlob | null> {
    this.#stream?.end();
    return this.#stored;
  }

  /** What was stored so far is not kept. */
  async abandon(): Promise<void> {
    this.#stream?.destroy(new Error('the file is not written to its end'));
    await this.#stored?.catch(() => undefined);
  }

  #open(): PassThrough {
    if (this.#stream !== null) return this.#stream;
    const stream = new PassThrough();
    this.#stream = stream;
    this.#stored = this.#put(stream);
    // Its failure is told to whoever writes or finishes.
    this.#stored.catch(() => undefined);
    return stream;
  }
}
