import { mkdir, open, readdir, rename, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock, Ids } from '../contracts/clock.ts';
import type { MediaStore } from '../contracts/media.ts';
import { GessoError } from '../core/errors.ts';
import { blobName } from './blob-name.ts';
import { createSpool, removeIfThere } from './spool.ts';

export interface FileMediaStoreOptions {
  /** Made if missing. Everything lies on one filesystem, so that a rename is atomic. */
  readonly directory: string;
  readonly ids: Ids;
  /** Wall-clock time: when a blob was stored is written to its file, and compared with in `sweep`. */
  readonly clock: Clock;
}

/**
 * Blobs as files named by their SHA-256: `blobs/ab/cd/abcd…`. A blob is written under `partial/`, made durable, and
 * only then renamed, so that a reader sees all of it or nothing, also after `kill -9` or power loss.
 */
export function createFileMediaStore({ directory, ids, clock }: FileMediaStoreOptions): MediaStore {
  const spool = createSpool({ directory: join(directory, 'partial'), ids, clock });
  const blobPath = (sha256: string) => join(directory, 'blobs', blobName(sha256));

  // One after another: a directory that a writer finds was then entered durably by whoever made it.
  let lastMade = Promise.resolve();
  const makeDirectory = (path: string): Promise<void> => {
    const made = lastMade.then(() => makeDurableDirectory(path));
    lastMade = made.catch(() => {});
    return made;
  };

  return {
    async put(source, { bytes_max, inspect }) {
      const { path: partial, sha256, bytes } = await spool.write(source, { bytes_max, durable: true });
      try {
        await inspect?.({ path: partial });
        const path = blobPath(sha256);
        await makeDirectory(dirname(path));
        // Stored now, and not when its last byte came: looking at it takes time, in which the same bytes may be deleted.
        const stored_at = new Date(clock.now());
        await utimes(partial, stored_at, stored_at);
        await rename(partial, path);
        await syncDirectory(dirname(path));
        return { sha256, bytes };
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

    localPath: async (sha256) => blobPath(sha256),

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
      const aside = await spool.newPath('gone');
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

    sweep: () => spool.sweep(),
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

function asNotFound(error: NodeJS.ErrnoException): never {
  throw error.code === 'ENOENT' ? new GessoError('not_found', undefined, { cause: error }) : error;
}
