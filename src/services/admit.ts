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
    const keep = async ({ picture, role, position }: Brought): Promise<void> => {
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
    for (const brought of inOneOrder(inputs)) await keep(brought);
  });
  return { id, mode, principal, request, inputs, choice, created_at, expires_at };
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

function expiryOf(created_at: Date, retention_days: number): Date {
  return new Date(created_at.getTime() + Math.max(retention_days * DAY_MS, SHORTEST_RETENTION_MS));
}
