/**
 * Pictures that the provider servers hand out: real files of the size that was asked for, each of other colours, and
 * cheap. A file is made once per format and size; each picture is that file with other colours patched into its head
 * (JPEG: the first entry of each quantization table; PNG: the palette), so a thousand 4K pictures share one body.
 */
import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

export type FileFormat = 'jpeg' | 'png' | 'webp';

export interface Shape {
  readonly width: number;
  readonly height: number;
  readonly format: FileFormat;
}

/** One file, in pieces that are shared between pictures wherever they are alike. */
export interface Picture extends Shape {
  readonly serial: number;
  /** Each but the last is a multiple of three bytes long, so that each can be put into base64 by itself. */
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
  readonly sha256: string;
}

const bases = new Map<string, Promise<Buffer>>();
const paddings = new Map<string, Buffer>();
const base64Texts = new WeakMap<Buffer, Buffer>();

/** The `serial`th picture; `bytes_min` fills the file with bytes that decoders skip. */
export async function makePicture(shape: Shape, serial: number, bytes_min = 0): Promise<Picture> {
  const pieces = (await piecesOf(shape, serial, bytes_min)).filter((piece) => piece.length > 0);
  let sha256: string | undefined;
  return {
    ...shape,
    serial,
    pieces,
    bytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    get sha256() {
      sha256 ??= hashOf(pieces);
      return sha256;
    },
  };
}

/** The file in base64, in pieces; the text of a shared piece is made once. */
export function base64Pieces(pieces: readonly Buffer[]): readonly Buffer[] {
  return pieces.map((piece) => {
    const known = base64Texts.get(piece);
    if (known !== undefined) return known;
    const text = Buffer.from(piece.toString('base64'), 'latin1');
    base64Texts.set(piece, text);
    return text;
  });
}

function hashOf(pieces: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

async function piecesOf(shape: Shape, serial: number, bytes_min: number): Promise<Buffer[]> {
  if (shape.format === 'webp') return webpPieces(await drawWebp(shape, serial), bytes_min);
  const key = `${shape.format} ${shape.width}x${shape.height}`;
  const base = bases.get(key) ?? draw(shape, tones);
  bases.set(key, base);
  return shape.format === 'jpeg'
    ? jpegPieces(await base, key, serial, bytes_min)
    : pngPieces(await base, key, serial, bytes_min);
}

type Rgb = readonly [number, number, number];

/** Eight steps of luma and chroma to either side of grey: at quality 50 these are coded as small whole numbers. */
const tones: readonly [Rgb, Rgb] = [
  [131, 117, 106],
  [125, 139, 150],
];

/** Left half of one colour, right half of the other: a turned or mirrored copy can be told apart. */
async function draw({ width, height, format }: Shape, [left, right]: readonly [Rgb, Rgb]): Promise<Buffer> {
  if (format === 'png') return drawPng(width, height);
  const two = { raw: { width: 2, height: 1, channels: 3 } } as const;
  const picture = sharp(Buffer.from([...left, ...right]), two).resize(width, height, {
    kernel: 'nearest',
    fit: 'fill',
  });
  return (format === 'jpeg' ? picture.jpeg({ quality: 50 }) : picture.webp({ lossless: true, effort: 0 })).toBuffer();
}

/** One bit a pixel and a palette of two colours, written by hand: quantizing 16 megapixels would take seconds. */
function drawPng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([1, 3, 0, 0, 0], 8);
  const row = Buffer.alloc(1 + Math.ceil(width / 8));
  for (let x = Math.floor(width / 2); x < width; x++) row[1 + (x >> 3)] = (row[1 + (x >> 3)] ?? 0) | (128 >> (x & 7));
  const rows = deflateSync(Buffer.alloc(row.length * height, row), { level: 3 });
  const chunks = [pngChunk('IHDR', head), pngChunk('PLTE', Buffer.alloc(6)), pngChunk('IDAT', rows)];
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks, pngChunk('IEND', Buffer.alloc(0))]);
}

const colourOf = (serial: number): Rgb => [(serial * 97) % 256, (serial * 31 + 80) % 256, (serial >> 4) % 256];
const opposite = ([r, g, b]: Rgb): Rgb => [255 - r, (g + 128) % 256, 255 - b];

