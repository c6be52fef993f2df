import type { Readable } from 'node:stream';
import { GessoError } from '../../core/errors.ts';

export interface BodyLimits {
  readonly bytes_max: number;
  readonly idle_timeout_ms: number;
}

/** Refuses a body by its announced length, before a byte of it is read. Chunked bodies announce none. */
export function refuseAnnouncedLength(contentLength: string | undefined, bytesMax: number): void {
  if (contentLength !== undefined && Number(contentLength) > bytesMax) throw tooLarge(bytesMax);
}

/**
 * The body's chunks; throws `payload_too_large` at the first byte too many, and `request_timeout` when nothing more comes
 * while we wait for it. The request stays open, so that the answer can still be sent.
 */
export async function* guardBody(body: Readable, limits: BodyLimits): AsyncGenerator<Buffer> {
  const idle = Promise.withResolvers<never>();
  idle.promise.catch(() => undefined);
  let waiting = true;
  const timer = setTimeout(() => {
    // Our own slowness in taking a chunk is not the client's.
    if (waiting) idle.reject(tooSlow(limits.idle_timeout_ms));
    else timer.refresh();
  }, limits.idle_timeout_ms);
  let bytes = 0;
  const chunks: AsyncIterator<Buffer> = body.iterator({ destroyOnReturn: false });
  try {
    while (true) {
      waiting = true;
      const next = await Promise.race([chunks.next(), idle.promise]);
      if (next.done === true) return;
      waiting = false;
      bytes += next.value.length;
      if (bytes > limits.bytes_max) throw tooLarge(limits.bytes_max);
      yield next.value;
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
    // Not awaited: it settles behind a read that may never end.
    void chunks.return?.();
  }
}

export interface BodyGuard {
  /** Rejects when the body breaks a limit; never resolves. */
  readonly failed: Promise<never>;
  readonly stop: () => void;
}

/** Watches a body that someone else reads. Call it when the reading has begun: a listener would start it. */
export function watchBody(body: Readable, limits: BodyLimits): BodyGuard {
  let bytes = 0;
  let fail: (error: GessoError) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  const timer = setTimeout(() => fail(tooSlow(limits.idle_timeout_ms)), limits.idle_timeout_ms);
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    timer.refresh();
    if (bytes > limits.bytes_max) fail(tooLarge(limits.bytes_max));
  };
  const stop = (): void => {
    clearTimeout(timer);
    body.off('data', count);
  };
  body.on('data', count);
  body.once('end', () => clearTimeout(timer));
  return { failed, stop };
}

function tooLarge(bytesMax: number): GessoError {
  const size = `${Math.floor(bytesMax / (1024 * 1024))} MiB`;
  return new GessoError('payload_too_large', `The body is larger than ${size}: send smaller pictures, or their URLs.`);
}

function tooSlow(timeoutMs: number): GessoError {
  return new GessoError('request_timeout', `Nothing more of the body came for ${timeoutMs} ms: send it again.`);
}
