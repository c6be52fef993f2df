import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ByteCache {
  get(name: string): Promise<Buffer | null>;
  /** Durable and whole when it returns; the least recently used make room. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  delete(name: string): Promise<void>;
}

/**
 * Small files under a limit of bytes. What it holds can be made again, so any loss is only a miss. Processes may share
 * a directory; each counts what it knows of.
 */
export function createByteCache(options: { readonly directory: string; readonly bytes_max: number }): ByteCache {
  const path = (name: string) => join(options.directory, name);
  let loading: Promise<Map<string, number>> | null = null;
  // Insertion order is order of use: the first is the oldest.
  const entries = () => {
    loading ??= listBySize(options.directory);
    return loading;
  };

  const remove = async (name: string) => {
    (await entries()).delete(name);
    await rm(path(name), { force: true });
  };

  return {
    async get(name) {
      const known = await entries();
      const bytes = known.get(name);
      if (bytes === undefined) return null;
      known.delete(name);
      known.set(name, bytes);
      return readFile(path(name)).catch(async () => {
        await remove(name);
        return null;
      });
    },

    async put(name, bytes) {
      const known = await entries();
      if (bytes.byteLength > options.bytes_max) return;
      const partial = path(`${name}.${process.pid}.partial`);
      const file = await open(partial, 'w', 0o640);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path(name));
      known.delete(name);
      known.set(name, bytes.byteLength);
      let total = known.values().reduce((sum, size) => sum + size, 0);
      for (const [oldest, size] of known) {
        if (total <= options.bytes_max) break;
        total -= size;
        await remove(oldest);
      }
    },

    delete: remove,
  };
}

async function listBySize(directory: string): Promise<Map<string, number>> {
  await mkdir(directory, { recursive: true });
  const found = [];
  for (const name of await readdir(directory)) {
    const { size, mtimeMs } = await stat(join(directory, name));
    if (name.endsWith('.partial')) await rm(join(directory, name), { force: true });
    else found.push({ name, size, mtimeMs });
  }
  found.sort((a, b) => a.mtimeMs - b.mtimeMs);
  return new Map(found.map(({ name, size }) => [name, size]));
}
