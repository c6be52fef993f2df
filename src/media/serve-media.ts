import type { Readable } from 'node:stream';
import type { ByteRange } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';

export interface ServedMedia {
  /** What the bytes are known by: the SHA-256, with the width for a thumbnail. Same tag, same bytes. */
  readonly tag: string;
  readonly bytes_total: number;
  readonly content_type: string;
  readonly file_name: string;
  /** Milliseconds since the epoch; null = kept until deleted. */
  readonly expires_at: number | null;
}

export interface MediaRequest {
  readonly method: 'GET' | 'HEAD';
  /** By lower-case name, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface MediaAnswer {
  readonly status: 200 | 206 | 304 | 416;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: Readable | null;
}

const yearSeconds = 365 * 24 * 60 * 60;

/**
 * Answers a request for a hosted picture (RFC 9110: conditional and range requests). Throws `not_found` once expired.
 * `open` is called only when bytes are really sent.
 */
export async function serveMedia(
  media: ServedMedia,
  request: MediaRequest,
  now: number,
  open: (range?: ByteRange) => Promise<Readable>,
): Promise<MediaAnswer> {
  if (media.expires_at !== null && media.expires_at <= now) throw new GessoError('not_found');
  const etag = `"${media.tag}"`;
  const headers = { ...fixedHeaders, ...cacheHeaders(media, now), etag };
  if (matchesEtag(header(request, 'if-none-match'), etag)) return { status: 304, headers, stream: null };

  const described = {
    ...headers,
    'content-type': media.content_type,
    'content-disposition': `inline; filename="${media.file_name.replaceAll(/[^\w.-]/g, '_')}"`,
  };
  const range = requestedRange(request, etag, media.bytes_total);
  if (range === 'unsatisfiable') {
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${media.bytes_total}` }, stream: null };
  }
  const bytes = range ? range.end - range.start + 1 : media.bytes_total;
  const stream = request.method === 'HEAD' ? null : await open(range ?? undefined);
  const sized = { ...described, 'content-length': String(bytes) };
  if (!range) return { status: 200, headers: sized, stream };
  const contentRange = `bytes ${range.start}-${range.end}/${media.bytes_total}`;
  return { status: 206, headers: { ...sized, 'content-range': contentRange }, stream };
}

/** A picture may be shown on any site, and can do nothing but be shown: no sniffing, no scripts. */
const fixedHeaders = {
  'accept-ranges': 'bytes',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'",
  'cross-origin-resource-policy': 'cross-origin',
};

function cacheHeaders(media: ServedMedia, now: number): Record<string, string> {
  const seconds = media.expires_at === null ? yearSeconds : Math.floor((media.expires_at - now) / 1000);
  return { 'cache-control': `public, max-age=${Math.min(seconds, yearSeconds)}, immutable` };
}

function header(request: MediaRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** If-None-Match compares weakly: `W/` does not count (RFC 9110, 13.1.2). */
function matchesEtag(value: string | undefined, etag: string): boolean {
  if (value === undefined) return false;
  return value.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

/** One range of a GET. Several ranges, other units and a stale If-Range get the whole, as RFC 9110, 14.2 allows. */
function requestedRange(request: MediaRequest, etag: string, total: number): ByteRange | 'unsatisfiable' | null {
  const found = /^bytes=(\d*)-(\d*)$/i.exec(header(request, 'range')?.trim() ?? '');
  if (!found || request.method !== 'GET') return null;
  const ifRange = header(request, 'if-range');
  if (ifRange !== undefined && ifRange.trim() !== etag) return null;
  const [, first = '', last = ''] = found;
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), total);
    return length === 0 ? 'unsatisfiable' : { start: total - length, end: total - 1 };
  }
  const start = Number(first);
  const end = last === '' ? total - 1 : Math.min(Number(last), total - 1);
  if (last !== '' && Number(last) < start) return null;
  return start >= total ? 'unsatisfiable' : { start, end };
}
