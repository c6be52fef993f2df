/** Binds one generation's run to the world: the adapters, the database's record of attempts, the media store, the hooks. */
import type { GenerateHooks, GenerationInputs } from '../contracts/services.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { endAttempt, insertAttempt, setProviderJob } from '../store/attempts.ts';
import type { ChosenOffer } from './choose-offers.ts';
import { deliveredPicture } from './delivered-picture.ts';
import { encodePartial } from './encode-partial.ts';
import type { Admitted } from './generate.ts';
import type { ServiceParts } from './parts.ts';
import { prepareMask } from './prepare-mask.ts';
import { prepareReferences } from './prepare-references.ts';
import { replanShare } from './replan-share.ts';
import type { RunParts } from './run-calls.ts';
import { storeOutput } from './store-output.ts';

export function runParts(parts: ServiceParts, admitted: Admitted, hooks: GenerateHooks): RunParts {
  const { id, mode, request, inputs, choice } = admitted;
  // The calls of a request that is split send the same pictures.
  const prepared = new Map<string, Promise<GenerationInputs>>();
  const shown: Promise<void>[] = [];
  const partialFormat = request.output_format ?? 'png';
  return {
    now: () => parts.clock.now(),
    adapterFor: (provider) => {
      const adapter = mode === 'test' ? parts.testAdapter : parts.liveAdapters.get(provider);
      if (adapter === undefined) throw new ProviderFault('config', `${provider} has no adapter`);
      return adapter;
    },
    enter: (chosen, images, has_next) =>
      parts.traffic(mode).enter({ offer: chosen.offer, plan: chosen.plan, kind: request.kind, images, has_next }),
    prepare: (chosen) => {
      const known = prepared.get(chosen.offer.pin) ?? prepareInputs(parts, chosen, inputs);
      prepared.set(chosen.offer.pin, known);
      return known;
    },
    store: async (chosen, picture) => {
      // A rough state never comes after its picture.
      await Promise.all(shown);
      return storeOutput(parts, chosen, inputs, picture);
    },
    onDelivered: (delivered) => hooks.onPicture?.(deliveredPicture(parts, admitted, delivered), delivered.index),
    onPartial: (state, partial_index, picture_index) => {
      const { onPartial } = hooks;
      if (onPartial === undefined) return;
      const before = shown.at(-1);
      const encoding = encodePartial(parts, state, partialFormat).then(
        async (encoded) => {
          // Encoded side by side, shown in their order.
          await before;
          onPartial({ ...encoded, partial_index, picture_index });
        },
        (error: unknown) => parts.log.warn({ generation_id: id, error }, 'a partial picture could not be encoded'),
      );
      shown.push(encoding);
    },
    replan: (chosen, share) => replanShare(choice, inputs, chosen, share),
    onAttempt: async (seq, { provider, offer_id, price_micros, started_at }) =>
      insertAttempt(parts.db, {
        generation_id: id,
        seq,
        provider,
        offer_id,
        price_micros,
        started_at: new Date(started_at),
      }),
    onAttemptEnd: async (seq, { outcome, error_class, billed_micros, possible_micros, started_at, ended_at }) => {
      await endAttempt(parts.db, id, seq, {
        outcome,
        error_class,
        billed_micros,
        possible_micros,
        latency_ms: Math.round(ended_at - started_at),
        ended_at: new Date(ended_at),
      });
    },
    onJob: async (seq, job) => {
      await setProviderJob(parts.db, id, seq, job.id);
    },
    keep: (bytes) => parts.media.put(bytes, { bytes_max: parts.image_bytes_max }),
    deadline_at: admitted.created_at.getTime() + parts.work_deadline_ms,
    newMediaId: () => parts.ids.next('img'),
    signal: parts.stopping,
  };
}

/** The mask is converted after it was reduced with its picture. */
async function prepareInputs(
  parts: ServiceParts,
  { plan, offer }: ChosenOffer,
  inputs: GenerationInputs,
): Promise<GenerationInputs> {
  const { images, mask } = await prepareReferences(parts, plan, inputs);
  return { images, mask: await prepareMask(parts, offer, mask) };
}
