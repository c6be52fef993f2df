import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Metadata, Sharp } from 'sharp';
import type { PictureFormat, Pixels } from '../contracts/media.ts';
import { type PictureSource, withByteReader } from './byte-reader.ts';
import { isOpaque } from './decode-pixels.ts';
import { type DigitalSourceType, labelPicture, xmpPacket } from './label-picture.ts';
import { damagedPicture, openPicture, openPixels, runPictureTask } from './open-picture.ts';
import { readPictureHeader } from './picture-header.ts';
import { contentTypes } from './sniff-format.ts';

export interface ConvertSpec {
  readonly format: PictureFormat;
  /** 0 = smallest, 100 = best; for the lossy formats alone, see `compressionApplies`. */
  readonly compression?: number;
  /** Exact size to reduce to; what a neighbouring shape has too much is cut evenly, so that nothing is distorted. */
  readonly reduce_to?: { readonly width: number; readonly height: number };
  /** Written into the picture; null strips all metadata (arena copies). */
  readonly label: DigitalSourceType | null;
}

export interface ConvertedPicture {
  /** To be given to the media store as it is. */
  readonly body: Readable | Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly content_type: string;
  /** `passed` byte for byte, `labelled` with its pixels untouched, or `encoded` anew. */
  readonly how: 'passed' | 'labelled' | 'encoded';
}

/**
 * Brings a picture into the format and size asked for and labels it. A file that needs no conversion is not encoded
 * again: it keeps its C2PA manifest byte for byte, or gets the label beside its untouched pixels. Files must have
 * passed `probePicture`. What is held is the source, the encoder's rows and the encoded bytes: the encoder gathers its
 * output by itself, and the label is put in between without a copy. Throws `invalid_image` when a file cannot be
 * decoded after all.
 */
export async function convertPicture(
  source: PictureSource | { readonly pixels: Pixels },
  spec: ConvertSpec,
): Promise<ConvertedPicture> {
  if ('pixels' in source) return encode(pixelsAsInput(source.pixels, spec), spec);
  return convertFile(source, spec).catch((cause: unknown) => {
    throw damagedPicture(cause);
  });
}

async function convertFile(source: PictureSource, spec: ConvertSpec): Promise<ConvertedPicture> {
  const metadata = await openPicture(source).metadata();
  const { width, height } = metadata.autoOrient;
  const resized = spec.reduce_to && (spec.reduce_to.width !== width || spec.reduce_to.height !== height);
  const recompressed = spec.compression !== undefined && compressionApplies(spec.format);
  const upright = (metadata.orientation ?? 1) === 1;
  if (spec.label !== null && upright && !resized && !recompressed) {
    const header = await withByteReader(source, (reader) => readPictureHeader(reader));
    if (header.format === spec.format) {
      const unchanged = { width, height, content_type: contentTypes[spec.format] };
      if (header.has_c2pa) return { ...unchanged, body: wholeFile(source), how: 'passed' };
      return { ...unchanged, body: await labelPicture(source, spec.label), how: 'labelled' };
    }
  }
  return encode(fileAsInput(source, metadata, spec), spec);
}

/** Whether `output_compression` means anything: PNG loses nothing and GIF has no such scale (as at OpenAI). */
export function compressionApplies(format: PictureFormat): boolean {
  return format === 'jpeg' || format === 'webp' || format === 'avif';
}

type Encoder = (picture: Sharp, quality: number | undefined) => Sharp;

/**
 * Settings measured on painted and photographic pictures. PNG: filters matter more than deflate's level (half the
 * bytes in the same time). WebP, AVIF and GIF: higher efforts cost 2 to 17 times the time for a few per cent.
 */
export const encoders: Readonly<Record<PictureFormat, Encoder>> = {
  png: (picture) => picture.png({ compressionLevel: 2, adaptiveFiltering: true }),
  jpeg: (picture, quality = 85) => picture.jpeg({ quality, chromaSubsampling: chroma(quality) }),
  webp: (picture, quality = 85) => picture.webp({ quality, effort: 2 }),
  avif: (picture, quality = 60) => picture.avif({ quality, effort: 1, chromaSubsampling: chroma(quality) }),
  gif: (picture) => picture.gif({ effort: 2 }),
};

/** Colour at half the resolution is hardly seen, and spares AVIF a third of 500 MB at 4096x4096; who asks for the best gets all. */
const chroma = (quality: number) => (quality >= 90 ? '4:4:4' : '4:2:0');

async function encode(input: Sharp, spec: ConvertSpec): Promise<ConvertedPicture> {
  const quality = spec.compression === undefined ? undefined : Math.max(1, spec.compression);
  const picture = encoders[spec.format](input, quality);
  if (spec.reduce_to) picture.resize({ ...spec.reduce_to, fit: 'cover' });
  if (spec.label !== null && spec.format === 'avif') picture.withXmp(xmpPacket(spec.label));
  const { data, info } = await runPictureTask(() => picture.toBuffer({ resolveWithObject: true }));
  const body = spec.label === null || spec.format === 'avif' ? data : await labelPicture(data, spec.label);
  return { body, width: info.width, height: info.height, content_type: contentTypes[spec.format], how: 'encoded' };
}

/** An alpha channel that says nothing is left out: three channels encode faster and smaller than four. */
function pixelsAsInput(pixels: Pixels, spec: ConvertSpec): Sharp {
  const picture = openPixels(pixels);
  if (isOpaque(pixels.data)) return picture.removeAlpha();
  return spec.format === 'jpeg' ? picture.flatten({ background: '#fff' }) : picture;
}

function fileAsInput(source: PictureSource, metadata: Metadata, spec: ConvertSpec): Sharp {
  const picture = openPicture(source);
  if (spec.format === 'jpeg' && metadata.hasAlpha) picture.flatten({ background: '#fff' });
  // A profile holds for the pixels that it came with; CMYK and grey ones are converted, and GIF cannot carry any.
  // Copies without a label are for the arena, where a profile could tell the provider.
  if (metadata.space === 'srgb' && spec.format !== 'gif' && spec.label !== null) picture.keepIccProfile();
  return picture;
}

function wholeFile(source: PictureSource): Readable | Uint8Array {
  return source instanceof Uint8Array ? source : createReadStream(source.path);
}
