/**
 * What stands in a backup (docs/decisions/0017): a tar archive, compressed with Zstandard, of
 *
 *     gesso-backup.json               the header
 *     tables/<table>/<number>.ndjson  rows, one JSON array of texts or nulls a line, in the header's order of columns
 *     blobs/<sha256>                  pictures and files, where they were asked for
 *     end.json                        what was written, and the SHA-256 of every byte of the archive before it
 */
import { z } from 'zod';

export const FORMAT = 'gesso-backup';
export const FORMAT_VERSION = 1;
export const HEADER_NAME = 'gesso-backup.json';
export const END_NAME = 'end.json';

const count = z.number().int().min(0);

export const headerSchema = z.object({
  format: z.literal(FORMAT),
  format_version: z.number().int(),
  gesso_version: z.string(),
  created_at: z.iso.datetime(),
  /** What it was read from, e.g. `PostgreSQL 18.4`. */
  database: z.string(),
  /** The changes of the schema that had been made, in order. */
  migrations: z.array(z.object({ id: z.number().int(), name: z.string() })),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()) })),
  /** Whether pictures and files are in it. */
  media: z.boolean(),
  /** Tells whether two servers have the same secret, and next to nothing about it; null = not known. */
  secret_mark: z.string().nullable(),
});

export const endSchema = z.object({
  /** Rows of each table. */
  rows: z.record(z.string(), count),
  /** Where sequences stand; null = never used. */
  sequences: z.array(z.object({ name: z.string(), last_value: z.string().nullable() })),
  blobs: count,
  blob_bytes: count,
  /** Named by a row, and not in the media store. */
  blobs_missing: count,
  sha256: z.string(),
});

export type BackupHeader = z.infer<typeof headerSchema>;
export type BackupEnd = z.infer<typeof endSchema>;

/** 16 bits: enough to see that a secret is another one, too few to find it out by trying. */
export function secretMark(deriveSecret: (purpose: string) => Buffer): string {
  return deriveSecret('backup mark').toString('hex', 0, 2);
}
