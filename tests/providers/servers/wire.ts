/** Answers as data: what a route returns, and how it is put on the wire. Pictures in base64 are never joined up. */
import type { ServerResponse } from 'node:http';
import { base64Pieces } from './pictures.ts';

/** File bytes that stand in a JSON body as base64 text. */
export class Base64 {
  readonly pieces: readonly Buffer[];
  readonly prefix: string;
  constructor(pieces: readonly Buffer[], prefix = '') {
    this.pieces = pieces;
    this.prefix = prefix;
  }
}

export type Wire =
  | string
  | number
  | boolean
  | null
  | undefined
  | Base64
  | readonly Wire[]
  | { readonly [key: string]: Wire };

export interface ServerEvent {
  readonly event?: string;
  readonly data: Wire;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON body. */
  readonly json?: Wire;
  /** Any other body; `content-type` is in `headers`. */
  readonly body?: readonly Buffer[] | string;
  /** A stream of server-sent events; `[DONE]` is sent as it is. */
  readonly events?: readonly ServerEvent[];
  /** Without the headers that every answer of the provider has: a proxy answers in its place. */
  readonly bare?: true;
  readonly delay_ms?: number;
  /** `cut`: half of the body, then the connection is destroyed; `silent`: nothing, ever; `reset`: destroyed at once. */
  readonly fate?: 'cut' | 'silent' | 'reset';
}

/** JSON text in pieces, with each Base64 in its place. */
export function encodeJson(value: Wire): Buffer[] {
  const found: Base64[] = [];
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (!(item instanceof Base64)) return item;
    found.push(item);
    return `\u{e000}${found.length - 1}\u{e001}`;
  });
  return text.split(/\u{e000}(\d+)\u{e001}/u).flatMap((part, i) => {
    const picture = i % 2 === 1 ? found[Number(part)] : undefined;
    return picture === undefined ? [Buffer.from(part)] : [Buffer.from(picture.prefix), ...base64Pieces(picture.pieces)];
  });
}

/** Sends the reply; a fate destroys the socket or leaves it open for ever. */
export function sendReply(res: ServerResponse, reply: Reply): void {
  if (reply.fate === 'silent') return;
  if (reply.fate === 'reset') {
    res.socket?.resetAndDestroy();
    return;
  }
  const streaming = reply.events !== undefined;
  const pieces = piecesOf(reply);
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  res.writeHead(reply.status, {
    ...(reply.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...(streaming ? { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } : { 'content-length': bytes }),
    ...reply.headers,
  });
  for (const piece of reply.fate === 'cut' ? firstHalf(pieces, bytes) : pieces) res.write(piece);
  // What is written last has to leave before the connection is destroyed, or the client would see a reset instead.
  if (reply.fate === 'cut') res.write('', () => setImmediate(() => res.destroy()));
  else res.end();
}

function piecesOf(reply: Reply): readonly Buffer[] {
  if (reply.events !== undefined) return reply.events.flatMap(encodeEvent);
  if (reply.json !== undefined) return encodeJson(reply.json);
  return typeof reply.body === 'string' ? [Buffer.from(reply.body)] : (reply.body ?? []);
}

function encodeEvent({ event, data }: ServerEvent): Buffer[] {
  const head = `${event === undefined ? '' : `event: ${event}\n`}data: `;
  return [Buffer.from(head), ...(data === '[DONE]' ? [Buffer.from('[DONE]')] : encodeJson(data)), Buffer.from('\n\n')];
}

function firstHalf(pieces: readonly Buffer[], bytes: number): Buffer[] {
  let left = Math.floor(bytes / 2);
  return pieces.flatMap((piece) => {
    const part = piece.subarray(0, left);
    left -= part.length;
    return part.length > 0 ? [part] : [];
  });
}