function drawWebp(shape: Shape, serial: number): Promise<Buffer> {
  return draw(shape, [colourOf(serial), opposite(colourOf(serial))]);
}

/** A filler block of the format, made once per size; a multiple of three bytes. */
function padding(format: FileFormat, bytes: number, make: (length: number) => Buffer): Buffer {
  const length = Math.ceil(bytes / 6) * 6;
  if (length <= 24) return Buffer.alloc(0);
  const key = `${format} ${length}`;
  const known = paddings.get(key) ?? make(length);
  paddings.set(key, known);
  return known;
}

/** A JPEG comment segment of exactly `length` bytes. */
function comment(length: number, text = ''): Buffer {
  const segment = Buffer.alloc(length);
  segment.writeUInt16BE(0xfffe, 0);
  segment.writeUInt16BE(length - 2, 2);
  segment.write(text, 4, 'latin1');
  return segment;
}

function comments(length: number): Buffer {
  const segments: Buffer[] = [];
  for (let left = length; left > 0; ) {
    const next = left <= 60_000 ? left : Math.min(60_000, left - 6);
    segments.push(comment(next));
    left -= next;
  }
  return Buffer.concat(segments);
}

const tails = new Map<string, Buffer>();

/** The same rest of the file for every picture of a kind, so that its base64 text is shared as well. */
function tailOf(key: string, base: Buffer, from: number): Buffer {
  const tail = tails.get(key) ?? base.subarray(from);
  tails.set(key, tail);
  return tail;
}

function jpegPieces(base: Buffer, key: string, serial: number, bytes_min: number): Buffer[] {
  const steps = [2 * (1 + (serial % 127)), 2 * (1 + ((serial * 31 + 40) % 125))];
  const head = Buffer.from(base);
  let end = 2;
  for (let at = 2; head.readUInt16BE(at) !== 0xffc0 && head.readUInt16BE(at) !== 0xffc2; ) {
    const next = at + 2 + head.readUInt16BE(at + 2);
    if (head.readUInt16BE(at) === 0xffdb) {
      for (let table = at + 4; table < next; table += 65) {
        head.writeUInt8(steps[head.readUInt8(table) & 15] ?? 16, table + 1);
      }
      end = next;
    }
    at = next;
  }
  const mark = comment(30 - (end % 3), `picture ${serial}`);
  const pad = padding('jpeg', bytes_min - base.length - 40, comments);
  return [Buffer.concat([head.subarray(0, end), mark]), pad, tailOf(key, base, end)];
}

function pngChunk(type: string, data: Buffer): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}

function pngPieces(base: Buffer, key: string, serial: number, bytes_min: number): Buffer[] {
  const at = base.indexOf('PLTE', 0, 'latin1') - 4;
  const count = base.readUInt32BE(at);
  const end = at + 12 + count;
  const [left, right] = [colourOf(serial), opposite(colourOf(serial))];
  const palette = pngChunk('PLTE', Buffer.from([...left, ...right].slice(0, count)));
  const room = end + 12;
  const text = Buffer.alloc(24 - (room % 3));
  text.fill(32);
  text.write(`Comment\0picture ${serial}`, 'latin1');
  const pad = padding('png', bytes_min - base.length - 40, (length) => pngChunk('paDd', Buffer.alloc(length - 12)));
  const head = Buffer.concat([base.subarray(0, at), palette, pngChunk('tEXt', text)]);
  return [head, pad, tailOf(key, base, end)];
}

function webpPieces(base: Buffer, bytes_min: number): Buffer[] {
  const chunk = (length: number): Buffer => {
    const filler = Buffer.alloc(length);
    filler.write('fill', 0, 'latin1');
    filler.writeUInt32LE(length - 8, 4);
    return filler;
  };
  const even = Buffer.concat([base, chunk(8 + ((6 - ((base.length + 8) % 6)) % 6))]);
  const pad = padding('webp', bytes_min - even.length, chunk);
  even.writeUInt32LE(even.length + pad.length - 8, 4);
  return [even, pad];
}
