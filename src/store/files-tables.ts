import type { Selectable } from 'kysely';
import type { FilePurpose } from '../contracts/files.ts';
import type { Mode } from '../contracts/generation.ts';

/** Bytes that a client brought, or that were made for it. */
export interface FilesTable {
  /** `file-…` */
  readonly id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly bytes: number;
  /** In the media store. */
  readonly sha256: string;
  /** After its bytes were stored. */
  readonly created_at: Date;
  /** Null = kept until deleted. */
  readonly expires_at: Date | null;
  readonly deleted_at: Date | null;
}

export type FileRow = Selectable<FilesTable>;
