/** Makes a provider's picture ours: fetched or drawn, looked at, dressed as the plan says, labelled, stored. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PictureFormat, Pixels, StagedBlob } from '../contracts/media.ts';
import type { ProviderPicture } from '../contracts/provider.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { compositeOutsideMask } from '../media/composite-masked.ts';
import { type ConvertedPicture, type ConvertSpec, convertPicture } from '../media/convert-picture.ts';
import { decodeMask, decodePixels } from '../media/decode-pixels.ts';
import { type ProbedPicture, probePicture } from '../media/probe-picture.ts';
import { FetchFault, type FetchFaultKind } from '../net/fetch-fault.ts';

import type { ChosenOffer } from './choose-offers.ts';
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

type StoreParts = Pick<
  ServiceParts,
  | 'writes'
  | 'clock'
  | 'media'
  | 'pixelBudget'
  | 'guardedFetch'
  | 'providerHosts'
  | 'image_bytes_max'
  | 'image_pixels_max'
>;

/** Who delivered, and by which plan. */
export type OutputSource = Pick<ChosenOffer, 'offer' | 'provider' | 'plan'>;

/** What a drawn picture is delivered as when nobody asks for a format. */
const DRAWN_FORMAT: PictureFormat = 'png';
/** No encoder of ours makes a larger file of 4096 x 4096 pixels than the bare pixels. */
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;
const LINK_TIMEOUT_MS = 60_000;
const LINK_PAUSES_MS = [200, 1_000];

/** Throws ProviderFault `empty` (or `empty_billed`) for what cannot be used: a dead link, a text, a damaged file. */
export async function storeOutput(
  parts: StoreParts,
  chosen: OutputSource,
  inputs: GenerationInputs,
  picture: ProviderPicture,
): Promise<StoredOutput> {
  const output = await (picture.kind === 'drawing'
    ? storeDrawing(parts, chosen, inputs, picture.draw)
    : storeDelivered(parts, chosen, inputs, picture));
  return picture.revised_prompt === undefined ? output : { ...output, revised_prompt: picture.revised_prompt };
}

async function storeDrawing(
  parts: StoreParts,
  { plan }: OutputSource,
  inputs: GenerationInputs,
  draw: () => Promise<Pixels>,
): Promise<StoredOutput> {
  const { width, height } = plan.upstream_size;
  return parts.pixelBudget.hold(width * height, async () => {
    const drawn = await draw();
    const pixels = plan.mask_emulated ? await keepOutsideMask(parts, inputs, drawn) : drawn;
    const spec = { ...dressOf(plan), format: plan.output_format ?? DRAWN_FORMAT, label: 'algorithmicMedia' as const };
    return storeConverted(parts, spec.format, await convertPicture({ pixels }, spec));
  });
}

async function storeDelivered(
  parts: StoreParts,
  chosen: OutputSource,
  inputs: GenerationInputs,
  picture: Exclude<ProviderPicture, { kind: 'drawing' }>,
): Promise<StoredOutput> {
  const { plan } = chosen;
  const blob = picture.kind === 'kept' ? picture.blob : await fetchLink(parts, chosen, picture.url);
  const probed = await probeDelivered(parts, chosen, blob);
  const spec = {
    ...dressOf(plan),
    format: plan.output_format ?? probed.format,
    label: 'trainedAlgorithmicMedia' as const,
  };
  return parts.pixelBudget.hold(probed.width * probed.height, async () => {
    const source = await openStored(parts.media, blob.sha256);
    const converted = plan.mask_emulated
      ? await convertPicture({ pixels: await keepOutsideMask(parts, inputs, await decodePixels(source)) }, spec)
      : await convertPicture(source, spec).catch((error: unknown) => {
          throw unusable(chosen, error);
        });
    return storeConverted(parts, spec.format, converted);
  });
}

function dressOf({
  output_compression,
  reduce_to,
}: OutputSource['plan']): Pick<ConvertSpec, 'compression' | 'reduce_to'> {
  return {
    ...(output_compression === null ? {} : { compression: output_compression }),
    ...(reduce_to === null ? {} : { reduce_to }),
  };
}

async function storeConverted(
  { media }: StoreParts,
  format: PictureFormat,
  { body, content_type, width, height }: ConvertedPicture,
): Promise<StoredOutput> {
  const { sha256, bytes } = await media.put(body, { bytes_max: OUTPUT_BYTES_MAX });
  const facts = { bytes, content_type, format, width, height };
  return { blob_sha256: sha256, ...facts };
}

/**
 * The provider's own host may be private (an engine of the operator's); wherever else its answer points may not. A host
 * that stumbles is asked again: what the link leads to has been paid for, and the next offer would be paid as well.
 */
async function fetchLink(parts: StoreParts, source: OutputSource, url: string): Promise<StagedBlob> {
  for (const pause_ms of LINK_PAUSES_MS) {
    try {
      return await fetchOnce(parts, source, url);
    } catch (error) {
      if (!(error instanceof LinkStumble)) throw error;
      await sleep(pause_ms);
    }
  }
  return fetchOnce(parts, source, url);
}

async function fetchOnce(parts: StoreParts, { offer, provider }: OutputSource, url: string): Promise<StagedBlob> {
  const bytes_max = parts.image_bytes_max;
  try {
    const response = await parts.guardedFetch(url, {
      origin: 'upstream',
      allow_private: parts.providerHosts(provider),
      bytes_max,
      timeout_ms: LINK_TIMEOUT_MS,
    });
    if (response.status === 200) return await parts.media.put(response.body, { bytes_max });
    response.body.destroy();
    const Fault = response.status >= 500 || response.status === 429 ? LinkStumble : ProviderFault;
    throw new Fault(emptyClass(offer), `the link to the picture answered ${response.status}`);
  } catch (error) {
    if (!(error instanceof FetchFault)) throw error;
    const Fault = passing.has(error.kind) ? LinkStumble : ProviderFault;
    throw new Fault(emptyClass(offer), `the link to the picture: ${error.message}`, { cause: error });
  }
}

/** A fault of the moment. */
class LinkStumble extends ProviderFault {}

const passing: ReadonlySet<FetchFaultKind> = new Set(['unreachable', 'cut']);

async function probeDelivered(
  parts: StoreParts,
  chosen: OutputSource,
  { sha256, bytes }: StagedBlob,
): Promise<ProbedPicture> {
  try {
    const probed = await probePicture(await openStored(parts.media, sha256), { pixels_max: parts.image_pixels_max });
    const { content_type, format, width, height } = probed;
    await parts.writes.blobs.run('all', {
      sha256,
      bytes,
      content_type,
      format,
      width,
      height,
      created_at: new Date(parts.clock.now()),
    });
    return probed;
  } catch (error) {
    throw unusable(chosen, error);
  }
}

/** What is wrong with a picture that a provider made is no fault of the caller's. */
function unusable({ offer }: OutputSource, error: unknown): unknown {
  if (!(error instanceof GessoError)) return error;
  return new ProviderFault(emptyClass(offer), `the answer is no picture: ${error.message}`, { cause: error });
}

function emptyClass({ bills_empty }: OutputSource['offer']): 'empty' | 'empty_billed' {
  return bills_empty ? 'empty_billed' : 'empty';
}

/** The edit of an offer that takes no mask, laid over the original: outside the mask nothing changes. */
async function keepOutsideMask({ media }: StoreParts, inputs: GenerationInputs, edited: Pixels): Promise<Pixels> {
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
