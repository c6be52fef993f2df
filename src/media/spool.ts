import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock, Ids } from '../contracts/clock.ts';
import type { StagedBlob } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';

export interface SpooledBlob extends StagedBlob {
  readonly path: string;
}

export interface SpoolOptions {
  /** Made if missing. */
  readonly directory: string;
  readonly ids: Ids;
  /** Wall-clock time, compared with file times in `sweep`. */
  readonly clock: Clock;
}

export interface WriteOptions {
  readonly bytes_max: number;
  /** On the disk, not only handed to the system, when it resolves. */
  readonly durable: boolean;
}

/** Where bytes lie that have no name yet: their hash is known only when the last one has come. */
export interface Spool {
  /**
   * Streams into a new file while hashing; throws `payload_too_large`. Nothing is left of what fails. Whoever gets the
   * file moves or removes it.
   */
  write(source: Readable | Uint8Array, options: WriteOptions): Promise<SpooledBlob>;
  /** A path of a file that is not there yet. */
  newPath(kind: string): Promise<string>;
  /** Removes what crashed writers left behind. */
  sweep(): Promise<void>;
}

/** A writer on another host that wrote nothing for so long is dead. */
const silentWriterMs = 60 * 60 * 1000;

export function createSpool({ directory, ids, clock }: SpoolOptions): Spool {
  const newPath = async (kind: string): Promise<string> => {
    await mkdir(directory, { recursive: true });
    return join(directory, `${writerName()}.${ids.next(kind)}`);
  };

  return {
    newPath,

    async write(source, options) {
      const path = await newPath('part');
      try {
        return { path, ...(await writeWhole(path, source, options)) };
      } catch (error) {
        await removeIfThere(path);
        throw error;
      }
    },

    async sweep() {
      const names = await readdir(directory).catch(() => []);
      for (const name of names) {
        const path = join(directory, name);
        const changed_ms = await stat(path).then(
          (found) => found.mtimeMs,
          () => null,
        );
        if (changed_ms !== null && isDead(name, changed_ms, clock.now())) await removeIfThere(path);
      }
    },
  };
}

export async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function writeWhole(
  path: string,
  source: Readable | Uint8Array,
  { bytes_max, durable }: WriteOptions,
): Promise<StagedBlob> {
  const file = await open(path, 'wx', 0o640);
  const hash = createHash('sha256');
  try {
    const bytes = await writeChunks(file, hash, source, bytes_max);
    if (durable) await file.sync();
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    await file.close();
    if (source instanceof Readable) source.destroy();
  }
}

async function writeChunks(
  file: FileHandle,
  hash: Hash,
  source: Readable | Uint8Array,
  bytes_max: number,
): Promise<number> {
  let bytes = 0;
  const chunks: AsyncIterable<Uint8Array> | Uint8Array[] = source instanceof Uint8Array ? [source] : source;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > bytes_max) {
      throw new GessoError('payload_too_large', `The file is larger than ${bytes_max} bytes. Send a smaller one.`);
    }
    hash.update(chunk);
    await file.writev([chunk]);
  }
  return bytes;
}

/** Host and process of a writer, so that `sweep` can tell whether it still lives. */
const writerName = () => `${hostname().replaceAll(/[^\w-]/g, '_')}.${process.pid}`;

function isDead(name: string, changed_ms: number, now_ms: number): boolean {
  const [host, pid] = name.split('.');
  const own = writerName().split('.');
  if (host === own[0]) {
    // The same number in an earlier life, as process 1 of a container has it.
    if (pid === own[1]) return changed_ms < performance.timeOrigin;
    if (!isRunning(Number(pid))) return true;
  }
  return now_ms - changed_ms > silentWriterMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // kill throws nothing else than system errors
  }
}
