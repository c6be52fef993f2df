import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Clock, Ids } from '../contracts/clock.ts';
import type { MediaStore, StagedBlob } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';

export interface FileMediaStoreOptions {
  /** Made if missing. Everything lies on one filesystem, so that a rename is atomic. */
  readonly directory: string;
  readonly ids: Ids;
  /** Wall-clock time, compared with file times in `sweep`. */
  readonly clock: Clock;
}

/** A writer on another host that wrote nothing for so long is dead. */
const silentWriterMs = 60 * 60 * 1000;

/**
 * Blobs as files named by their SHA-256: `blobs/ab/cd/abcd…`. A blob is written under `partial/`, made durable, and
 * only then renamed, so that a reader sees all of it or nothing, also after `kill -9` or power loss.
 */
export function createFileMediaStore({ directory, ids, clock }: FileMediaStoreOptions): MediaStore {
  const partials = join(directory, 'partial');
  const blobPath = (sha256: string) =>
    join(directory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), requireSha256(sha256));

  // One after another: a directory that a writer finds was then entered durably by whoever made it.
  let lastMade = Promise.resolve();
  const makeDirectory = (path: string): Promise<void> => {
    const made = lastMade.then(() => makeDurableDirectory(path));
    lastMade = made.catch(() => {});
    return made;
  };

  return {
    async put(source, { bytes_max, inspect }) {
      await mkdir(partials, { recursive: true });
      const partial = join(partials, `${writerName()}.${ids.next('part')}`);
      try {
        const blob = await writeWhole(partial, source, bytes_max);
        await inspect?.({ path: partial });
        const path = blobPath(blob.sha256);
        await makeDirectory(dirname(path));
        await rename(partial, path);
        await syncDirectory(dirname(path));
        return blob;
      } catch (error) {
        await removeIfThere(partial);
        throw error;
      }
    },

    async open(sha256, range) {
      const file = await open(blobPath(sha256), 'r').catch(asNotFound);
      const bytes_total = await file.stat().then(
        (found) => found.size,
        async (error: unknown) => {
          await file.close();
          throw error;
        },
      );
      return { stream: file.createReadStream(range ?? {}), bytes_total };
    },

    localPath: (sha256) => blobPath(sha256),

    has: (sha256) =>
      stat(blobPath(sha256)).then(
        () => true,
        () => false,
      ),

    async delete(sha256, stored_before) {
      const path = blobPath(sha256);
      if (stored_before === undefined) return removeIfThere(path);
      if (await isNewer(path, stored_before)) return;
      // Somebody may store the same bytes just now: what is taken aside is looked at once more before it is removed.
      const aside = join(partials, `${writerName()}.${ids.next('gone')}`);
      await mkdir(partials, { recursive: true });
      const taken = await rename(path, aside).then(
        () => true,
        () => false,
      );
      if (!taken) return;
      if (await isNewer(aside, stored_before)) await rename(aside, path);
      else await removeIfThere(aside);
    },

    async *storedBefore(time) {
      for (const first of await namesIn(join(directory, 'blobs'))) {
        for (const second of await namesIn(join(directory, 'blobs', first))) {
          const folder = join(directory, 'blobs', first, second);
          for (const sha256 of await namesIn(folder)) {
            if (!(await isNewer(join(folder, sha256), time))) yield sha256;
          }
        }
      }
    },

    async sweep() {
      const names = await readdir(partials).catch(() => []);
      for (const name of names) {
        const path = join(partials, name);
        const changed_ms = await stat(path).then(
          (found) => found.mtimeMs,
          () => null,
        );
        if (changed_ms !== null && isDead(name, changed_ms, clock.now())) await removeIfThere(path);
      }
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function isNewer(path: string, than: Date): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs >= than.getTime(),
    () => false,
  );
}

/** Streams into a new file while hashing and counting; returns when the bytes are on the disk. */
async function writeWhole(path: string, source: Readable | Uint8Array, bytes_max: number): Promise<StagedBlob> {
  const file = await open(path, 'wx', 0o640);
  const hash = createHash('sha256');
  try {
    const bytes = await writeChunks(file, hash, source, bytes_max);
    await file.sync();
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

/** Makes a directory and every missing parent, each entered durably in its own parent. */
async function makeDurableDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Names come from URLs too: nothing but a hash may become a path. */
function requireSha256(sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new GessoError('not_found');
  return sha256;
}

function asNotFound(error: NodeJS.ErrnoException): never {
  throw error.code === 'ENOENT' ? new GessoError('not_found', undefined, { cause: error }) : error;
}
