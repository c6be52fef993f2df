import type { PictureFormat } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';
import { type PictureSource, withByteReader } from './byte-reader.ts';
import { damagedPicture, openPicture, pixelsMaxDefault, runPictureTask } from './open-picture.ts';
import { type PictureHeader, readPictureHeader } from './picture-header.ts';
import { contentTypes } from './sniff-format.ts';

export interface ProbedPicture {
  readonly format: PictureFormat;
  readonly content_type: string;
  /** As a viewer shows it: the Exif orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly has_alpha: boolean;
  /** Exif orientation 1 to 8; 1 = stored upright. */
  readonly orientation: number;
  /** Frames of an animation; 1 for a still picture. Only the first is ever used. */
  readonly pages: number;
  readonly has_icc: boolean;
  readonly has_c2pa: boolean;
}

export interface ProbeOptions {
  /** Width x height; default 8192 x 8192. */
  readonly pixels_max?: number;
  /** Where the picture stood in the request, e.g. `image[2]`: named in the error. */
  readonly param?: string;
}

/**
 * Says what a file really is, by its bytes alone, and makes sure that all of it decodes.
 * Throws `invalid_image` for anything but a whole PNG, JPEG, WebP or GIF within the pixel limit.
 */
export async function probePicture(source: PictureSource, options: ProbeOptions = {}): Promise<ProbedPicture> {
  const header = await withByteReader(source, (reader) => readPictureHeader(reader, options.param));
  const pixels_max = options.pixels_max ?? pixelsMaxDefault;
  refuseTooManyPixels(header, pixels_max, options.param);
  try {
    return await runPictureTask(() => decodeLastRow(source, header, pixels_max));
  } catch (cause) {
    throw damagedPicture(cause, options.param);
  }
}

function refuseTooManyPixels(header: PictureHeader, pixels_max: number, param: string | undefined): void {
  const pixels = header.width * header.height;
  if (pixels <= pixels_max) return;
  const megapixels = (count: number) => (count / 1e6).toFixed(1);
  throw new GessoError(
    'invalid_image',
    `The picture is ${header.width}x${header.height} (${megapixels(pixels)} megapixels); at most ${megapixels(pixels_max)} megapixels are taken. Reduce it and send it again.`,
    param === undefined ? {} : { param },
  );
}

/** Asking for the last row makes the decoder read every row before it, and damage comes to light without holding the pixels. */
async function decodeLastRow(source: PictureSource, header: PictureHeader, pixels_max: number): Promise<ProbedPicture> {
  const metadata = await openPicture(source, { pixels_max }).metadata();
  await openPicture(source, { pixels_max })
    .autoOrient()
    .extract({ left: 0, top: metadata.autoOrient.height - 1, width: 1, height: 1 })
    .raw()
    .toBuffer();
  return {
    format: header.format,
    content_type: contentTypes[header.format],
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    has_alpha: metadata.hasAlpha,
    orientation: metadata.orientation ?? 1,
    pages: metadata.pages ?? 1,
    has_icc: metadata.icc !== undefined,
    has_c2pa: header.has_c2pa,
  };
}
