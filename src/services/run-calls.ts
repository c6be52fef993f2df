/**
 * Carries out a plan: every call of it walks the outcome table by itself, falling to the
 * next offer where the table lets it. Nothing is thrown for a failed call: its fate is data, because the other calls
 * of the same generation may have delivered.
 */
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CanonicalRequest, Mode, Plan, PlannedCall } from '../contracts/generation.ts';
import type { StagedBlob } from '../contracts/media.ts';
import type {
  MissingPicture,
  ProviderAdapter,
  ProviderAnswer,
  ProviderJob,
  ProviderPicture,
} from '../contracts/provider.ts';
import type { GenerationInputs } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { type FaultClass, mayTryNext } from '../core/routing/outcomes.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { actOut, simulationFor } from '../core/routing/simulated.ts';
import { providerBill } from '../core/wallet/provider-bill.ts';
import { allDone } from './all-done.ts';
import type { ChosenOffer } from './choose-offers.ts';
import { noPicture } from './no-picture.ts';
import type { Visit } from './offer-traffic.ts';
import type { StoredOutput } from './store-output.ts';

export interface AttemptRecord {
  /** 1 for the first of the generation. */
  readonly seq: number;
  readonly provider: string;
  readonly offer_id: string;
  readonly outcome: 'success' | 'partial' | 'refused' | 'failed';
  readonly error_class: FaultClass | null;
  /** What the call costs us at most; 0 where nobody bills us. */
  readonly price_micros: number;
  readonly billed_micros: number | null;
  readonly possible_micros: number | null;
  readonly started_at: number;
  readonly ended_at: number;
}

export interface DeliveredOutput {
  readonly index: number;
  readonly media_id: string;
  readonly chosen: ChosenOffer;
  readonly output: StoredOutput;
}

export interface MissingOutput {
  readonly index: number;
  readonly reason: string;
}

export interface CallsOutcome {
  readonly delivered: readonly DeliveredOutput[];
  readonly missing: readonly MissingOutput[];
  readonly attempts: readonly AttemptRecord[];
  /** The calls that ended without a picture, in the order of their ends. */
  readonly faults: readonly FailedCall[];
}

export interface FailedCall {
  /** The last that was tried. */
  readonly provider: string;
  readonly fault: ProviderFault;
}

export interface RunParts {
  readonly now: () => number;
  readonly adapterFor: (provider: string) => ProviderAdapter;
  /** Waits for its turn; throws ProviderFault `no_slot` when there is none: nothing was sent then. */
  readonly enter: (chosen: ChosenOffer, images: number, hasNext: boolean) => Promise<Visit>;
  /** The request's pictures and mask as this offer takes them; throws ProviderFault `offer_limit`. */
  readonly prepare: (chosen: ChosenOffer) => Promise<GenerationInputs>;
  /** Draws, dresses and stores one picture. */
  readonly store: (chosen: ChosenOffer, picture: ProviderPicture) => Promise<StoredOutput>;
  readonly onDelivered: (delivered: DeliveredOutput) => void;
  readonly onPartial: Parameters<ProviderAdapter['run']>[1]['onPartial'];
  /** The plan for a smaller share of the request at another offer; null when it cannot do the share after all. */
  readonly replan: (chosen: ChosenOffer, share: Share) => Plan | null;
  /** Before anything is sent, so that a crash leaves a trace of what may have reached a provider. */
  readonly onAttempt: (
    seq: number,
    attempt: Pick<AttemptRecord, 'provider' | 'offer_id' | 'price_micros' | 'started_at'>,
  ) => Promise<void>;
  readonly onAttemptEnd: (seq: number, attempt: AttemptRecord) => Promise<void>;
  readonly onJob: (seq: number, job: ProviderJob) => Promise<void>;
  readonly keep: (bytes: Readable) => Promise<StagedBlob>;
  readonly newMediaId: () => string;
  /** Milliseconds since the epoch. */
  readonly deadline_at: number;
  readonly signal: AbortSignal;
}

export interface Share {
  readonly first_index: number;
  /** Pictures. */
  readonly n: number;
  /** Of the request's `n`, which counts sets where sets are made. */
  readonly units: number;
}

export interface RunRequest {
  readonly mode: Mode;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly offers: readonly ChosenOffer[];
  /** One seed for every picture of the generation. */
  readonly seeds: readonly number[];
}

/** A mutable notebook of one run; the answer is read off it at the end. */
interface Notes {
  seq: number;
  readonly delivered: DeliveredOutput[];
  readonly missing: MissingOutput[];
  readonly attempts: AttemptRecord[];
  readonly faults: FailedCall[];
}

export async function runCalls(parts: RunParts, run: RunRequest): Promise<CallsOutcome> {
  const notes: Notes = { seq: 0, delivered: [], missing: [], attempts: [], faults: [] };
  const whole = { first_index: 0, n: picturesOf(run.offers[0]?.plan), units: run.request.n };
  await runShare(parts, run, notes, 0, whole).catch((cause: unknown) => {
    if (cause instanceof GessoError || notes.seq === 0) throw cause;
    // What failed here on our side, a provider may have billed: nobody asks again unasked.
    throw new GessoError('internal_error', undefined, { cause, should_retry: false });
  });
  return {
    delivered: notes.delivered.toSorted((a, b) => a.index - b.index),
    missing: notes.missing.toSorted((a, b) => a.index - b.index),
    attempts: notes.attempts.toSorted((a, b) => a.started_at - b.started_at || a.seq - b.seq),
    faults: notes.faults,
  };
}

function picturesOf(plan: Plan | undefined): number {
  return plan?.calls.reduce((sum, { n }) => sum + n, 0) ?? 0;
}

