/** Looks after batches: when somebody says that there is something to do, and now and then by itself. */
import { BatchRunner } from '../services/batches/batch-runner.ts';
import type { BatchParts } from '../services/batches/parts.ts';

export interface Batches {
  /** Nothing more is begun; resolves when the steps under way have ended. */
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** Words that come together are one look: lines of a batch may end by the hundred. */
const COLLECT_MS = 100;

/** `alone` = no other process can be working on this database: what others had is left. */
export function startBatches(parts: Omit<BatchParts, 'nextCount'>, { alone }: { readonly alone: boolean }): Batches {
  const { bus, lease, log } = parts;
  const runner = new BatchRunner({ ...parts, nextCount: new Map() });
  const failed = (error: unknown): void => log.error({ err: error }, 'batches could not be looked after');
  let waking: NodeJS.Timeout | undefined;
  const look = (): void => void runner.look().catch(failed);
  const wake = (): void => {
    waking ??= setTimeout(() => {
      waking = undefined;
      look();
    }, COLLECT_MS).unref();
  };
  // Any generation that ends may be the last line of a batch.
  const wakeIfMine = (): void => {
    if (runner.hasBatches) wake();
  };
  const looking = setInterval(look, LOOK_EVERY_MS).unref();
  const renewing = setInterval(() => void runner.keepLeases().catch(failed), lease.lease_ms / 3).unref();
  const taken = (alone ? runner.takeAll() : Promise.resolve()).then(wake, failed);
  const ends = [bus.subscribe('batch', wake), bus.subscribe('ended', wakeIfMine), bus.onReconnect(wake)];
  return {
    async stop() {
      for (const end of ends) end();
      clearInterval(looking);
      clearInterval(renewing);
      await taken;
      clearTimeout(waking);
      await runner.stop();
    },
  };
}
