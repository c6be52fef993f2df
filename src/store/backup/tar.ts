/**
 * The outer form of a backup, so that it can be opened without Gesso: POSIX ustar, as much of it as plain files need
 * (IEEE Std 1003.1-2017, utility `pax`, "ustar Interchange Format"; read 2026-11-20).
 */
const BLOCK = 512;
const NAME_BYTES_MAX = 100;
/** Eleven octal digits. */
const BYTES_MAX = 8 ** 11 - 1;
const EMPTY = Buffer.alloc(BLOCK);

export const TAR_BLOCK_BYTES = BLOCK;
export const tarEnd = Buffer.alloc(2 * BLOCK);

export interface TarEntry {
  readonly name: string;
  readonly bytes: number;
}

/** A file that only its owner may read. */
export function tarHeader({ name, bytes }: TarEntry, modified_at: Date): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw new RangeError(`The name ${name} is too long for tar.`);
  if (bytes > BYTES_MAX) throw new RangeError(`${name} is too large for tar: ${bytes} bytes.`);
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write('0000600\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${octal(bytes)} `, 124);
  block.write(`${octal(Math.floor(modified_at.getTime() / 1000))} `, 136);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** What follows a file of so many bytes, up to the next block. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc(paddingBytes(bytes));
}

export function paddingBytes(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

/** Null for the block of zeros that ends an archive, undefined for what is no header of a plain file. */
export function readTarHeader(block: Buffer): TarEntry | null | undefined {
  if (block.equals(EMPTY)) return null;
  const bytes = Number.parseInt(text(block, 124, 12), 8);
  const isPlain = text(block, 257, 5) === 'ustar' && text(block, 156, 1) === '0';
  if (!isPlain || !Number.isSafeInteger(bytes) || Number.parseInt(text(block, 148, 8), 8) !== checksum(block)) {
    return undefined;
  }
  return { name: text(block, 0, NAME_BYTES_MAX), bytes };
}

function octal(value: number): string {
  return value.toString(8).padStart(11, '0');
}

/** Of all bytes, the checksum's own taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length)).trim();
}
