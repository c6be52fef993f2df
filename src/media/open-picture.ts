import { availableParallelism } from 'node:os';
import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';
import type { PictureSource } from './byte-reader.ts';

// Operations are never repeated on the same input here, so that the operation cache would only hold memory.
sharp.cache(false);

// Nothing but what is taken can be opened in this process, whatever a file says of itself: no SVG with its references.
// AVIF is among the loaders because thumbnails are made of our own.
const loaders = ['Png', 'Jpeg', 'Webp', 'Nsgif', 'Heif'];
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) });

export interface OpenOptions {
  /** A second lock behind the header check of `probePicture`; absent = the file has passed it. */
  readonly pixels_max?: number;
}

/** 8192 x 8192: the default of GESSO_IMAGE_PIXELS_MAX. */
export const pixelsMaxDefault = 64 * 1024 * 1024;

/** The only way a file comes into the decoder: upright, first frame, limited, and failing on damage but not on warnings. */
export function openPicture(source: PictureSource, options: OpenOptions = {}): Sharp {
  return sharp(source instanceof Uint8Array ? source : source.path, {
    autoOrient: true,
    failOn: 'error',
    limitInputPixels: options.pixels_max ?? false,
    pages: 1,
  });
}

/** Undressed pixels as a decoder's input. They are read in place, not copied. */
export function openPixels(pixels: Pixels): Sharp {
  return sharp(pixels.data, {
    raw: { width: pixels.width, height: pixels.height, channels: 4 },
    limitInputPixels: false,
  });
}

// Encoding and decoding share libuv's four threads with files and name look-ups; at least one stays free for those.
const tasksMax = Math.max(1, Math.min(3, availableParallelism()));
let tasksRunning = 0;
const tasksWaiting: (() => void)[] = [];

/** Runs heavy picture work, a bounded number at a time for the whole process, first come first served. */
export async function runPictureTask<T>(task: () => Promise<T>): Promise<T> {
  if (tasksRunning >= tasksMax) await new Promise<void>((resolve) => tasksWaiting.push(resolve));
  else tasksRunning += 1;
  try {
    return await task();
  } finally {
    // The place is handed on as it is, so that a newcomer cannot slip in before those who wait.
    const next = tasksWaiting.shift();
    if (next) next();
    else tasksRunning -= 1;
  }
}

/** Turns what the decoder says of a file into a sentence for its sender. */
export function damagedPicture(cause: unknown, param?: string): GessoError {
  return new GessoError(
    'invalid_image',
    'The picture cannot be decoded: the file is cut short or damaged. Save it again and send it whole.',
    param === undefined ? { cause } : { cause, param },
  );
}
