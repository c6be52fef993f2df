/** Bytes of a stream, taken in the amounts that the reader wants; never more in memory than was asked for at once. */
export class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many; null when the stream ends before. */
  async take(bytes: number): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.#upTo(bytes)) chunks.push(chunk);
    const taken = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    return taken.byteLength === bytes ? taken : null;
  }

  /** So many, as they come; throws when the stream ends before. */
  async *pass(bytes: number): AsyncGenerator<Buffer> {
    let passed = 0;
    for await (const chunk of this.#upTo(bytes)) {
      passed += chunk.byteLength;
      yield chunk;
    }
    if (passed < bytes) throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
  }

  async *#upTo(bytes: number): AsyncGenerator<Buffer> {
    let wanted = bytes;
    while (wanted > 0) {
      if (this.#rest.byteLength === 0) {
        const next = await this.#source.next();
        if (next.done === true) return;
        this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
      }
      const chunk = this.#rest.subarray(0, wanted);
      this.#rest = this.#rest.subarray(chunk.byteLength);
      wanted -= chunk.byteLength;
      yield chunk;
    }
  }
}
