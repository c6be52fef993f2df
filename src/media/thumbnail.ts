import { GessoError } from '../core/errors.ts';
import { createByteCache } from './byte-cache.ts';
import { type PictureSource, withByteReader } from './byte-reader.ts';
import { findLabel, labelPicture } from './label-picture.ts';
import { damagedPicture, openPicture, runPictureTask } from './open-picture.ts';

/** Widths that are made; a request gets the next one up. Few, so that the cache cannot be flooded. */
export const thumbnailWidths = [64, 128, 256, 384, 512, 768, 1024, 1536, 2048] as const;

export interface ThumbnailRequest {
  /** Of the picture's blob: names the thumbnail in the cache. */
  readonly sha256: string;
  /** One of `thumbnailWidths`. */
  readonly width: number;
  /** Called only when the thumbnail must be made. */
  readonly open: () => Promise<PictureSource>;
}

export interface Thumbnail {
  readonly bytes: Uint8Array;
  readonly content_type: 'image/webp';
  /** For `ServedMedia.tag`. */
  readonly tag: string;
}

export interface Thumbnailer {
  /** Made once however many ask at once; kept on disk. Never wider than the picture. Carries the picture's label. */
  thumbnail(request: ThumbnailRequest): Promise<Thumbnail>;
  /** Removes every thumbnail of a purged blob. */
  forget(sha256: string): Promise<void>;
}

/** Reads `?w=` and snaps it up to the ladder. Throws `invalid_value` when it is no whole number above 0. */
export function snapThumbnailWidth(text: string): number {
  const asked = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (asked < 1) {
    const message = `The width "${text.slice(0, 20)}" is not a whole number of pixels. Ask for one of ${thumbnailWidths.join(', ')}.`;
    throw new GessoError('invalid_value', message, { param: 'w' });
  }
  return thumbnailWidths.find((width) => width >= asked) ?? 2048;
}

export function createThumbnailer(options: { readonly directory: string; readonly bytes_max: number }): Thumbnailer {
  const cache = createByteCache(options);
  const inHand = new Map<string, Promise<Thumbnail>>();

  const findOrMake = async (tag: string, request: ThumbnailRequest): Promise<Thumbnail> => {
    const name = `${tag}.webp`;
    const known = await cache.get(name);
    if (known) return { bytes: known, content_type: 'image/webp', tag };
    const bytes = await makeThumbnail(await request.open(), request.width);
    await cache.put(name, bytes);
    return { bytes, content_type: 'image/webp', tag };
  };

  return {
    thumbnail(request) {
      const tag = `${request.sha256}-w${request.width}`;
      const pending = inHand.get(tag) ?? findOrMake(tag, request).finally(() => inHand.delete(tag));
      inHand.set(tag, pending);
      return pending;
    },
    async forget(sha256) {
      for (const width of thumbnailWidths) await cache.delete(`${sha256}-w${width}.webp`);
    },
  };
}

/** The format's limit: a strip that stands is narrowed until it fits. */
const WEBP_SIDE_PX_MAX = 16_383;

async function makeThumbnail(source: PictureSource, width: number): Promise<Uint8Array> {
  const open = () => openPicture(source);
  try {
    const label = await readLabel(source, open);
    const bytes = await runPictureTask(() =>
      open()
        .resize({ width, height: WEBP_SIDE_PX_MAX, fit: 'inside', withoutEnlargement: true })
        .webp({ quality: 80, effort: 2 })
        .toBuffer(),
    );
    return label === null ? bytes : Buffer.concat(await (await labelPicture(bytes, label)).toArray());
  } catch (cause) {
    throw damagedPicture(cause);
  }
}

/** Our GIFs hold the label at the beginning, where the decoder does not look for it. */
async function readLabel(source: PictureSource, open: () => ReturnType<typeof openPicture>) {
  const { format, xmp } = await open().metadata();
  if (format !== 'gif') return xmp ? findLabel(xmp) : null;
  return withByteReader(source, async (reader) => findLabel(await reader.read(0, 4096)));
}
