import { type DroppedFile, dropExpiredFiles as dropExpired, unnamedBytes } from '../../store/files.ts';
import { forgetBytes } from '../../store/payloads.ts';
import type { ServiceParts } from '../parts.ts';

type RemoveParts = Pick<ServiceParts, 'db' | 'clock' | 'removeBytes'>;

const GROUP = 500;

/**
 * Takes the bytes of deleted files away, where nothing else points to them and nobody has stored them again since: bytes are
 * stored before their row is written.
 */
export async function removeFileBytes(
  { db, removeBytes }: RemoveParts,
  dropped: readonly DroppedFile[],
): Promise<void> {
  await forgetBytes(
    db,
    dropped.map(({ sha256, created_at }) => ({ blob_sha256: sha256, created_at })),
  );
  const stored = Map.groupBy(dropped, ({ sha256 }) => sha256);
  for (const sha256 of await unnamedBytes(db, [...stored.keys()])) {
    const times = (stored.get(sha256) ?? []).map(({ created_at }) => created_at.getTime());
    // Stores keep parts of a millisecond, rows do not.
    await removeBytes(sha256, new Date(Math.max(...times) + 1));
  }
}

/** Run now and then: files whose time has come go with their bytes. */
export async function dropExpiredFiles(parts: RemoveParts): Promise<void> {
  const now = new Date(parts.clock.now());
  for (let last = GROUP; last === GROUP; ) {
    const dropped = await dropExpired(parts.db, now, GROUP);
    await removeFileBytes(parts, dropped);
    last = dropped.length;
  }
}
