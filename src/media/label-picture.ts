import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type ByteReader, type PictureSource, withByteReader } from './byte-reader.ts';
import { type PictureHeader, readPictureHeader } from './picture-header.ts';
import type { InputFormat } from './sniff-format.ts';

/** IPTC's word for how a picture was made: by a trained model, or by a procedure such as the sketch engine. */
export type DigitalSourceType = 'trainedAlgorithmicMedia' | 'algorithmicMedia';

const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

/**
 * Writes the label into a PNG, JPEG, WebP or GIF without touching its pixels: an older XMP packet is left out and ours
 * put where each format's readers look for it. AVIF gets the same packet from its encoder (`xmpPacket`).
 */
export async function labelPicture(source: PictureSource, label: DigitalSourceType): Promise<Readable> {
  const splices = await withByteReader(source, async (reader) => {
    const header = await readPictureHeader(reader);
    const dropped = header.xmp.map((span) => ({ offset: span.offset, drop: span.length, insert: noBytes }));
    const planned = await planners[header.format](reader, header, Buffer.from(xmpPacket(label)));
    return [...dropped, ...planned].sort((a, b) => a.offset - b.offset);
  });
  return Readable.from(spliced(source, splices), { objectMode: false });
}

/** IPTC Photo Metadata 2025.1, property Digital Source Type, as an XMP packet. */
export function xmpPacket(label: DigitalSourceType): string {
  return (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>' +
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ' +
    `Iptc4xmpExt:DigitalSourceType="${vocabulary}${label}"/>` +
    '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
  );
}

/** The label in an XMP packet, or in the first bytes of a file of ours; null when there is none. */
export function findLabel(bytes: Uint8Array): DigitalSourceType | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (text.includes(`${vocabulary}trainedAlgorithmicMedia`)) return 'trainedAlgorithmicMedia';
  return text.includes(`${vocabulary}algorithmicMedia`) ? 'algorithmicMedia' : null;
}

/** At `offset` of the old file, `drop` bytes are left out and `insert` is written in their place. */
interface Splice {
  readonly offset: number;
  readonly drop: number;
  readonly insert: Uint8Array;
}

const noBytes = new Uint8Array(0);

async function* spliced(source: PictureSource, splices: readonly Splice[]): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const splice of splices) {
    if (splice.offset > offset) yield* span(source, offset, splice.offset);
    if (splice.insert.length > 0) yield splice.insert;
    offset = Math.max(offset, splice.offset + splice.drop);
  }
  yield* span(source, offset, Number.POSITIVE_INFINITY);
}

async function* span(source: PictureSource, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) yield source.subarray(start, end);
  else yield* createReadStream(source.path, { start, end: end - 1 });
}

type Planner = (reader: ByteReader, header: PictureHeader, packet: Buffer) => Promise<readonly Splice[]>;

/** XMP part 3, 1.1.5: an uncompressed iTXt chunk with a fixed keyword, here right after IHDR. */
const planPng: Planner = async (_reader, _header, packet) => {
  const body = Buffer.concat([Buffer.from('iTXtXML:com.adobe.xmp\0\0\0\0\0', 'latin1'), packet]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(body.length - 4, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return [{ offset: 33, drop: 0, insert: chunk }];
};

/** XMP part 3, 1.1.3: an APP1 segment, after the JFIF segment where there is one, which must stay first. */
const planJpeg: Planner = async (reader, _header, packet) => {
  const head = Buffer.from(await reader.read(2, 4));
  const jfifLength = head[1] === 0xe0 ? head.readUInt16BE(2) + 2 : 0;
  const body = Buffer.concat([Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1'), packet]);
  const segment = Buffer.alloc(body.length + 4);
  segment.writeUInt16BE(0xffe1, 0);
  segment.writeUInt16BE(body.length + 2, 2);
  body.copy(segment, 4);
  return [{ offset: 2 + jfifLength, drop: 0, insert: segment }];
};

/**
 * XMP part 3, 1.1.2: an application extension whose packet lies unblocked; the trailer of falling numbers leads any
 * reader that takes the text for data blocks to the end. Extensions need GIF89a.
 */
const planGif: Planner = async (reader, _header, packet) => {
  const flags = (await reader.read(10, 1))[0] ?? 0;
  const colourTableBytes = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
  const trailer = Buffer.from([1, ...Array.from({ length: 256 }, (_, i) => 255 - i), 0]);
  const extension = Buffer.concat([Buffer.from('!\xff\x0bXMP DataXMP', 'latin1'), packet, trailer]);
  return [
    { offset: 4, drop: 1, insert: Buffer.from('9') },
    { offset: 13 + colourTableBytes, drop: 0, insert: extension },
  ];
};

const webpXmpFlag = 0x04;
const webpAlphaFlag = 0x10;

/** RFC 9649, 2.7: XMP comes last, is announced in VP8X, and the RIFF size counts it. A simple file gains a VP8X chunk. */
const planWebp: Planner = async (reader, header, packet) => {
  const head = Buffer.from(await reader.read(0, 30));
  const riffEnd = Math.min(head.readUInt32LE(4) + 8, reader.bytes_total);
  const padding = Buffer.alloc(packet.length % 2);
  const xmpChunk = Buffer.concat([Buffer.from('XMP \0\0\0\0', 'latin1'), packet, padding]);
  xmpChunk.writeUInt32LE(packet.length, 4);
  const type = head.toString('latin1', 12, 16);
  const extended = Buffer.alloc(18);
  extended.write('VP8X', 'latin1');
  extended.writeUInt32LE(10, 4);
  const usesAlpha = type === 'VP8L' && (head.readUInt32LE(21) & 0x10000000) !== 0;
  extended[8] = webpXmpFlag | (usesAlpha ? webpAlphaFlag : 0);
  extended.writeUIntLE(header.width - 1, 12, 3);
  extended.writeUIntLE(header.height - 1, 15, 3);
  const announce: Splice =
    type === 'VP8X'
      ? { offset: 20, drop: 1, insert: Buffer.from([(head[20] ?? 0) | webpXmpFlag]) }
      : { offset: 12, drop: 0, insert: extended };
  const dropped = header.xmp.reduce((sum, old) => sum + old.length, 0);
  const grown = xmpChunk.length + announce.insert.length - announce.drop - dropped;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(riffEnd - 8 + grown, 0);
  return [{ offset: 4, drop: 4, insert: size }, announce, { offset: riffEnd, drop: 0, insert: xmpChunk }];
};

const planners: Readonly<Record<InputFormat, Planner>> = {
  png: planPng,
  jpeg: planJpeg,
  gif: planGif,
  webp: planWebp,
};
