import { Readable } from 'node:stream';
import { z } from 'zod';
import { GessoError } from '../../../core/errors.ts';
import type { HostedMedia, HttpMedia } from '../../dependencies.ts';
import { mediaIdOf } from '../../media-links.ts';
import { defineRoute } from '../../route.ts';

export const mediaGet = defineRoute({
  method: 'GET',
  path: '/media/{file}',
  access: 'open',
  query: z.object({
    w: z.string().optional().describe('A thumbnail at least this wide, as WebP, from a fixed ladder of widths.'),
  }),
  document: {
    tag: 'Media',
    operation: 'getMedia',
    summary: 'Get a hosted picture',
    description:
      'The link is the permission. Immutable, with `ETag`, conditional and range requests, and `HEAD`. Gone (404) once it has expired.',
    params: { file: { description: 'As in `url` of the answer.', example: 'media_0f3k.png' } },
    answers: {
      200: { description: 'The picture.', content: { 'image/*': { schema: z.string().meta({ format: 'binary' }) } } },
      206: { description: 'The range that was asked for.' },
      302: { description: 'The picture is at `Location`, for a short time (where the operator has chosen so).' },
      304: { description: 'The client has it already.' },
      416: { description: 'The range lies outside the picture.' },
    },
    errors: ['invalid_value', 'not_found'],
  },
  async handle({ req, reply, query, deps: { media, clock } }) {
    const { file } = req.params as { file: string }; // The path has this one parameter.
    const found = await findMedia(media, file);
    const shown =
      query.w === undefined ? wholePicture(media, found, file) : await thumbnail(media, found, file, query.w);
    const request = { method: req.method === 'HEAD' ? ('HEAD' as const) : ('GET' as const), headers: req.headers };
    const answer = await media.serve(shown.served, request, clock.now(), shown.open);
    if (answer.stream !== null && shown.link !== null) {
      const { location, cache_control } = await shown.link(answer.headers, clock.now());
      return reply.code(302).headers({ location, 'cache-control': cache_control }).send();
    }
    reply.code(answer.status).headers(answer.headers);
    // Null would be sent as the JSON word, and nothing at all taken for a payload of no length.
    return reply.send(answer.stream ?? Readable.from([]));
  },
});

async function findMedia(media: HttpMedia, file: string): Promise<HostedMedia> {
  const id = mediaIdOf(file);
  const found = id === null ? null : await media.lookup(id);
  if (found !== null) return found;
  throw new GessoError('not_found', 'There is no such picture: the link is wrong, or the picture has expired.');
}

interface Shown {
  readonly served: Parameters<HttpMedia['serve']>[0];
  readonly open: Parameters<HttpMedia['serve']>[3];
  /** Where the bytes are sent from, in place of `open`; null = from here. */
  readonly link: ((headers: Readonly<Record<string, string>>, now: number) => Promise<Redirect>) | null;
}

interface Redirect {
  readonly location: string;
  readonly cache_control: string;
}

const LINK_SECONDS = 300;

function wholePicture(media: HttpMedia, found: HostedMedia, file: string): Shown {
  const { blob_sha256, bytes, content_type, expires_at } = found;
  const served = { tag: blob_sha256, bytes_total: bytes, content_type, file_name: file, expires_at };
  const { link } = media;
  if (link === null) {
    return { served, link: null, open: async (range) => (await media.store.open(blob_sha256, range)).stream };
  }
  return {
    served,
    // Nothing is read here: who follows the link asks for the range again.
    open: async () => Readable.from([]),
    async link(headers, now) {
      const left_s = expires_at === null ? LINK_SECONDS : Math.ceil((expires_at - now) / 1000);
      const expires_in_s = Math.max(1, Math.min(LINK_SECONDS, left_s));
      const location = await link(blob_sha256, {
        content_type,
        content_disposition: headers['content-disposition'] ?? 'inline',
        cache_control: headers['cache-control'] ?? 'no-store',
        expires_in_s,
      });
      // Kept for less than half of the link's life, so that nobody is sent to one that is about to end.
      return { location, cache_control: `public, max-age=${Math.floor(expires_in_s / 2)}` };
    },
  };
}

async function thumbnail(media: HttpMedia, found: HostedMedia, file: string, width: string): Promise<Shown> {
  const { bytes, content_type, tag } = await media.thumbnail(found.blob_sha256, media.snapWidth(width));
  const file_name = file.replace(/\.\w+$/, '.webp');
  return {
    served: { tag, bytes_total: bytes.byteLength, content_type, file_name, expires_at: found.expires_at },
    link: null,
    open: async (range) =>
      Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)], { objectMode: false }),
  };
}
