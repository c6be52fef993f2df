import type { Principal } from '../../contracts/services.ts';
import { GessoError } from '../../core/errors.ts';
import { rateLimit, waitForMs } from '../../core/limits/rate.ts';
import { takeFromBuckets } from '../../store/rate-buckets.ts';
import type { ServiceParts } from '../parts.ts';

const limit = rateLimit(60, 30);

/** Posts that a customer asks for by hand (tests, replays), so that nobody is flooded through us. Throws `rate_limited`. */
export async function takeHandPost(
  { db }: Pick<ServiceParts, 'db'>,
  { account_id }: Pick<Principal, 'account_id'>,
): Promise<void> {
  const [state] = await takeFromBuckets(db, [{ subject: `account:${account_id}:webhooks`, limit, amount: 1 }]);
  if (state === undefined || state.is_taken) return;
  const wait_ms = Math.max(1, Math.ceil(waitForMs(limit, state.full_at_us, state.now_us, 1)));
  throw new GessoError(
    'rate_limited',
    `An account may send ${limit.per_minute} webhooks a minute by hand (tests and replays). Send this again in ${(wait_ms / 1000).toFixed(1)} s.`,
    { retry_after_ms: wait_ms },
  );
}
