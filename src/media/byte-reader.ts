import { type FileHandle, open } from 'node:fs/promises';

/** A picture file: its bytes, or a path where they can be read in place. */
export type PictureSource = Uint8Array | { readonly path: string };

export interface ByteReader {
  readonly bytes_total: number;
  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

const headBytes = 64 * 1024;

/** Opens `source` for reads at any place and closes it when `use` is done: headers are read without loading the file. */
export async function withByteReader<T>(source: PictureSource, use: (reader: ByteReader) => Promise<T>): Promise<T> {
  if (source instanceof Uint8Array) {
    return use({
      bytes_total: source.byteLength,
      read: async (offset, length) => source.subarray(offset, offset + length),
    });
  }
  const file = await open(source.path, 'r');
  try {
    return await use(await fileReader(file));
  } finally {
    await file.close();
  }
}

/** Nearly every header lies in the first 64 KiB, so that one read serves most walks. */
async function fileReader(file: FileHandle): Promise<ByteReader> {
  const bytes_total = (await file.stat()).size;
  const readAt = async (offset: number, length: number): Promise<Uint8Array> => {
    const wanted = Math.max(0, Math.min(length, bytes_total - offset));
    const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  };
  const head = await readAt(0, headBytes);
  return {
    bytes_total,
    read: async (offset, length) =>
      offset + length <= head.length ? head.subarray(offset, offset + length) : readAt(offset, length),
  };
}
