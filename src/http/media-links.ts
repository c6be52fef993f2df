import type { PictureSource } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import type { HttpDependencies } from './dependencies.ts';

/** `img_` and 128 random bits; the rest of the name is for people and file dialogs. */
const FILE = /^([a-z]+_[0-9a-z]+)\.([a-z0-9]{2,5})$/;

/** The id in the last part of a media path; null when it cannot be one. */
export function mediaIdOf(file: string): string | null {
  return FILE.exec(file)?.[1] ?? null;
}

/**
 * A link to a picture that this server hosts is read from the store. People edit what they have just made by its link, and
 * a fetch would be refused: a server on a private address is not to be reached through itself.
 */
export async function openOwnLink(
  source: PictureSource,
  param: string,
  {
    media,
    publicUrl,
  }: Pick<HttpDependencies, 'publicUrl'> & { readonly media: Pick<HttpDependencies['media'], 'store' | 'lookup'> },
): Promise<PictureSource> {
  const links = `${publicUrl()}/media/`;
  if (source.kind !== 'url' || !source.url.startsWith(links)) return source;
  const id = mediaIdOf(source.url.slice(links.length).split(/[?#]/, 1)[0] ?? '');
  const found = id === null ? null : await media.lookup(id);
  if (found === null) {
    const message = `${param} links to a picture that is not here, or no longer: send the picture itself.`;
    throw new GessoError('invalid_image_url', message, { param });
  }
  return { kind: 'upload', stream: (await media.store.open(found.blob_sha256)).stream };
}
