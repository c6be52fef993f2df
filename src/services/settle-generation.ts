import type { GenerationResult } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { capture } from '../core/wallet/capture.ts';
import { completeGeneration } from '../store/generations.ts';
import { postCharges } from '../store/ledger.ts';
import { insertMedia } from '../store/media.ts';
import { deliveredPicture } from './delivered-picture.ts';
import { failureOf } from './failure-of.ts';
import type { Admitted } from './generate.ts';
import type { ServiceParts } from './parts.ts';
import type { CallsOutcome } from './run-calls.ts';
import { noticeLowBalance } from './webhooks/notice-low-balance.ts';

/**
 * Writes down what was delivered and what it costs, in one transaction, and answers. Throws the error of the outcome
 * table when nothing was delivered.
 */
export async function settleGeneration(
  parts: ServiceParts,
  admitted: Admitted,
  outcome: CallsOutcome,
): Promise<GenerationResult> {
  const [first] = outcome.delivered;
  if (first === undefined) throw failureOf(admitted.id, outcome, parts.catalog);
  const { id, mode, principal, request, created_at, expires_at } = admitted;
  const { account_id } = principal;
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
  const completed_at = new Date(parts.clock.now());
  await parts.db.transaction().execute(async (transaction) => {
    // The wallet before the pictures, as admission has it: whoever waits for one never has the other.
    const moved = await completeGeneration(transaction, id, parts.lease.runner_id, {
      executed_model: plan.offer_id,
      provider,
      applied: plan.applied,
      warnings,
      cost_micros,
      pictures: outcome.delivered.length,
      completed_at,
    });
    // Another process took the row for dead; what it decided holds, and these pictures were never promised.
    if (!moved) throw new GessoError('internal_error', 'The generation was interrupted. Send it again.');
    // By content, so that two that deliver the same pictures do not wait for each other for ever.
    const inOneOrder = outcome.delivered.toSorted((a, b) => (a.output.blob_sha256 < b.output.blob_sha256 ? -1 : 1));
    for (const { index, media_id, output } of inOneOrder) {
      const { blob_sha256: sha256, bytes, content_type, format, width, height } = output;
      await insertMedia(
        transaction,
        { sha256, bytes, content_type, format, width, height, created_at: completed_at },
        {
          id: media_id,
          account_id,
          mode,
          generation_id: id,
          role: 'output',
          position: index,
          expires_at,
          revised_prompt: output.revised_prompt ?? null,
        },
      );
    }
    await postCharges(transaction, { id, account_id, mode }, charges, completed_at);
  });
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
