/**
 * References made to fit an offer: what is too large or of another type is reduced or converted by us before
 * it is sent, and told. What cannot be mended without inventing pixels is left for `requirementFault` to refuse.
 */
import type { Dimensions, ReferenceChange, ReferenceFacts } from '../../contracts/generation.ts';
import type { PictureFormat } from '../../contracts/media.ts';
import type { Offer } from '../catalog/catalog.ts';

export interface PreparedReferences {
  /** As they will be sent, as far as can be known: bytes at most. */
  readonly references: readonly ReferenceFacts[];
  readonly changes: readonly ReferenceChange[];
}

type Limits = Offer['limits'];

export function prepareReferences(
  { limits }: Pick<Offer, 'limits'>,
  asked: readonly ReferenceFacts[],
): PreparedReferences {
  const bytes_max = bytesMax(limits, asked);
  const planned = asked.map((reference, index) => ({
    reference,
    change: changeOf(limits, bytes_max, reference, index),
  }));
  return {
    references: planned.map(({ reference, change }) => (change === null ? reference : changedFacts(reference, change))),
    changes: planned.flatMap(({ change }) => (change === null ? [] : [change])),
  };
}

/** For `applied[]`, as a person counts: "Picture 2 is reduced to 4472x4472 pixels." */
export function describeChanges({ pin }: Pick<Offer, 'pin'>, changes: readonly ReferenceChange[]): string {
  const sentences = changes.map(({ index, reduce_to, format, bytes_max }) => {
    const done = [
      ...(reduce_to === null ? [] : [`reduced to ${reduce_to.width}x${reduce_to.height} pixels`]),
      ...(format === null ? [] : [`converted to ${format}`]),
      ...(bytes_max === null ? [] : [`encoded anew to at most ${bytes_max} bytes`]),
    ];
    return `Picture ${index + 1} is ${done.join(' and ')}.`;
  });
  return [...sentences, `${pin} takes no other.`].join(' ');
}

/** The most that one may have; where all together have too much, each gets an equal share. */
function bytesMax(limits: Limits, references: readonly ReferenceFacts[]): number | null {
  const total = limits.references_bytes_total_max?.value ?? Infinity;
  const sum = references.reduce((bytes, reference) => bytes + reference.bytes, 0);
  const share = sum > total ? Math.floor(total / references.length) : Infinity;
  const most = Math.min(limits.reference_bytes_max?.value ?? Infinity, share);
  return Number.isFinite(most) ? most : null;
}

function changeOf(
  limits: Limits,
  bytes_max: number | null,
  { width, height, bytes, content_type }: ReferenceFacts,
  index: number,
): ReferenceChange | null {
  const reduce_to = reducedTo({ width, height }, limits.reference_pixels_max?.value ?? Infinity);
  const format = formatFor(content_type, limits.reference_content_types?.value);
  const isTooHeavy = bytes_max !== null && bytes > bytes_max;
  if (reduce_to === null && format === null && !isTooHeavy) return null;
  // A picture that is encoded anew may come out heavier than it went in.
  return { index, reduce_to, format, bytes_max, taken: limits.reference_content_types?.value ?? null };
}

/** The largest size of that shape that has no more pixels; a thread has none, and is refused. */
function reducedTo({ width, height }: Dimensions, pixels_max: number): Dimensions | null {
  if (width * height <= pixels_max) return null;
  const scale = Math.sqrt(pixels_max / (width * height));
  const reduced = { width: Math.floor(width * scale), height: Math.floor(height * scale) };
  return Math.min(reduced.width, reduced.height) < 1 ? null : reduced;
}

/** In this order where the picture's own type is not taken: first what loses nothing. */
const preferred: readonly PictureFormat[] = ['png', 'webp', 'jpeg'];

function formatFor(content_type: string, taken: readonly string[] | undefined): PictureFormat | null {
  if (taken === undefined || taken.includes(content_type)) return null;
  return preferred.find((format) => taken.includes(`image/${format}`)) ?? null;
}

function changedFacts(reference: ReferenceFacts, { reduce_to, format, bytes_max }: ReferenceChange): ReferenceFacts {
  return {
    ...reference,
    ...reduce_to,
    bytes: Math.min(reference.bytes, bytes_max ?? Infinity),
    content_type: format === null ? reference.content_type : `image/${format}`,
  };
}
