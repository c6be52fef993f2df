/** Keeps what must happen now and then happening, one run of each at a time, and lets a stop wait for it. */
import type { Log } from '../services/parts.ts';

export interface Chore {
  readonly name: string;
  readonly every_ms: number;
  readonly run: () => Promise<void>;
}

export interface Chores {
  /** No run begins after this; resolves when those under way have ended. */
  stop(): Promise<void>;
}

export function startChores(chores: readonly Chore[], log: Pick<Log, 'error'>): Chores {
  const underWay = new Map<string, Promise<void>>();
  const timers = chores.map(({ name, every_ms, run }) =>
    setInterval(() => {
      if (underWay.has(name)) return;
      const done = run()
        .catch((error: unknown) => log.error({ err: error, chore: name }, 'a chore failed; it is tried again later'))
        .finally(() => underWay.delete(name));
      underWay.set(name, done);
    }, every_ms).unref(),
  );
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(underWay.values());
    },
  };
}
