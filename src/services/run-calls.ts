/**
 * Carries out a plan: every call of it walks the outcome table by itself, falling to the
 * next offer where the table lets it. Nothing is thrown for a failed call: its fate is data, because the other calls
 * of the same generation may have delivered. What an earlier runner has begun is gone on with where it was.
 */
import type { Plan, PlannedCall } from '../contracts/generation.ts';
import type { ProviderAnswer } from '../contracts/provider.ts';
import { GessoError } from '../core/errors.ts';
import { whatIsLeft } from '../core/generation/what-is-left.ts';
import { type FaultClass, mayTryNext, type OutcomeRow, outcomes } from '../core/routing/outcomes.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import { providerBill } from '../core/wallet/provider-bill.ts';
import type { AttemptOutput } from '../store/tables.ts';
import { allDone } from './all-done.ts';
import { attempt } from './attempt.ts';
import type {
  AttemptRecord,
  CallsOutcome,
  DeliveredOutput,
  FailedCall,
  MissingOutput,
  PastAttempt,
  RunParts,
  RunRequest,
  Share,
} from './calls.ts';
import type { ChosenOffer } from './choose-offers.ts';
import { HandedOver } from './handed-over.ts';
import type { Visit } from './offer-traffic.ts';

/** A mutable notebook of one run; the answer is read off it at the end. */
interface Notes {
  seq: number;
  readonly delivered: DeliveredOutput[];
  readonly missing: MissingOutput[];
  readonly attempts: AttemptRecord[];
  readonly faults: FailedCall[];
}

