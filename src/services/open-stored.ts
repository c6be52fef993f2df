import { buffer } from 'node:stream/consumers';
import type { MediaStore } from '../contracts/media.ts';

/** A stored picture as a decoder takes it: its path where the store has one, else its bytes. */
export async function openStored(media: MediaStore, sha256: string): Promise<{ readonly path: string } | Uint8Array> {
  const path = await media.localPath(sha256);
  return path === null ? buffer((await media.open(sha256)).stream) : { path };
}
