import type { PictureFormat } from '../contracts/media.ts';

/** The formats that are taken as inputs. AVIF is written, not read. */
export type InputFormat = Exclude<PictureFormat, 'avif'>;

export const contentTypes: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
};

export type Sniffed = { readonly format: InputFormat } | { readonly format: null; readonly seems: string };

interface Signature {
  /** Latin-1 text expected at each offset. */
  readonly at: Readonly<Record<number, string>>;
  readonly format?: InputFormat;
  readonly seems?: string;
}

/** Tried from the top: the first match holds. */
const signatures: readonly Signature[] = [
  { at: { 0: '\x89PNG\r\n\x1a\n' }, format: 'png' },
  { at: { 0: '\xff\xd8\xff' }, format: 'jpeg' },
  { at: { 0: 'RIFF', 8: 'WEBP' }, format: 'webp' },
  { at: { 0: 'GIF87a' }, format: 'gif' },
  { at: { 0: 'GIF89a' }, format: 'gif' },
  { at: { 4: 'ftypavi' }, seems: 'an AVIF picture' },
  { at: { 4: 'ftyphei' }, seems: 'a HEIC picture' },
  { at: { 4: 'ftyphev' }, seems: 'a HEIC picture' },
  { at: { 4: 'ftypmif1' }, seems: 'a HEIF picture' },
  { at: { 4: 'ftypmsf1' }, seems: 'a HEIF picture' },
  { at: { 4: 'ftyp' }, seems: 'an MP4 or QuickTime video' },
  { at: { 4: 'JXL ' }, seems: 'a JPEG XL picture' },
  { at: { 0: '\xff\x0a' }, seems: 'a JPEG XL picture' },
  { at: { 4: 'jP  ' }, seems: 'a JPEG 2000 picture' },
  { at: { 0: 'II*\0' }, seems: 'a TIFF picture' },
  { at: { 0: 'MM\0*' }, seems: 'a TIFF picture' },
  { at: { 0: '8BPS' }, seems: 'a Photoshop document' },
  { at: { 0: '\0\0\x01\0' }, seems: 'an icon file' },
  { at: { 0: '%PDF-' }, seems: 'a PDF document' },
  { at: { 0: 'PK\x03\x04' }, seems: 'a ZIP archive' },
  { at: { 0: '\x1f\x8b' }, seems: 'a gzip file' },
  { at: { 0: '\x1aE\xdf\xa3' }, seems: 'a WebM or Matroska video' },
  { at: { 0: 'BM', 6: '\0\0\0\0' }, seems: 'a BMP picture' },
];

/** Bytes of a file's beginning that `sniffFormat` looks at. */
export const sniffBytes = 1024;

/** Tells what a file is from its first bytes alone: names and declared types are never trusted. */
export function sniffFormat(head: Uint8Array): Sniffed {
  if (head.length === 0) return { format: null, seems: 'an empty file' };
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, sniffBytes)).toString('latin1');
  for (const signature of signatures) {
    const matches = Object.entries(signature.at).every(([offset, bytes]) => text.startsWith(bytes, Number(offset)));
    if (!matches) continue;
    return signature.format ? { format: signature.format } : { format: null, seems: signature.seems ?? 'unknown data' };
  }
  if (/<svg[\s>]/i.test(text)) return { format: null, seems: 'an SVG drawing' };
  if (/^\s*(<!doctype html|<html)/i.test(text)) return { format: null, seems: 'an HTML page' };
  if (/^\s*[{[]/.test(text)) return { format: null, seems: 'JSON text' };
  // Control characters other than tab, line feed, form feed and carriage return do not occur in text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return { format: null, seems: /[\0-\x08\x0b\x0e-\x1f]/.test(text) ? 'unknown data' : 'text' };
}