/** Throws HandedOver when the process ended first and another can go on. */
export async function runCalls(parts: RunParts, run: RunRequest): Promise<CallsOutcome> {
  const notes: Notes = {
    seq: Math.max(0, ...run.past.map(({ seq }) => seq)),
    delivered: [],
    missing: [],
    attempts: run.past.filter(hasEnded),
    faults: [],
  };
  await runLeft(parts, run, notes).catch((cause: unknown) => {
    if (cause instanceof GessoError || cause instanceof HandedOver || notes.seq === 0) throw cause;
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

function hasEnded(past: PastAttempt): past is PastAttempt & AttemptRecord {
  return past.outcome !== 'running' && past.ended_at !== null;
}

function picturesOf(plan: Plan | undefined): number {
  return plan?.calls.reduce((sum, { n }) => sum + n, 0) ?? 0;
}

async function runLeft(parts: RunParts, run: RunRequest, notes: Notes): Promise<void> {
  const [first] = run.offers;
  const total = picturesOf(first?.plan);
  if (run.past.length === 0) {
    await runShare(parts, run, notes, 0, { first_index: 0, n: total, units: run.request.n });
    return;
  }
  await allDone(
    whatIsLeft(run.past, total).map(async ({ first_index, n, last }) => {
      const share = { first_index, n, units: Math.ceil(n / (first?.plan.set_size ?? 1)) };
      await (last === null ? runShare(parts, run, notes, 0, share) : goOn(parts, run, notes, last, share));
    }),
  );
}

/** From where an earlier runner left a call. */
async function goOn(parts: RunParts, run: RunRequest, notes: Notes, last: PastAttempt, share: Share): Promise<void> {
  const level = run.offers.findIndex(({ plan }) => plan.offer_id === last.offer_id);
  const chosen = run.offers[level];
  const canAsk = last.job !== null && chosen !== undefined && canResume(parts, chosen.provider);
  const hasFailed = last.outcome === 'failed' || last.outcome === 'refused';
  if (hasFailed && last.error_class !== null && isSaturated(last.error_class)) {
    // It went back to the queue, for a better time.
    await runShare(parts, run, notes, 0, share);
  } else if (hasFailed && last.error_class !== null) {
    await fallOn(parts, run, notes, { level, share, provider: last.provider }, faultOf(last.error_class));
  } else if (last.outputs !== null && chosen !== undefined) {
    deliverAgain(notes, chosen, last.outputs, share);
  } else if (canAsk) {
    // Also one that had delivered: its pictures were not written down, and the provider has them still.
    await runCall(parts, run, notes, { level, chosen, call: { n: share.n, overrides: {} }, share, past: last });
  } else {
    const fault = faultOf('interrupted');
    const ended = {
      ...last,
      ...billOf(last, fault),
      outcome: 'failed' as const,
      error_class: fault.fault,
      ended_at: parts.now(),
    };
    await parts.onAttemptEnd(last.seq, ended, []);
    // What nobody bills is simply made again.
    if (last.price_micros === 0 && level >= 0) await runShare(parts, run, notes, level, share);
    else await fallOn(parts, run, notes, { level, share, provider: last.provider }, fault);
  }
}

/** Its pictures are ours already; what is not among them did not come. */
function deliverAgain(notes: Notes, chosen: ChosenOffer, outputs: readonly AttemptOutput[], share: Share): void {
  for (let index = share.first_index; index < share.first_index + share.n; index++) {
    const found = outputs.find((one) => one.index === index);
    if (found === undefined) {
      notes.missing.push({ index, reason: 'The provider delivered fewer pictures than asked for.' });
      continue;
    }
    const { media_id, index: _, ...output } = found;
    notes.delivered.push({ index, media_id, chosen, output });
  }
}

/** A provider whose key was taken away since has no adapter. */
function canResume({ adapterFor }: RunParts, provider: string): boolean {
  try {
    return adapterFor(provider).resume !== undefined;
  } catch (error) {
    if (error instanceof ProviderFault) return false;
    throw error;
  }
}

function isSaturated(fault: FaultClass): boolean {
  const row: OutcomeRow = outcomes[fault];
  return row.saturated === true;
}

function faultOf(fault: FaultClass): ProviderFault {
  return new ProviderFault(fault, 'it was so when an earlier process had it');
}

function billOf({ price_micros }: PastAttempt, { fault }: ProviderFault) {
  return providerBill({ fault, price_micros, answered_micros: null });
}

async function runShare(parts: RunParts, run: RunRequest, notes: Notes, level: number, share: Share): Promise<void> {
  const chosen = run.offers[level];
  if (chosen === undefined) {
    markMissing(notes, share, 'No other offer can take over this part of the request.');
    return;
  }
  const isWhole = share.n === picturesOf(chosen.plan);
  const plan = level === 0 && isWhole ? chosen.plan : parts.replan(chosen, share);
  if (plan === null) return runShare(parts, run, notes, level + 1, share);
  let next = share.first_index;
  const calls = plan.calls.map((call) => {
    const first_index = next;
    next += call.n;
    return { call, share: { first_index, n: call.n, units: Math.ceil(call.n / plan.set_size) } };
  });
  await allDone(
    calls.map((one) => runCall(parts, run, notes, { level, chosen: { ...chosen, plan }, ...one, past: null })),
  );
}

interface OneCall {
  readonly level: number;
  readonly chosen: ChosenOffer;
  readonly call: PlannedCall;
  readonly share: Share;
  /** Of an earlier runner, whose job is asked for in place of a new one. */
  readonly past: PastAttempt | null;
}

async function runCall(parts: RunParts, run: RunRequest, notes: Notes, one: OneCall): Promise<void> {
  const { level, chosen, call, share, past } = one;
  const hasNext = run.offers[level + 1] !== undefined && run.request.provider.allow_fallbacks !== false;
  const entered = past === null ? await enter(parts, chosen, call, hasNext) : parts.rejoin(chosen);
  if (
    past === null &&
    !(entered instanceof ProviderFault) &&
    (parts.now() >= parts.deadline_at || parts.canceled.aborted)
  ) {
    await entered.leave(new ProviderFault('no_slot', 'no time was left to ask'));
    return giveUp(notes, one);
  }
  const started_at = past?.started_at ?? parts.now();
  const { provider, plan } = chosen;
  // The sketch engine bills nobody for what it draws in another's place.
  const picture_micros = run.mode === 'live' ? chosen.price.per_picture_micros : 0;
  const price_micros = past?.price_micros ?? picture_micros * call.n;
  let answered_micros: number | null = null;
  let knowsJob = past !== null;
  const mine: DeliveredOutput[] = [];
  const begun = { provider, offer_id: plan.offer_id, price_micros, started_at };
  const seq = past?.seq ?? ++notes.seq;
  const record = async (outcome: AttemptRecord['outcome'], error_class: FaultClass | null): Promise<void> => {
    const bill = providerBill({ fault: error_class, price_micros, answered_micros });
    const ended = { seq, ...begun, ...bill, outcome, error_class, ended_at: parts.now() };
    notes.attempts.push(ended);
    await parts.onAttemptEnd(seq, ended, mine);
  };
  try {
    if (entered instanceof ProviderFault) {
      await parts.onAttempt(seq, begun, share);
      throw entered;
    }
    const missing = await visited(parts, entered, async () => {
      if (past === null) await parts.onAttempt(seq, begun, share);
      return attempt(
        parts,
        run,
        { level, seq, chosen, call, share, job: past?.job ?? null },
        {
          onJob: () => {
            knowsJob = true;
          },
          onAnswer: (answer) => {
            if (run.mode === 'live') answered_micros = answer.billed_micros ?? picture_micros * picturesIn(answer);
          },
          onDelivered: (delivered) => {
            mine.push(delivered);
            notes.delivered.push(delivered);
            parts.onDelivered(delivered);
          },
        },
      );
    });
    notes.missing.push(...missing);
    await record(missing.length > 0 ? 'partial' : 'success', null);
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    // The provider goes on with its job, and another process can ask for it.
    const canHandOver = knowsJob || (run.is_asynchronous && price_micros === 0);
    if (canHandOver && error.fault === 'deadline' && parts.leaving.aborted) throw new HandedOver();
    await record(error.fault === 'content_policy' ? 'refused' : 'failed', error.fault);
    await fallOn(parts, run, notes, { level, share, provider }, error);
  }
}

function picturesIn({ pictures }: ProviderAnswer): number {
  return pictures.filter(({ kind }) => kind !== 'missing').length;
}

/** Before anything was asked: its turn came when nobody wanted it any more, or too late. */
function giveUp(notes: Notes, { chosen, share }: OneCall): void {
  const fault = new ProviderFault('deadline', 'no time was left to ask');
  notes.faults.push({ provider: chosen.provider, fault });
  markMissing(notes, share, 'The time for this request was up.');
}

/** To the next offer, where the table lets a call go there. */
async function fallOn(
  parts: RunParts,
  run: RunRequest,
  notes: Notes,
  { level, share, provider }: { readonly level: number; readonly share: Share; readonly provider: string },
  fault: ProviderFault,
): Promise<void> {
  const mayGoOn = level >= 0 && run.offers[level + 1] !== undefined && mayTryNext(fault.fault, run.request.provider);
  if (mayGoOn && hasTime(parts)) return runShare(parts, run, notes, level + 1, share);
  if (mayGoOn && run.is_asynchronous && parts.leaving.aborted) throw new HandedOver();
  notes.faults.push({ provider, fault });
  markMissing(notes, share, fault.public_message ?? fault.fault);
}

/** Beyond the deadline, or when nobody wants it or the process must end, no offer is asked: none is blamed for that. */
function hasTime({ now, deadline_at, leaving, canceled }: RunParts): boolean {
  return now() < deadline_at && !leaving.aborted && !canceled.aborted;
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
async function visited<T>({ leaving, canceled }: RunParts, visit: Visit, work: () => Promise<T>): Promise<T> {
  let fault: ProviderFault | null = new ProviderFault('no_slot', 'the call was given up on our side');
  try {
    const result = await work();
    fault = null;
    return result;
  } catch (error) {
    if (error instanceof ProviderFault && !leaving.aborted && !canceled.aborted) fault = error;
    throw error;
  } finally {
    await visit.leave(fault);
  }
}

function markMissing(notes: Notes, share: Share, reason: string): void {
  for (let index = 0; index < share.n; index++) notes.missing.push({ index: share.first_index + index, reason });
}
