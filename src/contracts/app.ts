/** The whole system as its launchers see it: the command line drives it without knowing what it is made of. */
import type { Readable } from 'node:stream';

export interface AppRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the server's root, e.g. `/v1/models`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

export interface AppAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

/** Keys made on the very first start, to be shown once. */
export interface FirstKeys {
  readonly admin: string;
  readonly live: string;
  readonly test: string;
}

export interface App {
  /** Keys to show, when this start was the first and none were preset; otherwise null. */
  readonly firstKeys: FirstKeys | null;
  /** What a person should know about how the app runs, one sentence each (database kind, warnings, configured providers). */
  readonly notes: readonly string[];
  /** A bearer token for this machine's owner; `test` draws without spending. Kept 0600 in the data directory. */
  localToken(mode: 'live' | 'test'): string;
  /** Answers in-process, without a port. */
  request(request: AppRequest): Promise<AppAnswer>;
  /** Starts to listen; resolves to the base URL, e.g. `http://127.0.0.1:8080`. */
  listen(): Promise<string>;
  /** Finishes work in hand, then closes everything; safe to call twice. */
  close(): Promise<void>;
}
