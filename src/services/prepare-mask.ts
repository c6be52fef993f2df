import type { StoredPicture } from '../contracts/media.ts';
import type { Offer } from '../core/catalog/catalog.ts';
import { decodeMask } from '../media/decode-pixels.ts';
import { encodeMask, type MaskForm } from '../media/encode-mask.ts';
import { recordBlob } from '../store/media.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';

type MaskParts = Pick<ServiceParts, 'db' | 'clock' | 'media' | 'pixelBudget'>;

/** No PNG of the largest picture taken is larger. */
const MASK_BYTES_MAX = 256 * 1024 * 1024;

/** The mask as the offer takes it: the caller's own, or another file of the same size; null where it is sent none. */
export async function prepareMask(
  parts: MaskParts,
  { mask: { form } }: Pick<Offer, 'mask'>,
  mask: StoredPicture | null,
): Promise<StoredPicture | null> {
  if (mask === null || form === 'none') return null;
  // Black and white as it came, it would change nothing where transparency is looked at.
  return form === 'alpha' && mask.has_alpha ? mask : convertMask(parts, mask, form);
}

async function convertMask(
  { db, clock, media, pixelBudget }: MaskParts,
  { blob_sha256, width, height }: StoredPicture,
  form: MaskForm,
): Promise<StoredPicture> {
  const body = await pixelBudget.hold(width * height, async () =>
    encodeMask(await decodeMask(await openStored(media, blob_sha256), { width, height }), form),
  );
  const { sha256, bytes } = await media.put(body, { bytes_max: MASK_BYTES_MAX });
  const facts = { bytes, content_type: 'image/png', format: 'png', width, height } as const;
  await recordBlob(db, { sha256, ...facts, created_at: new Date(clock.now()) });
  return { blob_sha256: sha256, ...facts, has_alpha: form === 'alpha' };
}
