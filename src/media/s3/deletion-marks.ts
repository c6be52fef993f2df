import { setTimeout as sleep } from 'node:timers/promises';
import type { Ids } from '../../contracts/clock.ts';
import type { S3Objects } from './s3-objects.ts';

export interface DeletionMarks {
  /** Runs `work`, which looks whether a blob may go and deletes it, in sight of everybody who stores the same bytes. */
  marked(sha256: string, work: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Resolves when no deletion of the blob is under way. */
  settled(sha256: string): Promise<void>;
  /** Removes what crashed processes left behind. */
  sweep(older_than: Date): Promise<void>;
}

/** A deletion is given up after this time. */
const DELETION_MS_MAX = 20_000;
const ABANDONED_AFTER_MS = 30_000;
const LOOK_MS = [50, 100, 200];
const LOOK_MS_MAX = 500;

/**
 * S3 cannot delete an object only if it is old, nor take it aside. Without more, bytes that are stored again between the
 * look of a deletion and its act would be lost. So a deletion first puts up a mark of its own, then looks, acts, and takes
 * its mark down; whoever stores puts the object first, then waits until there is no mark, then looks whether the
 * object is there, and puts it again if not. Since S3 is strongly consistent, either the deletion put up its mark after
 * the object was stored, and sees how new it is, or it has ended before the last look, which finds the object missing.
 */
export function createDeletionMarks(options: {
  readonly objects: S3Objects;
  /** Of the marks' keys, with a slash at its end. */
  readonly prefix: string;
  readonly ids: Ids;
  /** Whoever meets a mark for longer takes it for a dead process's; longer than any deletion takes. */
  readonly abandoned_after_ms?: number;
}): DeletionMarks {
  const { objects, prefix, ids, abandoned_after_ms = ABANDONED_AFTER_MS } = options;
  const marksOf = async (sha256: string): Promise<string[]> => {
    const keys = [];
    for await (const { key } of objects.list(`${prefix}${sha256}.`)) keys.push(key);
    return keys;
  };

  return {
    async marked(sha256, work) {
      // Every deletion has its own: of two, the first to end would take the other's down.
      const mark = `${prefix}${sha256}.${ids.next('del')}`;
      const signal = AbortSignal.timeout(DELETION_MS_MAX);
      await objects.putText(mark, 'A deletion is under way.\n');
      signal.throwIfAborted();
      await work(signal);
      // Not after a failure: nobody knows then whether the deletion is still on its way, and the mark stands for it.
      await objects.delete(mark);
    },

    async settled(sha256) {
      const seen = new Map<string, number>();
      for (let looks = 0; ; looks++) {
        const marks = await marksOf(sha256);
        if (marks.length === 0) return;
        const now = performance.now();
        for (const mark of marks) {
          const since = seen.get(mark) ?? now;
          seen.set(mark, since);
          if (now - since > abandoned_after_ms) await objects.delete(mark);
        }
        await sleep(LOOK_MS[looks] ?? LOOK_MS_MAX);
      }
    },

    async sweep(older_than) {
      for await (const { key, modified_at } of objects.list(prefix)) {
        if (modified_at < older_than) await objects.delete(key);
      }
    },
  };
}
