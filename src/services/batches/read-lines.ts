/** A line of a file, never held whole. */
export interface FileLine {
  /** From 1, blank lines counted. */
  readonly number: number;
  /** Without its end. What is left unread is skipped. */
  readonly bytes: AsyncIterable<Buffer>;
}

const NEWLINE = 0x0a;

/** The lines of a stream but for blank ones, one after the other. Lines end with LF or CRLF, the last one as it likes. */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<FileLine> {
  const lines = new Lines(source);
  for (let number = 1; await lines.begin(); number += 1) {
    const start: Buffer[] = [];
    let part = await lines.next();
    for (; part !== null && isBlank(part); part = await lines.next()) start.push(part);
    if (part !== null) {
      const first = Buffer.concat([...start, part]);
      yield { number, bytes: { [Symbol.asyncIterator]: () => rest(first, lines) } };
    }
    while ((await lines.next()) !== null);
  }
}

/** Blanks and carriage returns only. */
function isBlank(part: Buffer): boolean {
  return part.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

/** An iterator without `return`: who stops reading a line does not end the file. */
function rest(first: Buffer, lines: Lines): AsyncIterator<Buffer> {
  let isFirst = true;
  return {
    async next() {
      if (isFirst) {
        isFirst = false;
        return { done: false, value: first };
      }
      const part = await lines.next();
      return part === null ? { done: true, value: undefined } : { done: false, value: part };
    },
  };
}

class Lines {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer | null = Buffer.alloc(0);
  #isAtEnd = true;

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Goes to the next line; false when there is none. */
  async begin(): Promise<boolean> {
    await this.#fill();
    this.#isAtEnd = this.#chunk === null;
    return !this.#isAtEnd;
  }

  /** Null at the end of the line. */
  async next(): Promise<Buffer | null> {
    if (this.#isAtEnd) return null;
    await this.#fill();
    const chunk = this.#chunk;
    if (chunk === null) {
      this.#isAtEnd = true;
      return null;
    }
    const end = chunk.indexOf(NEWLINE);
    this.#isAtEnd = end !== -1;
    this.#chunk = end === -1 ? Buffer.alloc(0) : chunk.subarray(end + 1);
    return end === -1 ? chunk : chunk.subarray(0, end);
  }

  async #fill(): Promise<void> {
    while (this.#chunk !== null && this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      this.#chunk = next.done === true ? null : next.value;
    }
  }
}
