import type { BackupEnd, BackupHeader } from './backup-format.ts';
import { readBackup } from './read-backup.ts';

/** Reads all of a backup and keeps nothing of it. Throws as `readBackup` does. */
export async function checkBackup(
  source: AsyncIterable<Uint8Array>,
  onProgress: (progress: { readonly rows: number; readonly blobs: number }) => void,
): Promise<{ readonly header: BackupHeader; readonly end: BackupEnd }> {
  const progress = { rows: 0, blobs: 0 };
  let header: BackupHeader | null = null;
  for await (const part of readBackup(source)) {
    if (part.kind === 'header') header = part.header;
    else if (part.kind === 'rows') progress.rows += part.text.split('\n').length - 1;
    else if (part.kind === 'blob') progress.blobs += 1;
    else if (header !== null) return { header, end: part.end };
    onProgress({ ...progress });
  }
  throw new Error('A backup begins with its header and ends with its end, or its reader throws.');
}
