/** Dresses a drawn picture as the plan says (mask, size, format, label) and puts it into the media store. */
import type { Plan } from '../contracts/generation.ts';
import type { MediaStore, PictureFormat, Pixels } from '../contracts/media.ts';
import type { ProviderPicture } from '../contracts/provider.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import { compositeOutsideMask } from '../media/composite-masked.ts';
import { convertPicture } from '../media/convert-picture.ts';
import { decodeMask, decodePixels } from '../media/decode-pixels.ts';
import { recordBlob } from '../store/media.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';

export interface StoredOutput {
  readonly blob_sha256: string;
  readonly bytes: number;
  readonly content_type: string;
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly revised_prompt?: string;
}

export type StoreOutputParts = Pick<ServiceParts, 'db' | 'clock' | 'media' | 'pixelBudget'>;

/** What a drawn picture is delivered as when nobody asks for a format. */
const FORMAT_DEFAULT: PictureFormat = 'png';
/** No encoder of ours makes a larger file of 4096 x 4096 pixels than the bare pixels. */
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

export async function storeOutput(
  { db, clock, media, pixelBudget }: StoreOutputParts,
  plan: Plan,
  inputs: GenerationInputs,
  picture: ProviderPicture,
): Promise<StoredOutput> {
  const format = plan.output_format ?? FORMAT_DEFAULT;
  const { width, height } = plan.upstream_size;
  return pixelBudget.hold(width * height, async () => {
    const drawn = await picture.draw();
    const pixels = plan.mask_emulated ? await keepOutsideMask(media, inputs, drawn) : drawn;
    const converted = await convertPicture(
      { pixels },
      {
        format,
        label: 'algorithmicMedia',
        ...(plan.output_compression === null ? {} : { compression: plan.output_compression }),
        ...(plan.reduce_to === null ? {} : { reduce_to: plan.reduce_to }),
      },
    );
    const { sha256, bytes } = await media.put(converted.body, { bytes_max: OUTPUT_BYTES_MAX });
    const facts = {
      bytes,
      content_type: converted.content_type,
      format,
      width: converted.width,
      height: converted.height,
    };
    await recordBlob(db, { sha256, ...facts, created_at: new Date(clock.now()) });
    return {
      blob_sha256: sha256,
      ...facts,
      ...(picture.revised_prompt === undefined ? {} : { revised_prompt: picture.revised_prompt }),
    };
  });
}

/** The edit of an offer that takes no mask, laid over the original: outside the mask nothing changes. */
async function keepOutsideMask(media: MediaStore, inputs: GenerationInputs, edited: Pixels): Promise<Pixels> {
  const [first] = inputs.images;
  if (first === undefined || inputs.mask === null) return edited;
  const resize = { width: edited.width, height: edited.height, fit: 'cover' as const };
  const original = await decodePixels(await openStored(media, first.blob_sha256), { resize });
  const mask = await decodeMask(await openStored(media, inputs.mask.blob_sha256), {
    width: first.width,
    height: first.height,
    resize,
  });
  return compositeOutsideMask(original, edited, mask);
}
