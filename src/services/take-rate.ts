/** Counts what a caller asks for against the limits of its key, of those above it, and of its account. */
import type { Bound, RateVerdict, RateView } from '../contracts/keys.ts';
import type { GenerateHooks, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { type RateLimit, rateLimit, rateState, waitForMs } from '../core/limits/rate.ts';
import { type BucketState, type RateWish, takeFromBuckets } from '../store/rate-buckets.ts';
import type { ServiceParts } from './parts.ts';

type Unit = RateView['unit'];

/** Throws `rate_limited`. */
export async function takeImages(
  parts: Pick<ServiceParts, 'db'>,
  principal: Principal,
  amount: number,
  hooks: Pick<GenerateHooks, 'onRate'>,
): Promise<void> {
  const { view, refusal } = await takeRate(parts, principal, 'images', amount);
  if (view !== null) hooks.onRate?.(view);
  if (refusal === null) return;
  throw new GessoError('rate_limited', refusal.message, { retry_after_ms: refusal.retry_after_ms });
}

/** Who has no limit costs no statement. */
export async function takeRate(
  { db }: Pick<ServiceParts, 'db'>,
  { bounds = [] }: Principal,
  unit: Unit,
  amount: number,
): Promise<RateVerdict> {
  const wishes = bounds.flatMap((bound) => wishOf(bound, unit, amount));
  if (wishes.length === 0) return { view: null, refusal: null };
  const small = wishes.find(({ limit }) => limit.burst < amount);
  if (small !== undefined) {
    const message = `${whose(small)} allows ${small.limit.burst} ${unit} at once, and this request asks for ${amount}: ask for fewer.`;
    throw new GessoError('invalid_value', message, { param: 'n' });
  }
  const states = await takeFromBuckets(db, wishes);
  const filled = wishes.flatMap((wish) => {
    const state = states.find(({ subject }) => subject === wish.subject);
    return state === undefined ? [] : [{ wish, state }];
  });
  const views = filled.map(({ wish, state }) => viewOf(unit, wish.limit, state));
  const view = views.toSorted((one, other) => one.remaining - other.remaining)[0] ?? null;
  if (filled.every(({ state }) => state.is_taken)) return { view, refusal: null };
  const waits = filled.map(({ wish, state }) => ({
    wish,
    wait_ms: waitForMs(wish.limit, state.full_at_us, state.now_us, amount),
  }));
  const longest = waits.toSorted((one, other) => other.wait_ms - one.wait_ms)[0];
  if (longest === undefined) return { view, refusal: null };
  const { wish, wait_ms } = longest;
  const message = `${whose(wish)} allows ${wish.limit.per_minute} ${unit} a minute. Send this again in ${(wait_ms / 1000).toFixed(1)} s.`;
  return { view, refusal: { message, retry_after_ms: Math.max(1, Math.ceil(wait_ms)) } };
}

function wishOf({ kind, id, settings }: Bound, unit: Unit, amount: number): RateWish[] {
  const per_minute = settings[`${unit}_per_minute`];
  if (per_minute === undefined) return [];
  return [{ subject: `${kind}:${id}:${unit}`, limit: rateLimit(per_minute, settings[`${unit}_burst`]), amount }];
}

function viewOf(unit: Unit, limit: RateLimit, { full_at_us, now_us }: BucketState): RateView {
  const { remaining, reset_ms } = rateState(limit, full_at_us, now_us);
  return { unit, per_minute: limit.per_minute, remaining, reset_ms };
}

function whose({ subject }: RateWish): string {
  return subject.startsWith('key:') ? `The limit of the key ${subject.split(':')[1]}` : 'The limit of your account';
}
