/** The parameters that Gesso answers for itself, since it takes every picture in before it hands it out. */
import type { Dimensions } from '../../contracts/generation.ts';
import type { PictureFormat } from '../../contracts/media.ts';
import type { ParamFault } from './parse-request.ts';
import type { PlanDraft } from './plan-draft.ts';
import { placeByRow, rowOf } from './plan-parameters.ts';

export interface PlannedOutput {
  readonly output_format: PictureFormat | null;
  readonly output_compression: number | null;
}

/** A WebP file writes its sides in 14 bits. Every other format takes what an offer makes. */
const WEBP_SIDE_PX_MAX = 16_383;

/** The one fault of a format that cannot hold the picture: told before anyone is asked to draw it. */
export function formatFault(format: PictureFormat | null, size: Dimensions): ParamFault | null {
  if (format !== 'webp' || Math.max(size.width, size.height) <= WEBP_SIDE_PX_MAX) return null;
  return {
    code: 'invalid_value',
    param: 'output_format',
    message: `webp holds ${WEBP_SIDE_PX_MAX} pixels a side at most; this picture has ${size.width}x${size.height}.`,
    fix: 'Send png, jpeg or avif.',
  };
}

const lossless: ReadonlySet<PictureFormat | null> = new Set<PictureFormat | null>(['png', 'gif']);

export function planOutput(draft: PlanDraft, isReduced: boolean): PlannedOutput {
  const { request } = draft.inputs;
  tellGateway(draft);
  const format = request.output_format ?? null;
  const isNative = format !== null && sendFormat(draft, format);
  const quality = request.output_compression;
  if (quality === undefined) return { output_format: format, output_compression: null };
  if (lossless.has(format)) {
    draft.ignore('output_compression', quality, `${format} is lossless.`, false);
    return { output_format: format, output_compression: null };
  }
  const row = rowOf(draft.inputs.offer, 'output_compression', request.kind);
  if (row?.to !== undefined && isNative && !isReduced) {
    draft.body.set(row.to, quality);
    draft.tellSent('output_compression', quality, row.to, quality);
    return { output_format: format, output_compression: null };
  }
  draft.tell('output_compression', 'emulated', quality, quality, 'Gesso encodes the picture.');
  return { output_format: format, output_compression: quality };
}

/** True where the provider itself makes the format. */
function sendFormat(draft: PlanDraft, format: PictureFormat): boolean {
  const { offer, request } = draft.inputs;
  const row = rowOf(offer, 'output_format', request.kind);
  const values = row?.values;
  const value =
    values === undefined
      ? format
      : Array.isArray(values)
        ? values.includes(format)
          ? format
          : undefined
        : values[format];
  if (row?.to !== undefined && value !== undefined && offer.output_formats.includes(format)) {
    draft.body.set(row.to, value);
    draft.tellSent('output_format', format, row.to, value);
    return true;
  }
  draft.tell(
    'output_format',
    'emulated',
    format,
    format,
    'Gesso converts the picture where the provider delivers another format.',
  );
  return false;
}

function tellGateway(draft: PlanDraft): void {
  const { response_format, stream, partial_images } = draft.inputs.request;
  if (response_format !== undefined)
    draft.tell('response_format', 'emulated', response_format, response_format, 'Gesso hosts the picture.');
  if (stream && partial_images > 0 && followProvider(draft, partial_images)) return;
  if (stream) draft.tell('stream', 'emulated', true, true, 'Gesso sends the events.');
  if (partial_images > 0)
    draft.tell(
      'partial_images',
      'emulated',
      partial_images,
      partial_images,
      'Sent where the engine shows rough states; at least the final picture comes.',
    );
}

/** True where the provider itself is asked to show rough states. Its events name no picture: only a lone one is followed. */
function followProvider(draft: PlanDraft, partial_images: number): boolean {
  const { request, offer } = draft.inputs;
  const stream = rowOf(offer, 'stream', request.kind);
  const partials = rowOf(offer, 'partial_images', request.kind);
  if (stream === null || partials === null || request.n > 1) return false;
  placeByRow(draft, 'stream', true, stream);
  placeByRow(draft, 'partial_images', partial_images, partials);
  return true;
}
