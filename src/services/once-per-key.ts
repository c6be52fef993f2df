/**
 * The same answer for the same idempotency key, and one generation, however often and wherever at once it is asked for
 * (docs/decisions/0012). Keys are an account's, apart for live and test, and hold for 24 hours.
 */
import { createHash } from 'node:crypto';
import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { GenerateHooks, GenerationInputs, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { findGeneration } from '../store/generations.ts';
import { findIdempotencyKey, type NewIdempotencyKey } from '../store/idempotency-keys.ts';
import type { GenerationRow } from '../store/tables.ts';
import { KeyTaken } from './key-taken.ts';
import type { ServiceParts } from './parts.ts';

const KEPT_MS = 24 * 60 * 60 * 1000;
/** Every round but the first means that another process took the key meanwhile. */
const ROUNDS_MAX = 5;
const COME_BACK_MS = 1_000;

export interface KeyedCall {
  readonly principal: Principal;
  readonly mode: Mode;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly hooks: Pick<GenerateHooks, 'idempotency_key'>;
  /** What else of the body makes it another request. */
  readonly also?: Readonly<Record<string, unknown>>;
}

/** What is answered to a repeat. */
export interface Replay<T> {
  /** Whether a repeat makes a new try in place of what was done before. */
  readonly mayRunAgain: (before: GenerationRow) => boolean | Promise<boolean>;
  readonly answer: (before: GenerationRow) => Promise<T>;
}

/**
 * `work` admits its generation with the key that it is handed, and throws KeyTaken when it comes too late. Throws
 * `idempotency_conflict` for a key of another body.
 */
export async function oncePerKey<T>(
  parts: Pick<ServiceParts, 'db' | 'clock'>,
  call: KeyedCall,
  replay: Replay<T>,
  work: (key: NewIdempotencyKey | undefined) => Promise<T>,
): Promise<T> {
  const { principal, mode, request, inputs, hooks, also = {} } = call;
  const { idempotency_key: key } = hooks;
  if (key === undefined) return work(undefined);
  const { account_id } = principal;
  const body_sha256 = fingerprint({ ...request, ...also }, inputs);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const now = parts.clock.now();
    const taken = await findIdempotencyKey(parts.db, { account_id, mode, key }, new Date(now));
    if (taken !== undefined && taken.body_sha256 !== body_sha256) throw conflict(taken.generation_id);
    const before = taken && (await findGeneration(parts.db, account_id, taken.generation_id));
    if (before !== undefined && !(await replay.mayRunAgain(before))) return replay.answer(before);
    try {
      return await work({ key, body_sha256, replaces: before?.id ?? null, expires_at: new Date(now + KEPT_MS) });
    } catch (error) {
      if (!(error instanceof KeyTaken)) throw error;
    }
  }
  throw new GessoError('request_in_progress', 'Another request with this idempotency key is being taken in.', {
    retry_after_ms: COME_BACK_MS,
  });
}

/**
 * What makes two requests the same: the fields as they were parsed, in whatever order and encoding they came, and the
 * bytes of the pictures. Lower-case hexadecimal SHA-256.
 */
export function fingerprint(request: CanonicalRequest, { images, mask }: GenerationInputs): string {
  const body = { request, images: images.map(({ blob_sha256 }) => blob_sha256), mask: mask?.blob_sha256 ?? null };
  return createHash('sha256').update(JSON.stringify(body, inOrder)).digest('hex');
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function conflict(generation_id: string): GessoError {
  return new GessoError(
    'idempotency_conflict',
    `This Idempotency-Key was used with another body, for ${generation_id}. Use a new key for a new request.`,
    { param: 'Idempotency-Key' },
  );
}
