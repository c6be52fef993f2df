/** Binds one generation's run to the world: the adapters, the database's record of attempts, the media store, the hooks. */
import type { ProviderJob } from '../contracts/provider.ts';
import type { GenerateHooks, GenerationInputs } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { type NamedAttemptEnd, setProviderJob } from '../store/attempts.ts';
import { setProgress } from '../store/generations.ts';
import type { AttemptOutput } from '../store/tables.ts';
import type { Admitted } from './admitted.ts';
import type { DeliveredOutput, RunParts } from './calls.ts';
import type { ChosenOffer } from './choose-offers.ts';
import { deliveredPicture } from './delivered-picture.ts';
import { encodePartial } from './encode-partial.ts';
import type { ServiceParts } from './parts.ts';
import { prepareMask } from './prepare-mask.ts';
import { prepareReferences } from './prepare-references.ts';
import { replanShare } from './replan-share.ts';
import { storeOutput } from './store-output.ts';

interface Run {
  readonly canceled: AbortSignal;
  readonly delivering: NamedAttemptEnd[];
  /** By an earlier process, or earlier here. */
  readonly was_begun: boolean;
}

/** However long nobody was there to ask for it: a job that has ended meanwhile has its pictures still. */
const ASKED_FOR_MS_MIN = 30_000;

export function runParts(
  parts: ServiceParts,
  admitted: Admitted,
  hooks: GenerateHooks,
  { canceled, delivering, was_begun }: Run,
): RunParts {
  const { id, mode, request, inputs, choice } = admitted;
  // The calls of a request that is split send the same pictures.
  const prepared = new Map<string, Promise<GenerationInputs>>();
  const shown: Promise<void>[] = [];
  const partialFormat = request.output_format ?? 'png';
  const started_at = (admitted.started_at ?? admitted.created_at).getTime();
  const adapterFor: RunParts['adapterFor'] = (provider) => {
    const adapter = mode === 'test' ? parts.testAdapter : parts.liveAdapters.get(provider);
    if (adapter === undefined) throw new ProviderFault('config', `${provider} has no adapter`);
    return adapter;
  };
  const isFanned = admitted.is_asynchronous && (choice.offers[0]?.plan.calls.length ?? 1) > 1;
  let delivered = 0;
  return {
    now: () => parts.clock.now(),
    adapterFor,
    enter: (chosen, images, has_next) =>
      parts.traffic(mode).enter({ offer: chosen.offer, plan: chosen.plan, kind: request.kind, images, has_next }),
    rejoin: (chosen) => parts.traffic(mode).rejoin(chosen.offer),
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
    onDelivered: (output) => {
      delivered += 1;
      hooks.onPicture?.(deliveredPicture(parts, admitted, output), output.index);
      if (admitted.is_asynchronous && delivered < request.n) tellProgress(parts, id, delivered / request.n);
    },
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
    onAttempt: async (seq, { provider, offer_id, price_micros, started_at: began_at }, share) => {
      const isOurs = await parts.writes.attempts.run('all', {
        generation_id: id,
        seq,
        provider,
        offer_id,
        price_micros,
        first_index: share.first_index,
        pictures: share.n,
        units: share.units,
        started_at: new Date(began_at),
      });
      if (!isOurs) throw new GessoError('interrupted', 'This process was too slow, and was taken for dead.');
    },
    onAttemptEnd: async (
      seq,
      { outcome, error_class, billed_micros, possible_micros, started_at: began_at, ended_at },
      outputs,
    ) => {
      const end: NamedAttemptEnd = {
        generation_id: id,
        seq,
        outcome,
        error_class,
        billed_micros,
        possible_micros,
        latency_ms: Math.round(ended_at - began_at),
        ended_at: new Date(ended_at),
      };
      const hasDelivered = outcome === 'success' || outcome === 'partial';
      // Told with the end of the generation, in one statement, unless other calls have to be waited for: whoever goes on
      // with them after a crash has these pictures then.
      if (hasDelivered && !isFanned) delivering.push(end);
      else
        await parts.writes.attemptEnds.run('all', hasDelivered ? { ...end, outputs: outputs.map(attemptOutput) } : end);
    },
    onJob: async (seq, provider, job) => {
      await setProviderJob(parts.db, id, seq, job);
      passCancelOn(parts, canceled, { generation_id: id, provider, job, cancel: adapterFor(provider).cancel });
    },
    keep: (bytes) => parts.media.put(bytes, { bytes_max: parts.image_bytes_max }),
    deadline_at: started_at + parts.work_deadline_ms,
    job_deadline_at: Math.max(started_at + parts.job_deadline_ms, was_begun ? parts.clock.now() + ASKED_FOR_MS_MIN : 0),
    newMediaId: () => parts.ids.next('img'),
    signal: parts.stopping,
    leaving: admitted.is_asynchronous ? AbortSignal.any([parts.draining, parts.stopping]) : parts.stopping,
    canceled,
  };
}

function attemptOutput({ index, media_id, output }: DeliveredOutput): AttemptOutput {
  return { index, media_id, ...output };
}

/** Nobody waits for it: who asks while it is on its way learns it a moment later. */
function tellProgress({ db, bus, log }: ServiceParts, id: string, share: number): void {
  setProgress(db, id, Math.floor(share * 100)).then(
    () => bus.publish('progressed', id),
    (error: unknown) => log.warn({ generation_id: id, err: error }, 'progress could not be written down'),
  );
}

interface Cancelable {
  readonly generation_id: string;
  readonly provider: string;
  readonly job: ProviderJob;
  readonly cancel: ((job: ProviderJob) => Promise<void>) | undefined;
}

/** The job is asked for all the same until it ends: what it delivers before it hears of this is ours, and charged. */
function passCancelOn({ log }: ServiceParts, canceled: AbortSignal, { cancel, job, ...who }: Cancelable): void {
  if (cancel === undefined) return;
  const pass = (): void => {
    cancel(job).catch((error: unknown) => log.warn({ ...who, err: error }, 'a provider could not be told to stop'));
  };
  if (canceled.aborted) pass();
  else canceled.addEventListener('abort', pass, { once: true });
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
