import type { Pixels } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';
import type { PictureSource } from './byte-reader.ts';
import { damagedPicture, openPicture, openPixels, runPictureTask } from './open-picture.ts';

export interface DecodeOptions {
  /** Width x height of a file that has not passed `probePicture`. */
  readonly pixels_max?: number;
  /** `fill` stretches to exactly this size, `cover` crops to it, `inside` keeps the shape within it. */
  readonly resize?: { readonly width: number; readonly height: number; readonly fit: 'fill' | 'cover' | 'inside' };
  readonly param?: string;
}

/**
 * Decodes a picture upright to 8-bit sRGB with alpha; an ICC profile is applied, of an animation the first frame is taken.
 * Call `probePicture` first: it refuses bombs by their header. Throws `invalid_image` when the file is damaged.
 */
export async function decodePixels(source: PictureSource, options: DecodeOptions = {}): Promise<Pixels> {
  const picture = openPicture(source, options);
  if (options.resize) picture.resize(options.resize);
  picture.toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' });
  try {
    const { data, info } = await runPictureTask(() => picture.toBuffer({ resolveWithObject: true }));
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw damagedPicture(cause, options.param);
  }
}

export interface MaskPixels extends Pixels {
  /** `luminance` when the file had no transparency to read: worth a note to the caller. */
  readonly read_as: 'alpha' | 'luminance';
}

export interface MaskOptions {
  /** The size of the picture that the mask is for. */
  readonly width: number;
  readonly height: number;
  /** Brings the mask to the size of what it is laid over, once it has been found to fit its picture. */
  readonly resize?: DecodeOptions['resize'];
  readonly param?: string;
}

/**
 * Decodes a mask in OpenAI's polarity: alpha 0 = change, 255 = keep, between = in part; red, green and blue are 0.
 *
 * A mask without a transparent pixel would change nothing under that rule, which nobody means. Such a file is a
 * black and white mask as every other API takes it (Stability, FLUX Fill, A1111): white = change, black = keep.
 * Throws `invalid_value` naming both sizes when the mask does not fit its picture.
 */
export async function decodeMask(source: PictureSource, options: MaskOptions): Promise<MaskPixels> {
  const param = options.param ?? 'mask';
  const mask = await decodePixels(source, { param });
  if (mask.width !== options.width || mask.height !== options.height) {
    throw new GessoError(
      'invalid_value',
      `The mask is ${mask.width}x${mask.height}, but the first picture is ${options.width}x${options.height}. Send a mask of the same size.`,
      { param },
    );
  }
  const { data } = mask;
  const read_as = isOpaque(data) ? 'luminance' : 'alpha';
  for (let i = 0; i < data.length; i += 4) {
    if (read_as === 'luminance') {
      // ITU-R BT.709 weights in 1/256; `?? 0` cannot happen within the bounds.
      const luminance = (54 * (data[i] ?? 0) + 183 * (data[i + 1] ?? 0) + 19 * (data[i + 2] ?? 0)) >> 8;
      data[i + 3] = 255 - luminance;
    }
    data[i] = 0;
    data[i + 1] = 0;
    data[i + 2] = 0;
  }
  return { ...(options.resize === undefined ? mask : await resizePixels(mask, options.resize)), read_as };
}

async function resizePixels(pixels: Pixels, resize: NonNullable<DecodeOptions['resize']>): Promise<Pixels> {
  const resized = openPixels(pixels).resize(resize).ensureAlpha().raw({ depth: 'uchar' });
  const { data, info } = await runPictureTask(() => resized.toBuffer({ resolveWithObject: true }));
  return { data, width: info.width, height: info.height };
}

/** Whether every pixel is wholly opaque. This runs before every encoding, so that it takes whole pixels, a row's worth at a time. */
export function isOpaque(rgba: Uint8Array): boolean {
  if (rgba.byteOffset % 4 !== 0) return isOpaque(rgba.slice());
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length >> 2);
  for (let start = 0; start < pixels.length; start += 4096) {
    const end = Math.min(start + 4096, pixels.length);
    let common = 0xffffffff;
    for (let i = start; i < end; i++) common &= pixels[i] ?? 0;
    // Alpha is the fourth byte, hence the highest of a little-endian number, as on every machine that Node runs on.
    if (common >>> 24 !== 255) return false;
  }
  return true;
}
