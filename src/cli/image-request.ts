/** What `gesso generate` asks the API: JSON for a new picture, a form with files for an edit. */
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { AppRequest } from '../contracts/app.ts';
import type { PictureFormat } from '../contracts/media.ts';
import { CliError, usageError } from './cli-error.ts';

export interface ImageWish {
  readonly model: string;
  readonly size?: string;
  readonly seed?: number;
  readonly n: number;
  /** Pictures to change or to draw upon; none for a new picture. */
  readonly edit: readonly string[];
  readonly mask?: string;
}

export async function imageRequest(prompt: string, format: PictureFormat | null, wish: ImageWish): Promise<AppRequest> {
  const { model, size, seed, n, edit, mask } = wish;
  const fields = {
    model,
    prompt,
    n,
    // Pictures then come as files, in streams of their own, and not as base64 inside one answer.
    response_format: 'url',
    ...(size === undefined ? {} : { size }),
    ...(seed === undefined ? {} : { seed }),
    ...(format === null ? {} : { output_format: format }),
  };
  if (edit.length === 0) {
    if (mask !== undefined) throw usageError('--mask needs a picture to edit.', 'Name it with --edit in.png.');
    return {
      method: 'POST',
      path: '/v1/images/generations',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    };
  }
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  for (const path of edit) form.append(edit.length === 1 ? 'image' : 'image[]', await openFile(path), basename(path));
  if (mask !== undefined) form.set('mask', await openFile(mask), basename(mask));
  return multipartRequest('/v1/images/edits', form);
}

/** The platform writes the multipart body; the files in it are read from disk as they are sent. */
function multipartRequest(path: string, form: FormData): AppRequest {
  const encoded = new Response(form);
  return {
    method: 'POST',
    path,
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    // The web's and Node's types of the same stream differ in name only; a Response of a form has a body.
    body: Readable.fromWeb(encoded.body as ReadableStream),
  };
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch (cause) {
    throw new CliError(`${path} cannot be read: there is no such file, or it is not yours.`, { usage: true, cause });
  }
}
