/** Everything that the command line touches, as arguments: `main.ts` hands the real things in, a test its own. */
import type { Readable } from 'node:stream';
import type { App } from '../contracts/app.ts';
import type { Pixels } from '../contracts/media.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that a person or a program reads; `columns` is absent when it is no terminal. */
export interface Output {
  write(chunk: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface CliWorld {
  /** What stands after `gesso`. */
  readonly arguments: readonly string[];
  readonly env: Environment;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly fetch: typeof fetch;
  /** Calls `handler` at every signal to stop, until the returned function is called. */
  readonly onStop: (handler: (signal: StopSignal) => void) => () => void;
  /** Ends the process at once, whatever is in hand. */
  readonly exit: (code: number) => void;
  readonly parts: CliParts;
}

/** The rest of Gesso, loaded only by the commands that need it: `gesso --help` starts none of it. */
export interface CliParts {
  /** Throws an error that lists every fault (`faults`) when a setting is wrong. */
  settings(env: Environment): Promise<EssentialSettings>;
  describeSettings(env: Environment): Promise<SettingsReport>;
  createApp(env: Environment, options: { readonly log: LogDestination }): Promise<App>;
  /** The process that has the data directory; `url` is null until it listens, and always for one that only draws. */
  findServer(data_dir: string): Promise<RunningServer | null>;
  checkCatalog(): Promise<CatalogReport>;
  /** Decodes a picture, scaled to the largest size of its shape that fits in the box. */
  decodePicture(path: string, box: { readonly width: number; readonly height: number }): Promise<Pixels>;
  encodePng(pixels: Pixels): Promise<Uint8Array>;
  /** One line about the database that Gesso would use; throws when it cannot be opened. */
  probeDatabase(env: Environment): Promise<{ readonly summary: string; readonly for_trying_out: boolean }>;
  /** One line about where pictures are stored; throws, with a sentence, when the bucket cannot be used. */
  probeMedia(env: Environment): Promise<string>;
  /** Formats that this machine's build of the picture library can write. */
  writableFormats(): Promise<readonly string[]>;
  /** How many fonts there are to draw text with; throws when one cannot be read. */
  loadFonts(): Promise<number>;
  /** Reads a backup from its first byte to its last; throws when it is not whole. */
  checkBackup(source: Readable, onProgress: (progress: BackupProgress) => void): Promise<BackupReport>;
  /** Puts a backup into the database and the media store of the settings, which must be empty: all of it or nothing. */
  restoreBackup(
    env: Environment,
    source: Readable,
    onProgress: (progress: BackupProgress) => void,
  ): Promise<RestoreReport>;
  /** A small picture by the built-in engine. */
  drawSample(): Promise<Pixels>;
}

export interface LogDestination {
  /** One line of JSON. */
  write(line: string): void;
}

export interface EssentialSettings {
  readonly PORT: number;
  readonly HOST: string;
  readonly GESSO_DATA_DIR: string;
  readonly DATABASE_URL?: string | undefined;
}

export interface SettingReport {
  readonly name: string;
  /** Null where nothing is set; `set` for a secret. */
  readonly value: string | null;
  readonly source: 'environment' | 'file' | 'default';
  readonly description: string;
  readonly secret: boolean;
}

export interface SettingsReport {
  readonly settings: readonly SettingReport[];
  readonly faults: readonly { readonly name: string; readonly message: string }[];
  /** Names that look like ours and are not, with the setting that was probably meant. */
  readonly unknown: readonly { readonly name: string; readonly did_you_mean: string | null }[];
}

export interface RunningServer {
  readonly pid: number;
  readonly url: string | null;
  readonly local_token: string;
}

export interface BackupProgress {
  readonly rows: number;
  readonly blobs: number;
}

export interface BackupReport {
  readonly gesso_version: string;
  /** ISO 8601. */
  readonly created_at: string;
  /** Of each table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly media: boolean;
  readonly blobs: number;
  readonly blob_bytes: number;
  readonly blobs_missing: number;
}

export interface RestoreReport extends BackupReport {
  /** Where it is now. */
  readonly database: string;
  /** Null where the backup does not say. */
  readonly is_same_secret: boolean | null;
  readonly ledger: {
    readonly transfers: number;
    readonly wallets: number;
    readonly generations: number;
    readonly faults: number;
  };
}

export interface CatalogReport {
  readonly models: number;
  readonly offers: number;
  readonly providers: readonly { readonly id: string; readonly variables: readonly string[] }[];
  readonly faults: readonly string[];
}
