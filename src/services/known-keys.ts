/**
 * Keys as they were read a moment ago, so that a busy key costs the database nothing for most of its requests. Revocations
 * and changes are told to all processes at once, and hold in half a second where the word is lost. What depends on the
 * time (expiry, rotation) is judged at every request.
 */
import type { Bus } from '../contracts/bus.ts';
import type { Clock } from '../contracts/clock.ts';
import { type FoundKey, findKeyByHash } from '../store/keys.ts';
import type { Db } from '../store/tables.ts';

const KEPT_MS = 500;
/** More are forgotten all together: it only costs another look. */
const KEYS_MAX = 10_000;

export interface KnownKey {
  readonly row: FoundKey;
  /** False where it was read before for another request. */
  readonly is_fresh: boolean;
}

interface Kept {
  readonly row: Promise<FoundKey | undefined>;
  readonly until: number;
}

export class KnownKeys {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #kept_ms: number;
  readonly #kept = new Map<string, Kept>();

  constructor(
    parts: { readonly db: Db; readonly bus: Pick<Bus, 'subscribe'>; readonly clock: Clock },
    kept_ms = KEPT_MS,
  ) {
    this.#db = parts.db;
    this.#clock = parts.clock;
    this.#kept_ms = kept_ms;
    parts.bus.subscribe('keys', () => this.#kept.clear());
  }

  /** Undefined for a key that is not known; that is asked anew each time, since it may be made at any moment. */
  async find(hash: Buffer): Promise<KnownKey | undefined> {
    const name = hash.toString('base64');
    const now = this.#clock.now();
    const kept = this.#kept.get(name);
    const isKept = kept !== undefined && kept.until > now;
    const row = await (isKept ? kept.row : this.#read(name, hash, now));
    return row && { row, is_fresh: !isKept };
  }

  #read(name: string, hash: Buffer, now: number): Promise<FoundKey | undefined> {
    if (this.#kept.size >= KEYS_MAX) this.#kept.clear();
    const row = findKeyByHash(this.#db, hash);
    const kept = { row, until: now + this.#kept_ms };
    this.#kept.set(name, kept);
    const forget = (): void => void (this.#kept.get(name) === kept && this.#kept.delete(name));
    row.then((found) => found === undefined && forget(), forget);
    return row;
  }
}
