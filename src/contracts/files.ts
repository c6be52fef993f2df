/** Files that clients upload, and those that batches write. Types only. */
import type { Readable } from 'node:stream';
import type { StagedBlob } from './media.ts';
import type { Principal } from './services.ts';

export type FilePurpose = 'batch' | 'batch_output' | 'vision' | 'user_data';

export interface FileView {
  /** `file-…` */
  readonly id: string;
  readonly filename: string;
  readonly purpose: FilePurpose;
  readonly bytes: number;
  readonly created_at: Date;
  /** Null = kept until deleted. */
  readonly expires_at: Date | null;
}

export interface FileWish {
  readonly filename: string;
  readonly purpose: Exclude<FilePurpose, 'batch_output'>;
  /** Null = as files of the purpose do. */
  readonly expires_after_seconds: number | null;
}

export interface FileQuery {
  readonly purpose?: FilePurpose;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  /** The id of the last file of the page before. */
  readonly after?: string;
}

export interface FileServices {
  /** Streams a body into the store, before it is known what it is for. Throws `payload_too_large`. */
  storeFile(principal: Principal, stream: Readable): Promise<StagedBlob>;
  /** Gives stored bytes a name. Throws `invalid_image` for what is sent as a picture and is none. */
  createFile(principal: Principal, blob: StagedBlob, wish: FileWish): Promise<FileView>;
  listFiles(
    principal: Principal,
    query: FileQuery,
  ): Promise<{ readonly files: readonly FileView[]; readonly has_more: boolean }>;
  /** This and the next two throw `not_found`, for a stranger's file too. */
  getFile(principal: Principal, id: string): Promise<FileView>;
  openFile(principal: Principal, id: string): Promise<{ readonly file: FileView; readonly stream: Readable }>;
  deleteFile(principal: Principal, id: string): Promise<void>;
}
