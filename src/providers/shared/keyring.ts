/** Keys that somebody else may change: kept for a day, and fetched anew when a signature fits none of them. */
export interface KeyringOptions<Keys> {
  readonly load: () => Promise<Keys>;
  readonly now: () => number;
}

/** True when the keys pass. Rejects when they could not be loaded just now. */
export type CheckByKeys<Keys> = (passes: (keys: Keys) => boolean) => Promise<boolean>;

const KEPT_MS = 24 * 3_600_000;
/** Whoever sends us nonsense cannot make us ask more often than this. */
const LOAD_EVERY_MS = 60_000;

export function createKeyring<Keys>({ load, now }: KeyringOptions<Keys>): CheckByKeys<Keys> {
  let kept: { readonly keys: Keys; readonly loaded_at: number } | null = null;
  let tried_at = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | null = null;
  const reload = async (): Promise<void> => {
    try {
      const keys = await load();
      kept = { keys, loaded_at: now() };
    } finally {
      loading = null;
    }
  };
  return async (passes) => {
    const fits = (): boolean => kept !== null && now() - kept.loaded_at <= KEPT_MS && passes(kept.keys);
    if (fits()) return true;
    if (loading === null) {
      if (now() - tried_at < LOAD_EVERY_MS) return false;
      tried_at = now();
      loading = reload();
    }
    await loading;
    return fits();
  };
}
