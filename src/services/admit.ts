import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type { GenerationInputs, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { Grouped } from '../core/limits/grouped.ts';
import { formatMicros } from '../core/money.ts';
import { type Admission as Admitting, admitGenerations, type Lease, type NewGeneration } from '../store/generations.ts';
import type { NewIdempotencyKey } from '../store/idempotency-keys.ts';
import { insertMedia } from '../store/media.ts';
import type { Db, FrozenOffer, MediaRole } from '../store/tables.ts';
import type { Admitted } from './admitted.ts';
import { toldOfBudget } from './budget-exceeded.ts';
import type { Choice } from './choose-offers.ts';
import { KeyTaken } from './key-taken.ts';
import type { ServiceParts } from './parts.ts';
import { noticeBudgetReached } from './webhooks/notice-budget-reached.ts';

export interface Admission {
  readonly principal: Principal;
  readonly mode: Mode;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly choice: Choice;
  /** What it is booked under. */
  readonly tag: string | null;
  readonly idempotency?: NewIdempotencyKey | undefined;
  /** Of work that waits its turn, whoever does it; absent = the process that took the call begins at once. */
  readonly queue?: { readonly webhook_url: string | null; readonly priority: number };
}

export type AdmissionGroups = Grouped<NewGeneration, Admitting>;

/** More rows in one statement are no faster. */
const GROUP_MAX = 64;

/**
 * Admits what comes together for one account in one statement, since one wallet can only be written so often a second.
 * Who found too little left only after those before it in its group is tried alone.
 */
export function createAdmissionGroups(db: Db, lease: Lease): AdmissionGroups {
  return new Grouped<NewGeneration, Admitting>({
    items_max: GROUP_MAX,
    work: async (_wallet, [first, ...others]) =>
      first === undefined ? [] : admitGenerations(db, first, [first, ...others], lease),
    mayDoBetterAlone: ({ is_admitted, is_repeat, available_micros }, { held_micros = 0 }) =>
      !is_admitted && !is_repeat && (available_micros === null || available_micros >= held_micros),
  });
}

/**
 * Writes the generation and its references down, with its hold, before anything is sent anywhere. Throws
 * `insufficient_credits` or `budget_exceeded`, and writes nothing, when the wallet or a budget does not have what the
 * request may cost at most; KeyTaken when another request has its idempotency key.
 */
export async function recordAdmission(parts: ServiceParts, admission: Admission): Promise<Admitted> {
  const { principal, mode, request, inputs, choice, tag, idempotency, queue } = admission;
  const { account_id } = principal;
  const created_at = new Date(parts.clock.now());
  const expires_at = await parts.retention.expiryOf(account_id, created_at);
  const authorized_micros = Math.max(...choice.offers.map(({ price }) => price.total_micros));
  const generation: NewGeneration = {
    id: parts.ids.next('gen'),
    account_id,
    key_id: principal.key_id,
    mode,
    kind: request.kind,
    model: choice.model.id,
    // A parsed request holds nothing but JSON values.
    request: request as unknown as JsonObject,
    labels: request.labels,
    user: request.user ?? null,
    n: request.n,
    created_at,
    expires_at,
    price: choice.offers[0]?.price.components ?? [],
    held_micros: authorized_micros,
    tag,
    offers: frozenOffers(choice),
    seed: request.seed ?? parts.randomSeed(),
    ...(queue && { ...queue, asynchronous: true }),
    ...(idempotency && { idempotency }),
  };
  const pictures = inOneOrder(inputs);
  try {
    if (pictures.length === 0) {
      requireAdmitted(await parts.admissions.run(`${account_id} ${mode}`, generation), authorized_micros);
    } else {
      await parts.db.transaction().execute(async (transaction) => {
        const [admitting] = await admitGenerations(transaction, generation, [generation], parts.lease);
        requireAdmitted(admitting, authorized_micros);
        for (const brought of pictures) await insertInput(transaction, parts, generation, brought);
      });
    }
  } catch (error) {
    await noticeBudgetReached(parts, generation, error);
    throw toldOfBudget(error);
  }
  return {
    id: generation.id,
    account_id,
    mode,
    request,
    inputs,
    choice,
    seed: generation.seed ?? 0,
    is_asynchronous: queue !== undefined,
    authorized_micros,
    created_at,
    started_at: queue === undefined ? created_at : null,
    expires_at,
  };
}

/** What may be tried, at the prices of now: whoever goes on with it later charges by these. */
export function frozenOffers({ offers }: Choice): FrozenOffer[] {
  return offers.map(({ offer, request, price }) => ({ pin: offer.pin, model: request.model, price }));
}

function requireAdmitted(admitting: Admitting | undefined, required_micros: number): void {
  if (admitting?.is_admitted === true) return;
  if (admitting?.is_repeat === true) throw new KeyTaken();
  const available_micros = admitting?.available_micros ?? 0;
  throw new GessoError(
    'insufficient_credits',
    `This request may cost $${formatMicros(required_micros)} (required) and the wallet has $${formatMicros(available_micros)} left (available). ` +
      'Top it up, wait for running requests to end, or ask for less.',
  );
}

async function insertInput(
  transaction: Db,
  { ids }: Pick<ServiceParts, 'ids'>,
  { id: generation_id, account_id, mode, created_at, expires_at }: NewGeneration,
  { picture, role, position }: Brought,
): Promise<void> {
  const { blob_sha256: sha256, bytes, content_type, format, width, height } = picture;
  await insertMedia(
    transaction,
    { sha256, bytes, content_type, format, width, height, created_at },
    { id: ids.next('img'), account_id, mode, generation_id, role, position, expires_at },
  );
}

interface Brought {
  readonly picture: StoredPicture;
  readonly role: MediaRole;
  readonly position: number;
}

/** By content: two requests that bring the same pictures in different orders would wait for each other for ever. */
function inOneOrder({ images, mask }: GenerationInputs): Brought[] {
  const references = images.map((picture, position) => ({ picture, role: 'reference' as const, position }));
  const masks = mask === null ? [] : [{ picture: mask, role: 'mask' as const, position: 0 }];
  return [...references, ...masks].sort((a, b) => (a.picture.blob_sha256 < b.picture.blob_sha256 ? -1 : 1));
}
