import { Readable } from 'node:stream';
import { GessoError } from '../core/errors.ts';

export interface DecodedDataUrl {
  /** What the sender claims; never to be trusted. Null for bare base64. */
  readonly declared_type: string | null;
  /** Of the decoded file, before it is decoded. */
  readonly bytes: number;
  /** Decodes piece by piece. Fails with `invalid_image_url` when the base64 is damaged. */
  readonly stream: Readable;
}

export interface DataUrlOptions {
  readonly bytes_max: number;
  /** Where the URL stood in the request, e.g. `images[1].image_url`: named in the error. */
  readonly param?: string;
}

/** Base64 characters decoded at a time; a multiple of 4. */
const pieceCharacters = 256 * 1024;

/**
 * Reads `data:image/png;base64,…` or base64 alone, in the standard and the URL-safe alphabet, with or without padding.
 * The text is never copied and its decoded form never whole in memory, unless line breaks or percent signs must go.
 * Throws `invalid_image_url` when it is neither, `payload_too_large` above `bytes_max`.
 */
export function decodeDataUrl(text: string, options: DataUrlOptions): DecodedDataUrl {
  const located = options.param === undefined ? {} : { param: options.param };
  const header = /^data:([^,]{0,200}),/i.exec(text);
  if (!header && !looksLikeBase64(text)) {
    const message = 'The picture is neither an http(s) URL, nor a data URL, nor base64. Send one of the three.';
    throw new GessoError('invalid_image_url', message, located);
  }
  if (header && !/;\s*base64\s*$/i.test(header[1] ?? '')) {
    const message = 'The data URL is not in base64. Write it as data:image/png;base64,…';
    throw new GessoError('invalid_image_url', message, located);
  }
  const base64 = withoutTrimmings(text.slice(header?.[0].length ?? 0));
  const bytes = Math.floor((base64.length * 3) / 4);
  if (bytes > options.bytes_max) {
    const message = `The picture in the data URL has ${bytes} bytes; at most ${options.bytes_max} are taken. Send a smaller one.`;
    throw new GessoError('payload_too_large', message, located);
  }
  if (bytes === 0) throw new GessoError('invalid_image_url', 'The data URL is empty. Put the picture in it.', located);
  const declared_type = header?.[1]?.split(';')[0]?.trim().toLowerCase() || null;
  return { declared_type, bytes, stream: Readable.from(pieces(base64, located), { objectMode: false }) };
}

function looksLikeBase64(text: string): boolean {
  return text.length >= 16 && /^[A-Za-z0-9+/_-]+[\s=%]?$/.test(text.slice(0, 64).replaceAll(/[\s=]/g, ''));
}

/** Padding, line breaks (MIME) and percent signs (URL encoders) carry nothing; most senders write none of the last two. */
function withoutTrimmings(text: string): string {
  const plain = text.includes('%')
    ? text.replaceAll(/%(2B|2F|3D|0A|0D|20)/gi, (code) => decodeURIComponent(code))
    : text;
  const unbroken = /\s/.test(plain) ? plain.replaceAll(/\s+/g, '') : plain;
  const padding = unbroken.endsWith('==') ? 2 : unbroken.endsWith('=') ? 1 : 0;
  return unbroken.slice(0, unbroken.length - padding);
}

function* pieces(base64: string, located: { readonly param?: string }): Generator<Uint8Array> {
  const damaged = new GessoError(
    'invalid_image_url',
    'The base64 of the picture is damaged: it holds other characters or ends too early. Encode the file again.',
    located,
  );
  // Node's decoder skips what it does not know, which would hand on another file than was sent.
  if (base64.length % 4 === 1) throw damaged;
  for (let i = 0; i < base64.length; i += pieceCharacters) {
    const piece = base64.slice(i, i + pieceCharacters);
    if (!/^[A-Za-z0-9+/_-]+$/.test(piece)) throw damaged;
    yield Buffer.from(piece, 'base64');
  }
}
