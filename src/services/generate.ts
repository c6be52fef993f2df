/**
 * One generation from request to answer: decide, write down, carry out, settle. A client that goes away changes nothing,
 * and neither does one that has waited long enough: the work finishes and is kept.
 */
import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { GenerateHooks, GenerationInputs, GenerationResult, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { recordAdmission } from './admit.ts';
import { answerInTime } from './answer-in-time.ts';
import { type Choice, chooseOffers } from './choose-offers.ts';
import { failGeneration } from './fail-generation.ts';
import { oncePerKey } from './once-per-key.ts';
import type { ServiceParts } from './parts.ts';
import { runCalls } from './run-calls.ts';
import { runParts } from './run-parts.ts';
import { settleGeneration } from './settle-generation.ts';
import { takeImages } from './take-rate.ts';

export interface Admitted {
  readonly id: string;
  readonly mode: Mode;
  readonly principal: Principal;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly choice: Choice;
  /** What is held for it: the most that it may ever cost. */
  readonly authorized_micros: number;
  readonly created_at: Date;
  /** Null = kept until deleted. */
  readonly expires_at: Date | null;
}

export async function generate(
  parts: ServiceParts,
  principal: Principal,
  request: CanonicalRequest,
  inputs: GenerationInputs,
  hooks: GenerateHooks = {},
): Promise<GenerationResult> {
  const began_at = parts.clock.now();
  const mode = generatingMode(principal);
  return oncePerKey(parts, { principal, mode, request, inputs, hooks }, async (idempotency) => {
    const choice = chooseOffers(parts, mode, request, inputs, principal.bounds);
    await takeImages(parts, principal, request.n, hooks);
    const tag = hooks.tag ?? principal.settings.tag ?? null;
    const admitted = await recordAdmission(parts, { principal, mode, request, inputs, choice, tag, idempotency });
    hooks.onAccepted?.(admitted.id);
    const deadline_ms = Math.min(parts.request_deadline_ms, hooks.patience_ms ?? Infinity);
    return answerInTime(
      { id: admitted.id, hooks, time_left_ms: began_at + deadline_ms - parts.clock.now() },
      (hooksInTime) => carryOut(parts, admitted, hooksInTime),
    );
  });
}

/** Ends the generation either way: the row tells what became of it, whoever still listens. */
async function carryOut(parts: ServiceParts, admitted: Admitted, hooks: GenerateHooks): Promise<GenerationResult> {
  const { mode, request, inputs, choice } = admitted;
  try {
    const outcome = await runCalls(runParts(parts, admitted, hooks), {
      mode,
      request,
      inputs,
      offers: choice.offers,
      seeds: seedsOf(request, parts.randomSeed),
    });
    return await settleGeneration(parts, admitted, outcome);
  } catch (error) {
    await failGeneration(parts, admitted, error);
    throw error;
  }
}

/** Admin keys administer and cannot generate. */
export function generatingMode(principal: Principal): Mode {
  if (principal.mode === 'admin' || !principal.scopes.includes('generate')) {
    throw new GessoError('scope_exceeded', 'This key cannot generate. Use a live or a test key.');
  }
  return principal.mode;
}

/** One seed a picture: counted up from the caller's, or from a random one. */
function seedsOf(request: CanonicalRequest, randomSeed: () => number): number[] {
  const first = request.seed ?? randomSeed();
  return Array.from({ length: request.n }, (_, index) => (first + index) >>> 0);
}
