/** The role `worker`: asynchronous generations from the queue, batches of them, and webhooks about what became of them. */
import type { BatchWire } from '../contracts/batches.ts';
import type { ServiceParts } from '../services/parts.ts';
import { QueueRunner } from '../services/queue-runner.ts';
import type { DeliverParts } from '../services/webhooks/deliver.ts';
import { DeliveryWorker } from '../services/webhooks/delivery-worker.ts';
import { startBatches } from './start-batches.ts';
import { startDeliveries } from './start-deliveries.ts';

const WEBHOOKS_IN_HAND_MAX = 256;
const WEBHOOKS_PER_TARGET_MAX = 16;

export interface WorkerOptions {
  /** No other process can be working on this database: what others had is left. */
  readonly alone: boolean;
  /** Asynchronous generations that are worked on at once. */
  readonly jobs_max: number;
  /** What customers are told, each in the form in which the API answers it. */
  readonly presenters: DeliverParts['presenters'];
  /** Lines of batches are bodies of the API. */
  readonly wire: BatchWire;
}

export interface Worker {
  /** Generations that are being made. */
  jobs(): number;
  webhooks(): ReturnType<DeliveryWorker['figures']>;
  /** Goes on with what dead processes had. */
  takeOver(): Promise<void>;
  /** No more generations are taken; resolves when those that are being made have ended or were left to others. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWorker(parts: ServiceParts, options: WorkerOptions): Promise<Worker> {
  const { alone, jobs_max, presenters, wire } = options;
  const runner = new QueueRunner(parts, { at_once_max: jobs_max });
  await runner.takeOver(alone);
  const sender = new DeliveryWorker(
    { ...parts, chance: Math.random, presenters },
    {
      in_hand_max: WEBHOOKS_IN_HAND_MAX,
      per_target_max: WEBHOOKS_PER_TARGET_MAX,
      lease_ms: parts.webhooks.timeout_ms + parts.lease.lease_ms,
    },
  );
  const deliveries = startDeliveries(sender, parts.bus, parts.log);
  const batches = startBatches({ ...parts, wire }, { alone });
  return {
    jobs: () => runner.count,
    webhooks: () => sender.figures(),
    takeOver: () => runner.takeOver(false),
    drain: () => runner.stop(),
    async stop() {
      await batches.stop();
      await deliveries.stop();
      await runner.stop();
    },
  };
}
