import { GessoError } from '../core/errors.ts';
import type { ByteReader } from './byte-reader.ts';
import { type InputFormat, sniffBytes, sniffFormat } from './sniff-format.ts';

/** What the file says of itself before anything is decoded. */
export interface PictureHeader {
  readonly format: InputFormat;
  /** Stored pixels, before the Exif orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Where XMP packets lie, as whole chunks or segments, in file order. */
  readonly xmp: readonly Span[];
  /** The file carries a C2PA manifest, which any change of its bytes would break. */
  readonly has_c2pa: boolean;
}

export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Chunks or segments before the pixels; an honest file has a few dozen, a C2PA manifest adds a few hundred. */
const chunksMax = 20_000;

/**
 * Sniffs the format and reads the dimensions from the header alone, so that a bomb costs nothing.
 * Throws `invalid_image` when the file is no picture that is taken, or its header is damaged.
 */
export async function readPictureHeader(reader: ByteReader, param?: string): Promise<PictureHeader> {
  const sniffed = sniffFormat(await reader.read(0, sniffBytes));
  if (sniffed.format === null) {
    throw new GessoError(
      'invalid_image',
      `The file seems to be ${sniffed.seems}. Send a PNG, JPEG, WebP or GIF picture instead.`,
      param === undefined ? {} : { param },
    );
  }
  const found: { width: number; height: number; xmp: Span[]; has_c2pa: boolean } = {
    width: 0,
    height: 0,
    xmp: [],
    has_c2pa: false,
  };
  await walkers[sniffed.format](reader, found);
  if (found.width < 1 || found.height < 1) {
    throw new GessoError(
      'invalid_image',
      `The ${sniffed.format.toUpperCase()} file is cut short or damaged: its header states no size. Save it again and send it whole.`,
      param === undefined ? {} : { param },
    );
  }
  return { format: sniffed.format, ...found };
}

type Found = { width: number; height: number; xmp: Span[]; has_c2pa: boolean };
type Walker = (reader: ByteReader, found: Found) => Promise<void>;

/** A view for numbers and text over bytes that may lie anywhere in a larger buffer. */
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** PNG, W3C third edition, section 5: chunks of length, type, data, CRC. */
const walkPng: Walker = async (reader, found) => {
  let offset = 8;
  for (let count = 0; count < chunksMax; count++) {
    const chunk = view(await reader.read(offset, 32));
    if (chunk.length < 12) return;
    const length = chunk.readUInt32BE(0);
    const type = chunk.toString('latin1', 4, 8);
    if (count === 0) {
      if (type !== 'IHDR' || length !== 13 || chunk.length < 16) return;
      found.width = chunk.readUInt32BE(8);
      found.height = chunk.readUInt32BE(12);
    }
    if (type === 'caBX') found.has_c2pa = true;
    if (/^[itz]..t$/i.test(type) && chunk.toString('latin1', 8, 25) === 'XML:com.adobe.xmp') {
      found.xmp.push({ offset, length: length + 12 });
    }
    if (type === 'IDAT' || type === 'IEND') return;
    offset += length + 12;
  }
};

/** JPEG, ITU T.81 annex B: segments up to the start of scan. SOF0..SOF15 without DHT (C4), JPG (C8), DAC (CC) hold the size. */
const walkJpeg: Walker = async (reader, found) => {
  let offset = 2;
  for (let count = 0; count < chunksMax; count++) {
    const segment = view(await reader.read(offset, 96));
    const marker = segment[1];
    if (segment.length < 4 || segment[0] !== 0xff || marker === undefined) return;
    if (marker === 0xff) {
      offset += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return;
    const length = segment.readUInt16BE(2) + 2;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      if (segment.length < 9 || found.width > 0) return;
      found.height = segment.readUInt16BE(5);
      found.width = segment.readUInt16BE(7);
    }
    const payload = segment.toString('latin1', 4);
    if (marker === 0xe1 && payload.startsWith('http://ns.adobe.com/x')) found.xmp.push({ offset, length });
    // C2PA 2.x, A.3.1: JUMBF in APP11, common identifier `JP`.
    if (marker === 0xeb && payload.startsWith('JP') && payload.includes('c2pa')) found.has_c2pa = true;
    offset += length;
  }
};

/** WebP container (RFC 9649): RIFF chunks, little-endian, padded to even length. */
const walkWebp: Walker = async (reader, found) => {
  let offset = 12;
  for (let count = 0; count < chunksMax; count++) {
    const chunk = view(await reader.read(offset, 18));
    if (chunk.length < 8) return;
    const type = chunk.toString('latin1', 0, 4);
    const length = chunk.readUInt32LE(4);
    if (count === 0) readWebpSize(type, chunk, found);
    if (type === 'XMP ') found.xmp.push({ offset, length: 8 + length + (length % 2) });
    if (type === 'C2PA') found.has_c2pa = true;
    offset += 8 + length + (length % 2);
  }
};

function readWebpSize(type: string, chunk: Buffer, found: Found): void {
  if (chunk.length < 18) return;
  if (type === 'VP8 ' && chunk.readUIntBE(11, 3) === 0x9d012a) {
    found.width = chunk.readUInt16LE(14) & 0x3fff;
    found.height = chunk.readUInt16LE(16) & 0x3fff;
  } else if (type === 'VP8L' && chunk[8] === 0x2f) {
    const bits = chunk.readUInt32LE(9);
    found.width = (bits & 0x3fff) + 1;
    found.height = ((bits >>> 14) & 0x3fff) + 1;
  } else if (type === 'VP8X') {
    found.width = chunk.readUIntLE(12, 3) + 1;
    found.height = chunk.readUIntLE(15, 3) + 1;
  }
}

/** GIF89a: the logical screen follows the signature. */
const walkGif: Walker = async (reader, found) => {
  const head = view(await reader.read(0, 13));
  if (head.length < 13) return;
  found.width = head.readUInt16LE(6);
  found.height = head.readUInt16LE(8);
};

const walkers: Readonly<Record<InputFormat, Walker>> = {
  png: walkPng,
  jpeg: walkJpeg,
  webp: walkWebp,
  gif: walkGif,
};
