/** A row as work: everything that the process which admitted it had in hand, at the prices that were frozen then. */
import type { CanonicalRequest } from '../contracts/generation.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { planRequest } from '../core/params/plan-request.ts';
import { type FaultClass, outcomes } from '../core/routing/outcomes.ts';
import { probePicture } from '../media/probe-picture.ts';
import { listAttempts } from '../store/attempts.ts';
import { listMedia } from '../store/media.ts';
import type { ClaimedGeneration } from '../store/queue.ts';
import type { AttemptRow, FrozenOffer, GenerationRow, MediaRow } from '../store/tables.ts';
import type { Admitted } from './admitted.ts';
import type { PastAttempt } from './calls.ts';
import { type Choice, type ChosenOffer, factsOf, type RequestFacts } from './choose-offers.ts';
import { openStored } from './open-stored.ts';
import type { ServiceParts } from './parts.ts';

export interface Work {
  readonly admitted: Admitted;
  /** What earlier runners tried. */
  readonly past: readonly PastAttempt[];
}

type LoadParts = Pick<ServiceParts, 'db' | 'media' | 'catalog' | 'traffic' | 'image_pixels_max'>;

/** Throws GessoError where nobody can work on it any more: its pictures are gone, or the catalogue has no such offer. */
export async function loadWork(parts: LoadParts, row: ClaimedGeneration): Promise<Work> {
  const [inputs, attempts] = await Promise.all([
    loadInputs(parts, row),
    row.was_begun ? listAttempts(parts.db, row.id) : [],
  ]);
  // Written by this program as a parsed request, and dropped only after the end.
  const request = row.request as unknown as CanonicalRequest;
  return {
    admitted: {
      id: row.id,
      account_id: row.account_id,
      mode: row.mode,
      request,
      inputs,
      choice: thawChoice(parts, row, request, factsOf(inputs)),
      seed: row.seed,
      is_asynchronous: row.asynchronous,
      authorized_micros: row.authorized_micros,
      created_at: row.created_at,
      started_at: row.started_at,
      expires_at: row.expires_at,
    },
    past: attempts.map(pastAttempt),
  };
}

function thawChoice(
  parts: LoadParts,
  { id, model, mode, kind, offers }: GenerationRow,
  request: CanonicalRequest,
  facts: RequestFacts,
): Choice {
  const first = parts.catalog.resolve(model)?.model;
  const chosen = offers.flatMap((frozen): ChosenOffer[] => {
    const thawed = thawOffer(parts, frozen, request, facts);
    if (thawed === null) return [];
    const { width, height } = thawed.plan.upstream_size;
    const standing = parts.traffic(mode).standing(thawed.offer, thawed.plan, kind);
    return [{ ...thawed, ...standing, area: width * height }];
  });
  if (first === undefined || chosen.length === 0) {
    throw new GessoError('model_not_found', `No offer that ${id} was admitted for is in the catalogue any more.`);
  }
  return { model: first, offers: chosen };
}

function thawOffer({ catalog }: LoadParts, frozen: FrozenOffer, request: CanonicalRequest, facts: RequestFacts) {
  const model = catalog.resolve(frozen.model)?.model;
  const offer = model?.offers.find(({ pin }) => pin === frozen.pin);
  if (model === undefined || offer === undefined) return null;
  const asked = { ...request, model: frozen.model };
  const outcome = planRequest({ request: asked, model, offer, ...facts });
  if (!('plan' in outcome)) return null;
  const { plan } = outcome;
  const { price } = frozen;
  return {
    model,
    request: asked,
    offer,
    provider: offer.provider,
    plan,
    price,
    dishonoured: plan.dishonoured,
    price_micros: price.total_micros,
  };
}

async function loadInputs(parts: LoadParts, { id, kind }: GenerationRow): Promise<GenerationInputs> {
  if (kind === 'text_to_image') return { images: [], mask: null };
  const [references, masks] = await Promise.all([
    listMedia(parts.db, id, 'reference'),
    listMedia(parts.db, id, 'mask'),
  ]);
  const [images, [mask = null]] = await Promise.all([
    Promise.all(references.map((row) => storedPicture(parts, row))),
    Promise.all(masks.map((row) => storedPicture(parts, row))),
  ]);
  if (images.length === 0) throw new GessoError('not_found', 'The pictures of the request are gone.');
  return { images, mask };
}

async function storedPicture(parts: LoadParts, { blob_sha256, bytes }: MediaRow): Promise<StoredPicture> {
  if (blob_sha256 === null) throw new GessoError('not_found', 'A picture of the request is gone.');
  const probed = await probePicture(await openStored(parts.media, blob_sha256), { pixels_max: parts.image_pixels_max });
  const { content_type, format, width, height, has_alpha } = probed;
  return { blob_sha256, bytes, content_type, format, width, height, has_alpha };
}

function pastAttempt(row: AttemptRow): PastAttempt {
  const { seq, provider, offer_id, price_micros, billed_micros, possible_micros, first_index, pictures } = row;
  const { outcome, error_class, started_at, ended_at, provider_job_id, job_handle } = row;
  return {
    seq,
    provider,
    offer_id,
    price_micros,
    billed_micros,
    possible_micros,
    first_index,
    pictures,
    outcome,
    error_class: error_class !== null && Object.hasOwn(outcomes, error_class) ? (error_class as FaultClass) : null, // looked up
    started_at: started_at.getTime(),
    ended_at: ended_at?.getTime() ?? null,
    outputs: row.outputs,
    job: provider_job_id === null || job_handle === null ? null : { id: provider_job_id, handle: job_handle },
  };
}
