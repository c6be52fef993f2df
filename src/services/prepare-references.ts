/** Carries out what a plan says of its references: reduces and converts them for one offer, once, and keeps the result. */
import type { Dimensions, Plan, ReferenceChange } from '../contracts/generation.ts';
import type { PictureFormat, StoredPicture } from '../contracts/media.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { convertPicture } from '../media/convert-picture.ts';
import { recordBlob } from '../store/media.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';

type PrepareParts = Pick<ServiceParts, 'db' | 'clock' | 'media' | 'pixelBudget' | 'image_bytes_max'>;

/** What is lost by each is seen less than by the next; tried in this order until the bytes are few enough. */
const steps: readonly { readonly scale: number; readonly compression: number }[] = [
  { scale: 1, compression: 92 },
  { scale: 1, compression: 80 },
  { scale: 0.75, compression: 85 },
  { scale: 0.5, compression: 85 },
  { scale: 0.35, compression: 80 },
  { scale: 0.25, compression: 75 },
];

/** Throws ProviderFault `offer_limit` for a picture that cannot be made small enough. */
export async function prepareReferences(
  parts: PrepareParts,
  { offer_id, reference_changes = [] }: Pick<Plan, 'offer_id' | 'reference_changes'>,
  inputs: GenerationInputs,
): Promise<GenerationInputs> {
  if (reference_changes.length === 0) return inputs;
  const images = [...inputs.images];
  for (const change of reference_changes) {
    const image = images[change.index];
    if (image !== undefined) images[change.index] = await prepare(parts, offer_id, image, change);
  }
  return { images, mask: await fitMask(parts, inputs, images[0] ?? null) };
}

async function prepare(
  parts: PrepareParts,
  offer_id: string,
  image: StoredPicture,
  { index, reduce_to, format, bytes_max, taken }: ReferenceChange,
): Promise<StoredPicture> {
  const { width, height } = reduce_to ?? image;
  const plain = format ?? image.format;
  if (bytes_max === null || image.bytes <= bytes_max) {
    const made = await convert(parts, image, plain, { width, height }, 95);
    if (bytes_max === null || made.bytes <= bytes_max) return made;
  }
  const smaller = lossyFormat(image, taken) ?? plain;
  for (const { scale, compression } of steps) {
    const scaled = { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
    const made = await convert(parts, image, smaller, scaled, compression);
    if (made.bytes <= bytes_max) return made;
  }
  throw new ProviderFault('offer_limit', `picture ${index + 1} cannot be made to fit ${offer_id}`, {
    public_message: `Picture ${index + 1} has ${image.bytes} bytes and cannot be brought to the ${bytes_max} that ${offer_id} takes. Send a smaller one.`,
    param: `image[${index}]`,
  });
}

/** JPEG is taken by everybody; what may show through needs WebP, which is not. Null = only fewer pixels help. */
function lossyFormat({ has_alpha }: StoredPicture, taken: readonly string[] | null): PictureFormat | null {
  const format = has_alpha ? 'webp' : 'jpeg';
  const isTaken = taken === null ? format === 'jpeg' : taken.includes(`image/${format}`);
  return isTaken ? format : null;
}

/** A mask lies over the first picture pixel by pixel, so that it is reduced with it. */
async function fitMask(
  parts: PrepareParts,
  { mask }: GenerationInputs,
  first: StoredPicture | null,
): Promise<StoredPicture | null> {
  if (mask === null || first === null || (mask.width === first.width && mask.height === first.height)) return mask;
  return convert(parts, mask, 'png', first, 100);
}

async function convert(
  { db, clock, media, pixelBudget, image_bytes_max }: PrepareParts,
  image: StoredPicture,
  format: PictureFormat,
  { width, height }: Dimensions,
  compression: number,
): Promise<StoredPicture> {
  return pixelBudget.hold(image.width * image.height, async () => {
    const source = await openStored(media, image.blob_sha256);
    const made = await convertPicture(source, { format, compression, reduce_to: { width, height }, label: null });
    const { sha256, bytes } = await media.put(made.body, { bytes_max: Math.max(image_bytes_max, image.bytes * 4) });
    const facts = { bytes, content_type: made.content_type, format, width: made.width, height: made.height };
    await recordBlob(db, { sha256, ...facts, created_at: new Date(clock.now()) });
    return { blob_sha256: sha256, ...facts, has_alpha: image.has_alpha && format !== 'jpeg' };
  });
}
