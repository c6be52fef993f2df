/** Rows that many generations write at about the same time, written together: a durable statement costs as much as forty. */
import type { Mode } from '../contracts/generation.ts';
import { Grouped } from '../core/limits/grouped.ts';
import { endAttempts, insertAttempts, type NamedAttemptEnd, type NewAttempt } from '../store/attempts.ts';
import { endGenerations, type GenerationEnd } from '../store/end-generations.ts';
import type { Lease } from '../store/generations.ts';
import { recordBlobs } from '../store/media.ts';
import type { BlobRow, Db } from '../store/tables.ts';

export interface WriteGroups {
  /** The result tells whether the generation is this runner's still. */
  readonly attempts: Grouped<NewAttempt, boolean>;
  readonly attemptEnds: Grouped<NamedAttemptEnd, true>;
  readonly blobs: Grouped<BlobRow, true>;
  /** By `walletName`. The result tells whether it was this runner's still. */
  readonly ends: Grouped<GenerationEnd, boolean>;
}

/** More rows in one statement are no faster. */
const ITEMS_MAX = 64;

export function createWriteGroups(db: Db, lease: Lease): WriteGroups {
  return {
    attempts: new Grouped<NewAttempt, boolean>({
      items_max: ITEMS_MAX,
      work: (_name, rows) => insertAttempts(db, lease.runner_id, rows),
      mayDoBetterAlone: () => false,
    }),
    attemptEnds: group((rows) => endAttempts(db, rows)),
    blobs: group((rows) => recordBlobs(db, rows)),
    ends: new Grouped<GenerationEnd, boolean>({
      items_max: ITEMS_MAX,
      work: async (wallet, ends) => {
        const ended = await endGenerations(db, readWallet(wallet), lease.runner_id, ends);
        return ends.map(({ id }) => ended.has(id));
      },
      mayDoBetterAlone: () => false,
    }),
  };
}

/** The name of a wallet's group. */
export function walletName({ account_id, mode }: ReturnType<typeof readWallet>): string {
  return `${mode} ${account_id}`;
}

function readWallet(name: string): { readonly account_id: string; readonly mode: Mode } {
  const [mode, account_id] = name.split(' ', 2);
  if ((mode !== 'live' && mode !== 'test') || account_id === undefined) throw new Error(`${name} is no wallet`);
  return { account_id, mode };
}

function group<Row>(write: (rows: readonly Row[]) => Promise<void>): Grouped<Row, true> {
  return new Grouped<Row, true>({
    items_max: ITEMS_MAX,
    work: async (_name, rows) => {
      await write(rows);
      return rows.map(() => true);
    },
    mayDoBetterAlone: () => false,
  });
}
