/** What the HTTP surface is given. Everything is an argument, so that a test can bring its own parts. */
import type { Readable } from 'node:stream';
import type { FastifyBaseLogger } from 'fastify';
import type { Clock, Ids } from '../contracts/clock.ts';
import type { ByteRange, MediaStore } from '../contracts/media.ts';
import type { Services } from '../contracts/services.ts';
import type { batchSettings } from '../core/batch/settings.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { SettingValues } from '../core/settings.ts';
import type { HttpMetrics } from './http-metrics.ts';
import type { Readiness } from './readiness.ts';
import type { httpSettings } from './settings.ts';

export interface HostedMedia {
  readonly blob_sha256: string;
  readonly bytes: number;
  readonly content_type: string;
  /** Milliseconds since the epoch; null = kept until deleted. */
  readonly expires_at: number | null;
}

interface ServedMedia {
  readonly tag: string;
  readonly bytes_total: number;
  readonly content_type: string;
  readonly file_name: string;
  readonly expires_at: number | null;
}

interface MediaAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: Readable | null;
}

interface MediaLinkOptions {
  readonly content_type: string;
  readonly content_disposition: string;
  readonly cache_control: string;
  readonly expires_in_s: number;
}

export interface HttpMedia {
  readonly store: MediaStore;
  /** Null for an id that is not known or has expired. */
  lookup(mediaId: string): Promise<HostedMedia | null>;
  /** `serveMedia` of media/serve-media.ts. */
  serve(
    media: ServedMedia,
    request: {
      readonly method: 'GET' | 'HEAD';
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    },
    now: number,
    open: (range?: ByteRange) => Promise<Readable>,
  ): Promise<MediaAnswer>;
  /** A link to the bytes themselves that anybody can follow for a short time; null = they are sent by this process. */
  readonly link: ((blobSha256: string, options: MediaLinkOptions) => Promise<string>) | null;
  /** The width of `?w=` on the ladder of widths; throws `invalid_value`. */
  snapWidth(text: string): number;
  thumbnail(
    blobSha256: string,
    width: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly content_type: string; readonly tag: string }>;
}

export interface HttpDependencies {
  readonly services: Services;
  /** False in a process that only works: it answers those who watch over it, and nobody else. */
  readonly serves_api: boolean;
  readonly catalog: Catalog;
  /** Whether live calls can go to this provider: its key is set. */
  readonly isConfigured: (provider: string) => boolean;
  readonly media: HttpMedia;
  readonly settings: SettingValues<typeof httpSettings & typeof batchSettings>;
  /** What absolute links begin with, without a slash at its end. Late, since port 0 is only known once we listen. */
  readonly publicUrl: () => string;
  readonly version: string;
  readonly log: FastifyBaseLogger;
  readonly metrics: HttpMetrics;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly readiness: Readiness;
  /** Called when the server begins to close: nobody is kept waiting; resolves when asynchronous work has ended here. */
  readonly drain: () => Promise<void>;
  /** Called when the time for that is up: what is still under way is given up, or left to another process, and says so. */
  readonly giveUp: () => void;
}
