import type { Readable } from 'node:stream';
import type { BackupWish, Principal } from '../contracts/services.ts';
import { secretMark } from '../store/backup/backup-format.ts';
import { writeBackup } from '../store/backup/write-backup.ts';
import { requireOperator } from './manage-accounts.ts';
import type { ServiceParts } from './parts.ts';

/** Everything that is kept, of all accounts, as one stream: the operator's affair alone. */
export async function backUp(
  { db, media, clock, deriveSecret }: Pick<ServiceParts, 'db' | 'media' | 'clock' | 'deriveSecret'>,
  principal: Principal,
  wish: BackupWish,
): Promise<Readable> {
  await requireOperator(db, principal);
  return writeBackup({
    db,
    media: wish.has_media ? media : null,
    gesso_version: wish.gesso_version,
    created_at: new Date(clock.now()),
    secret_mark: secretMark(deriveSecret),
  });
}
