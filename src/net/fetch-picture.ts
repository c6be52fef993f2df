import { Readable } from 'node:stream';
import { GessoError } from '../core/errors.ts';
import { toImageUrlError } from './fetch-fault.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

export interface FetchPictureOptions {
  readonly bytes_max: number;
  readonly timeout_ms: number;
  /** Where the URL stood in the request, e.g. `images[1].image_url`: named in the error. */
  readonly param?: string;
  readonly signal?: AbortSignal;
}

/** Streams the picture that a caller named by URL. Every failure, also halfway, is `invalid_image_url` with a way out. */
export async function fetchPicture(fetch: GuardedFetch, url: string, options: FetchPictureOptions): Promise<Readable> {
  const { param, ...limits } = options;
  const explained = (error: unknown) => toImageUrlError(error, param);
  const headers = { accept: 'image/png,image/jpeg,image/webp,image/gif;q=0.9,*/*;q=0.1' };
  const response = await fetch(url, { origin: 'user', headers, ...limits }).catch((error: unknown) => {
    throw explained(error);
  });
  if (response.status !== 200) {
    response.body.destroy();
    throw new GessoError(
      'invalid_image_url',
      `The host of the URL answered with status ${response.status} instead of a picture. Check that the URL is public and still valid, or upload the file.`,
      param === undefined ? {} : { param },
    );
  }
  return Readable.from(explaining(response.body, explained), { objectMode: false });
}

async function* explaining(body: Readable, explained: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw explained(error);
  }
}
