/** One upstream try, or one more question about the job of an earlier one. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlannedCall } from '../contracts/generation.ts';
import type {
  CallContext,
  MissingPicture,
  ProviderAnswer,
  ProviderCall,
  ProviderJob,
  ProviderPicture,
} from '../contracts/provider.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { actOut, simulationFor } from '../core/routing/simulated.ts';
import { allDone } from './all-done.ts';
import type { DeliveredOutput, MissingOutput, RunParts, RunRequest, Share } from './calls.ts';
import type { ChosenOffer } from './choose-offers.ts';
import { noPicture } from './no-picture.ts';

export interface Attempt {
  /** Place of the offer among those that are tried. */
  readonly level: number;
  readonly seq: number;
  readonly chosen: ChosenOffer;
  readonly call: PlannedCall;
  readonly share: Share;
  /** Asked for in place of a new call. */
  readonly job: ProviderJob | null;
}

export interface AttemptHooks {
  readonly onJob: () => void;
  readonly onAnswer: (answer: ProviderAnswer) => void;
  readonly onDelivered: (delivered: DeliveredOutput) => void;
}

/** Resolves to the pictures that did not come although the call succeeded. Throws ProviderFault. */
export async function attempt(
  parts: RunParts,
  run: RunRequest,
  one: Attempt,
  hooks: AttemptHooks,
): Promise<MissingOutput[]> {
  const { level, chosen, share, call, job } = one;
  const simulation = run.mode === 'test' ? simulationFor(run.request.simulate, level) : 'ok';
  if (run.mode === 'test') await actSlowly(parts, run);
  actOut(simulation);
  const adapter = parts.adapterFor(chosen.provider);
  const asked = await providerCall(parts, run, one);
  const context = callContext(parts, run, one, hooks);
  // Who goes on with it is told of a wish to cancel as who began it was.
  if (job !== null) await context.onJob(job);
  const answer = await (job !== null && adapter.resume !== undefined
    ? adapter.resume(job, asked, context)
    : adapter.run(asked, context));
  hooks.onAnswer(answer);
  const pictures: readonly (ProviderPicture | MissingPicture)[] =
    simulation === 'partial'
      ? answer.pictures.with(-1, { kind: 'missing', reason: 'This is a simulated missing picture.' })
      : answer.pictures;
  const missing: MissingOutput[] = [];
  let delivered = 0;
  // A set may come out smaller than it could have; single pictures were promised one by one.
  for (let position = pictures.length; chosen.plan.set_size === 1 && position < call.n; position++) {
    missing.push({
      index: share.first_index + position,
      reason: 'The provider delivered fewer pictures than asked for.',
    });
  }
  await allDone(
    pictures.map(async (picture, position) => {
      const index = share.first_index + position;
      if (picture.kind === 'missing') {
        missing.push({ index, reason: picture.reason });
        return;
      }
      try {
        const output = await parts.store(chosen, picture);
        hooks.onDelivered({ index, media_id: parts.newMediaId(), chosen, output });
        delivered += 1;
      } catch (error) {
        // One picture that cannot be used must not take back those that are already ours.
        if (!(error instanceof ProviderFault)) throw error;
        missing.push({ index, reason: error.public_message ?? 'The picture could not be used.' });
      }
    }),
  );
  if (delivered === 0) throw noPicture(chosen, pictures, missing[0]?.reason ?? '');
  return missing;
}

/** What a rehearsal waits for may be canceled, and need not hold up the end of the process. */
async function actSlowly({ leaving, canceled }: RunParts, { request }: RunRequest): Promise<void> {
  if (request.simulate_delay_ms === undefined) return;
  const ends = AbortSignal.any([leaving, canceled]);
  await sleep(request.simulate_delay_ms, undefined, { signal: ends }).catch((cause: unknown) => {
    throw new ProviderFault('deadline', 'nobody waits for it any more', { cause });
  });
}

async function providerCall(
  parts: RunParts,
  { mode, request, seeds }: RunRequest,
  { chosen, call, share }: Attempt,
): Promise<ProviderCall> {
  const inputs = await parts.prepare(chosen);
  return {
    plan: chosen.plan,
    offer: chosen.offer,
    body: { ...chosen.plan.body, ...call.overrides },
    n: call.n,
    first_index: share.first_index,
    prompt: request.prompt,
    negative_prompt: request.negative_prompt ?? null,
    images: inputs.images,
    mask: inputs.mask,
    seeds: seeds.slice(share.first_index, share.first_index + call.n),
    marked: mode === 'test',
    partials: request.stream ? request.partial_images : 0,
  };
}

function callContext(
  parts: RunParts,
  { is_asynchronous }: RunRequest,
  { seq, chosen, job }: Attempt,
  { onJob }: AttemptHooks,
): CallContext {
  let knowsJob = job !== null;
  return {
    // A job that the provider has is asked for until it ends, here or in another process: our own patience has nothing
    // to do with it any more.
    get signal() {
      return knowsJob ? parts.leaving : parts.signal;
    },
    get deadline_at() {
      return knowsJob ? parts.job_deadline_at : parts.deadline_at;
    },
    job_first: is_asynchronous,
    onPartial: parts.onPartial,
    onJob: async (known) => {
      await parts.onJob(seq, chosen.provider, known);
      knowsJob = true;
      onJob();
    },
    keep: parts.keep,
  };
}
