/** Looks for webhook deliveries that are due: when somebody says that there are, and now and then by itself. */
import type { Bus } from '../contracts/bus.ts';
import type { Log } from '../services/parts.ts';
import type { DeliveryWorker } from '../services/webhooks/delivery-worker.ts';

export interface Deliveries {
  /** Nothing more is begun; resolves when what is under way has ended or was cut off. */
  stop(): Promise<void>;
}

/** Retries come due without a word; so does what another process wrote while a word was lost. */
const LOOK_EVERY_MS = 2_000;
/** Words that come together are one look. */
const COLLECT_MS = 50;
const STOP_GRACE_MS = 5_000;

export function startDeliveries(worker: DeliveryWorker, bus: Bus, log: Pick<Log, 'error'>): Deliveries {
  let waking: NodeJS.Timeout | undefined;
  const look = (): void => {
    worker.look().catch((error: unknown) => log.error({ err: error }, 'due deliveries could not be read'));
  };
  const wake = (): void => {
    waking ??= setTimeout(() => {
      waking = undefined;
      look();
    }, COLLECT_MS).unref();
  };
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  // The end of a generation is what most deliveries are about, whoever else says so.
  const ends = [bus.subscribe('delivery', wake), bus.subscribe('ended', wake), bus.onReconnect(wake)];
  wake();
  return {
    async stop() {
      for (const end of ends) end();
      clearInterval(timer);
      clearTimeout(waking);
      await worker.stop(STOP_GRACE_MS);
    },
  };
}
