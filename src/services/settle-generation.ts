import type { GenerationResult } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { capture } from '../core/wallet/capture.ts';
import type { NamedAttemptEnd } from '../store/attempts.ts';
import type { Admitted } from './admitted.ts';
import { announceEnd } from './announce-end.ts';
import type { CallsOutcome } from './calls.ts';
import { deliveredPicture } from './delivered-picture.ts';
import { failureOf } from './failure-of.ts';
import type { ServiceParts } from './parts.ts';
import { noticeLowBalance } from './webhooks/notice-low-balance.ts';
import { walletName } from './write-groups.ts';

/**
 * Writes down what was delivered and what it costs, in one statement, and answers. Throws the error of the outcome
 * table when nothing was delivered.
 */
export async function settleGeneration(
  parts: ServiceParts,
  admitted: Admitted,
  outcome: CallsOutcome,
  attempts: readonly NamedAttemptEnd[],
): Promise<GenerationResult> {
  const [first] = outcome.delivered;
  if (first === undefined) throw failureOf(admitted.id, outcome, parts.catalog);
  const { id, account_id, mode, request, created_at } = admitted;
  const { model, plan, provider } = first.chosen;
  const warnings = [
    ...plan.warnings,
    ...outcome.missing.map(
      ({ index, reason }) => `Picture ${index + 1} of ${request.n} is missing and is not charged: ${reason}`,
    ),
  ];
  const { charges, cost_micros, forgone_micros } = capture(
    admitted.authorized_micros,
    outcome.delivered.map(({ index, chosen }) => ({ position: index, price_micros: chosen.price.per_picture_micros })),
  );
  if (forgone_micros > 0) parts.log.warn({ generation_id: id, forgone_micros }, 'pictures came dearer than was held');
  const isOurs = await parts.writes.ends.run(walletName(admitted), {
    id,
    status: 'completed',
    completed_at: new Date(parts.clock.now()),
    executed_model: plan.offer_id,
    provider,
    applied: plan.applied,
    warnings,
    cost_micros,
    charges,
    attempts,
    media: outcome.delivered.map(({ index, media_id, output }) => ({
      id: media_id,
      position: index,
      revised_prompt: output.revised_prompt ?? null,
      sha256: output.blob_sha256,
      bytes: output.bytes,
      content_type: output.content_type,
      format: output.format,
      width: output.width,
      height: output.height,
    })),
  });
  // Another process took the row for dead; what it decides holds, and these pictures were never promised.
  if (!isOurs) throw new GessoError('interrupted', 'This process was too slow, and was taken for dead.');
  announceEnd(parts, admitted);
  if (charges.length > 0 && mode === 'live') await noticeLowBalance(parts, account_id);
  return {
    id,
    kind: request.kind,
    mode,
    created: Math.floor(created_at.getTime() / 1000),
    model: model.id,
    executed_model: plan.offer_id,
    provider,
    provider_name: parts.catalog.providers.get(provider)?.name ?? provider,
    cost_micros,
    attempts: outcome.attempts.map(
      ({ provider: tried, offer_id, outcome: ended, error_class, started_at, ended_at }) => ({
        provider: tried,
        offer_id,
        outcome: ended,
        ...(error_class === null ? {} : { error_class }),
        latency_ms: Math.round(ended_at - started_at),
      }),
    ),
    applied: plan.applied,
    warnings,
    labels: request.labels,
    pictures: outcome.delivered.map((delivered) => deliveredPicture(parts, admitted, delivered)),
  };
}
