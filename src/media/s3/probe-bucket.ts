import { buffer } from 'node:stream/consumers';
import type { S3Access } from './connect-s3.ts';
import { MediaStoreError, operatorSentence } from './s3-fault.ts';
import type { S3Objects } from './s3-objects.ts';

/** Writes, reads, lists and deletes a small object under `key`. Throws MediaStoreError, a sentence for the operator. */
export async function probeBucket({
  objects,
  access,
  key,
}: {
  readonly objects: S3Objects;
  readonly access: S3Access;
  readonly key: string;
}): Promise<void> {
  const steps: readonly (readonly [doing: string, step: () => Promise<unknown>])[] = [
    ['write', () => objects.putText(key, key)],
    ['read', async () => requireSame(key, await buffer((await objects.read(key)).stream))],
    ['list', () => Array.fromAsync(objects.list(key))],
    ['delete', () => objects.delete(key)],
  ];
  for (const [doing, step] of steps) {
    try {
      await step();
    } catch (error) {
      throw new MediaStoreError(operatorSentence(error, doing, access), { cause: error });
    }
  }
}

function requireSame(text: string, bytes: Buffer): void {
  if (bytes.toString() !== text) throw new Error('what was written came back changed');
}
