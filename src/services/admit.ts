import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type { GenerationInputs, Principal } from '../contracts/services.ts';
import { insertRunningGeneration } from '../store/generations.ts';
import { insertMedia } from '../store/media.ts';
import type { MediaRole } from '../store/tables.ts';
import type { Choice } from './choose-offers.ts';
import type { Admitted } from './generate.ts';
import type { ServiceParts } from './parts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** With a retention of 0 days, pictures are still there long enough to be fetched. */
const SHORTEST_RETENTION_MS = 60 * 60 * 1000;

export interface Admission {
  readonly principal: Principal;
  readonly mode: Mode;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly choice: Choice;
}

/** Writes the generation and its references down, in one transaction, before anything is sent anywhere. */
export async function recordAdmission(parts: ServiceParts, admission: Admission): Promise<Admitted> {
  const { principal, mode, request, inputs, choice } = admission;
  const created_at = new Date(parts.clock.now());
  const expires_at = expiryOf(created_at, parts.retention_days);
  const id = parts.ids.next('gen');
  const [first] = choice.offers;
  await parts.db.transaction().execute(async (transaction) => {
    await insertRunningGeneration(
      transaction,
      {
        id,
        account_id: principal.account_id,
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
        price: first?.price.components ?? [],
        held_micros: Math.max(...choice.offers.map(({ price }) => price.total_micros)),
      },
      parts.lease,
    );
    const keep = async (picture: StoredPicture, role: MediaRole, position: number): Promise<void> => {
      const { blob_sha256: sha256, bytes, content_type, format, width, height } = picture;
      await insertMedia(
        transaction,
        { sha256, bytes, content_type, format, width, height, created_at },
        {
          id: parts.ids.next('img'),
          account_id: principal.account_id,
          mode,
          generation_id: id,
          role,
          position,
          expires_at,
        },
      );
    };
    for (const [position, image] of inputs.images.entries()) await keep(image, 'reference', position);
    if (inputs.mask !== null) await keep(inputs.mask, 'mask', 0);
  });
  return { id, mode, principal, request, inputs, choice, created_at, expires_at };
}

function expiryOf(created_at: Date, retention_days: number): Date {
  return new Date(created_at.getTime() + Math.max(retention_days * DAY_MS, SHORTEST_RETENTION_MS));
}