async function runShare(parts: RunParts, run: RunRequest, notes: Notes, level: number, share: Share): Promise<void> {
  const chosen = run.offers[level];
  if (chosen === undefined) {
    markMissing(notes, share, 'No other offer can take over this part of the request.');
    return;
  }
  const plan = level === 0 ? chosen.plan : parts.replan(chosen, share);
  if (plan === null) return runShare(parts, run, notes, level + 1, share);
  let next = share.first_index;
  const calls = plan.calls.map((call) => {
    const first_index = next;
    next += call.n;
    return { call, share: { first_index, n: call.n, units: Math.ceil(call.n / plan.set_size) } };
  });
  await allDone(calls.map((one) => runCall(parts, run, notes, level, { ...chosen, plan }, one.call, one.share)));
}

async function runCall(
  parts: RunParts,
  run: RunRequest,
  notes: Notes,
  level: number,
  chosen: ChosenOffer,
  call: PlannedCall,
  share: Share,
): Promise<void> {
  const hasNext = run.offers[level + 1] !== undefined && run.request.provider.allow_fallbacks !== false;
  const entered = await enter(parts, chosen, call, hasNext);
  const started_at = parts.now();
  const { provider, plan } = chosen;
  // The sketch engine bills nobody for what it draws in another's place.
  const picture_micros = run.mode === 'live' ? chosen.price.per_picture_micros : 0;
  const price_micros = picture_micros * call.n;
  let answered_micros: number | null = null;
  const begun = { provider, offer_id: plan.offer_id, price_micros, started_at };
  const seq = ++notes.seq;
  const record = async (outcome: AttemptRecord['outcome'], error_class: FaultClass | null): Promise<void> => {
    const bill = providerBill({ fault: error_class, price_micros, answered_micros });
    const ended = { seq, ...begun, ...bill, outcome, error_class, ended_at: parts.now() };
    notes.attempts.push(ended);
    await parts.onAttemptEnd(seq, ended);
  };
  try {
    if (entered instanceof ProviderFault) {
      await parts.onAttempt(seq, begun);
      throw entered;
    }
    const missing = await visited(parts, entered, async () => {
      await parts.onAttempt(seq, begun);
      return attempt(parts, run, { level, seq }, chosen, call, share, {
        onAnswer: ({ pictures, billed_micros }) => {
          const count = pictures.filter(({ kind }) => kind !== 'missing').length;
          if (run.mode === 'live') answered_micros = billed_micros ?? picture_micros * count;
        },
        onDelivered: (delivered) => {
          notes.delivered.push(delivered);
          parts.onDelivered(delivered);
        },
      });
    });
    notes.missing.push(...missing);
    await record(missing.length > 0 ? 'partial' : 'success', null);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    await record(error.fault === 'content_policy' ? 'refused' : 'failed', error.fault);
    if (run.offers[level + 1] !== undefined && hasTime(parts) && mayTryNext(error.fault, run.request.provider)) {
      await runShare(parts, run, notes, level + 1, share);
      return;
    }
    notes.faults.push({ provider, fault: error });
    markMissing(notes, share, error.public_message ?? error.fault);
  }
}

/** Beyond the deadline, or when the process must end, no offer could be asked: none is blamed for that. */
function hasTime({ now, deadline_at, signal }: RunParts): boolean {
  return now() < deadline_at && !signal.aborted;
}

async function enter(
  parts: RunParts,
  chosen: ChosenOffer,
  call: PlannedCall,
  hasNext: boolean,
): Promise<Visit | ProviderFault> {
  try {
    return await parts.enter(chosen, call.n, hasNext);
  } catch (error) {
    if (error instanceof ProviderFault) return error;
    throw error;
  }
}

/** Leaves however the work ends. What is no fault of the provider is told as one that counts for nobody. */
async function visited<T>({ signal }: RunParts, visit: Visit, work: () => Promise<T>): Promise<T> {
  let fault: ProviderFault | null = new ProviderFault('no_slot', 'the call was given up on our side');
  try {
    const result = await work();
    fault = null;
    return result;
  } catch (error) {
    if (error instanceof ProviderFault && !signal.aborted) fault = error;
    throw error;
  } finally {
    await visit.leave(fault);
  }
}

function markMissing(notes: Notes, share: Share, reason: string): void {
  for (let index = 0; index < share.n; index++) notes.missing.push({ index: share.first_index + index, reason });
}

/** One upstream try; resolves to the pictures that did not come although the call succeeded. Throws ProviderFault. */
async function attempt(
  parts: RunParts,
  { mode, request, seeds }: RunRequest,
  { level, seq }: { readonly level: number; readonly seq: number },
  chosen: ChosenOffer,
  call: PlannedCall,
  share: Share,
  {
    onAnswer,
    onDelivered,
  }: {
    readonly onAnswer: (answer: ProviderAnswer) => void;
    readonly onDelivered: (delivered: DeliveredOutput) => void;
  },
): Promise<MissingOutput[]> {
  const simulation = mode === 'test' ? simulationFor(request.simulate, level) : 'ok';
  if (mode === 'test' && request.simulate_delay_ms !== undefined) {
    await sleep(request.simulate_delay_ms, undefined, { signal: parts.signal }).catch((cause: unknown) => {
      throw new ProviderFault('deadline', 'the process had to end', { cause });
    });
  }
  actOut(simulation);
  const inputs = await parts.prepare(chosen);
  const answer = await parts.adapterFor(chosen.provider).run(
    {
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
    },
    {
      signal: parts.signal,
      deadline_at: parts.deadline_at,
      onPartial: parts.onPartial,
      onJob: (job) => parts.onJob(seq, job),
      keep: parts.keep,
    },
  );
  onAnswer(answer);
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
        onDelivered({ index, media_id: parts.newMediaId(), chosen, output });
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
