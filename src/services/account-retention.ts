import type { Clock } from '../contracts/clock.ts';
import type { RetentionView } from '../contracts/requests.ts';
import { findRetention, setRetention, shortenRetention } from '../store/retention.ts';
import type { Db } from '../store/tables.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/**
 * With a retention of 0 days, pictures are there long enough to be fetched, and gone within the hour, whenever in that
 * hour the next sweep comes.
 */
const SHORTEST_RETENTION_MS = 45 * 60 * 1000;
/** As many days, or more, are kept until deleted. */
export const FOREVER_DAYS = 36_500;
/** How stale another process's rule may be: one query a while for a busy account, not one for each request. */
const KNOWN_FOR_MS = 1_000;

/** How long accounts keep prompts, parameters and pictures: their own rule, else the server's. */
export class AccountRetention {
  readonly #parts: { readonly db: Db; readonly clock: Clock; readonly default_days: number };
  readonly #known = new Map<string, { readonly days: number | null; readonly at: number }>();

  constructor(parts: { readonly db: Db; readonly clock: Clock; readonly default_days: number }) {
    this.#parts = parts;
  }

  async view(account_id: string): Promise<RetentionView> {
    const days = await this.#own(account_id);
    return days === null
      ? { retention_days: this.#parts.default_days, source: 'server' }
      : { retention_days: days, source: 'account' };
  }

  /** When what is made now expires; null = it is kept until deleted. */
  async expiryOf(account_id: string, created_at: Date): Promise<Date | null> {
    const keep_ms = keepFor((await this.view(account_id)).retention_days);
    return keep_ms === null ? null : new Date(created_at.getTime() + keep_ms);
  }

  /** Null = as the server does. A shorter rule also holds for what was made before; a longer one does not bring back. */
  async set(account_id: string, days: number | null): Promise<RetentionView> {
    const { db, clock } = this.#parts;
    await db.transaction().execute(async (transaction) => {
      await setRetention(transaction, account_id, days);
      const keep_ms = keepFor(days ?? this.#parts.default_days);
      if (keep_ms !== null) await shortenRetention(transaction, account_id, keep_ms);
    });
    this.#known.set(account_id, { days, at: clock.now() });
    return this.view(account_id);
  }

  async #own(account_id: string): Promise<number | null> {
    const { db, clock } = this.#parts;
    const now = clock.now();
    const known = this.#known.get(account_id);
    if (known !== undefined && Math.abs(now - known.at) < KNOWN_FOR_MS) return known.days;
    const days = await findRetention(db, account_id);
    this.#known.set(account_id, { days, at: now });
    return days;
  }
}

function keepFor(days: number): number | null {
  return days >= FOREVER_DAYS ? null : Math.max(days * DAY_MS, SHORTEST_RETENTION_MS);
}
