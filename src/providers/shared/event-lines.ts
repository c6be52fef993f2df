/**
 * Server-sent events whose data is never whole in memory (HTML standard, 9.2.6). One `data` line an event, which is how
 * every image provider writes them; `[DONE]` ends the stream.
 */
export interface EventData {
  /** `message` where the stream names none. */
  readonly event: string;
  /** Must be read to its end before the next event is asked for. */
  readonly data: AsyncIterable<Buffer>;
}

const NEWLINE = 0x0a;
/** Enough to tell `data:`, `event:` and `[DONE]` apart. */
const HEAD_BYTES = 16;

export class EventLines {
  readonly #source: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Null at the end. */
  async nextData(): Promise<EventData | null> {
    let event = 'message';
    while (await this.#fill()) {
      const line = this.#line();
      const head = await readHead(line);
      const [, field = '', value = ''] = /^(\w*):? ?(.*)/s.exec(head.toString('latin1')) ?? [];
      if (field === 'data') {
        // Nothing but a sign of life.
        if (head.length < HEAD_BYTES && value.trim() === '') continue;
        if (!value.trimStart().startsWith('[DONE]'))
          return { event, data: joined(head.subarray(head.length - value.length), line) };
        return null;
      }
      const rest = await readRest(line);
      if (field === 'event') event = (value + rest).trim();
      else if (head.toString('latin1').trim() === '' && rest === '') event = 'message';
    }
    return null;
  }

  /** False at the end of the stream; otherwise at least one byte is at hand. */
  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { value, done } = await this.#source.next();
      if (done === true) return false;
      this.#chunk = value;
    }
    return true;
  }

  /** The bytes up to the next line break, which is taken too. */
  async *#line(): AsyncGenerator<Buffer> {
    while (await this.#fill()) {
      const end = this.#chunk.indexOf(NEWLINE);
      const piece = end === -1 ? this.#chunk : this.#chunk.subarray(0, end);
      this.#chunk = end === -1 ? Buffer.alloc(0) : this.#chunk.subarray(end + 1);
      if (piece.length > 0) yield piece;
      if (end !== -1) return;
    }
  }
}

async function readHead(line: AsyncGenerator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const { value, done } = await line.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function readRest(line: AsyncGenerator<Buffer>): Promise<string> {
  let rest = '';
  for await (const piece of line) rest += rest.length < 1000 ? piece.toString('latin1') : '';
  return rest;
}

async function* joined(first: Buffer, line: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* line;
}
