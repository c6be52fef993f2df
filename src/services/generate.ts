/**
 * One generation from request to answer: decide, write down, carry out, settle. A client that goes away changes nothing,
 * and neither does one that has waited long enough: the work finishes and is kept.
 */
import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { GenerateHooks, GenerationInputs, GenerationResult, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { recordAdmission } from './admit.ts';
import { answerInTime } from './answer-in-time.ts';
import { carryOut } from './carry-out.ts';
import { chooseOffers } from './choose-offers.ts';
import { oncePerKey } from './once-per-key.ts';
import type { ServiceParts } from './parts.ts';
import { replayOf } from './replay-generation.ts';
import { takeImages } from './take-rate.ts';

export async function generate(
  parts: ServiceParts,
  principal: Principal,
  request: CanonicalRequest,
  inputs: GenerationInputs,
  hooks: GenerateHooks = {},
): Promise<GenerationResult> {
  const began_at = parts.clock.now();
  const mode = generatingMode(principal);
  const call = { principal, mode, request, inputs, hooks };
  return oncePerKey(parts, call, replayOf(parts, hooks), async (idempotency) => {
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

/** Admin keys administer and cannot generate. */
export function generatingMode(principal: Principal): Mode {
  if (principal.mode === 'admin' || !principal.scopes.includes('generate')) {
    throw new GessoError('scope_exceeded', 'This key cannot generate. Use a live or a test key.');
  }
  return principal.mode;
}
