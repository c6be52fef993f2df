import { pipeline, Readable } from 'node:stream';
import { z } from 'zod';
import type { StagedBlob } from '../../contracts/media.ts';
import type { CallContext, MissingPicture, ProviderPicture } from '../../contracts/provider.ts';
import { GessoError } from '../../core/errors.ts';
import { DecodeBase64 } from '../../net/json/decode-base64.ts';

/** Stands in an answer where base64 stood: its bytes went into the media store as they came. */
export class KeptPicture {
  /** Null where they could not be kept: too large, or no base64. */
  readonly blob: StagedBlob | null;
  constructor(blob: StagedBlob | null) {
    this.blob = blob;
  }
}

/** A field that holds a link, base64 or a data URL, as an adapter's response schema writes it. */
export const pictureField = z.union([z.string(), z.instanceof(KeptPicture)]);

const UNUSABLE: MissingPicture = { kind: 'missing', reason: 'The provider delivered something that is no picture.' };

/** The field's value as the adapter hands it on. Short base64 is kept here; long base64 has been already. */
export async function toPicture(
  value: z.infer<typeof pictureField> | null | undefined,
  keep: CallContext['keep'],
): Promise<ProviderPicture | MissingPicture> {
  if (value === null || value === undefined || value === '') return UNUSABLE;
  if (typeof value === 'string' && /^https?:\/\//i.test(value)) return { kind: 'link', url: value };
  const kept = typeof value === 'string' ? await keepBase64(Readable.from([Buffer.from(value)]), keep) : value;
  return kept.blob === null ? UNUSABLE : { kind: 'kept', blob: kept.blob };
}

/** Decodes text as it comes and keeps its bytes. Rejects only for faults that are not the picture's. */
export async function keepBase64(text: Readable, keep: CallContext['keep']): Promise<KeptPicture> {
  try {
    // What goes wrong in the pipe reaches the keeper, who reports it.
    return new KeptPicture(await keep(pipeline(text, new DecodeBase64('the picture'), () => undefined)));
  } catch (error) {
    if (error instanceof GessoError) return new KeptPicture(null);
    throw error;
  }
}
