/** What befalls the fleet: mostly kill -9 of one, sometimes of several, an orderly stop, or a pause that outlasts the lease. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

export interface InterruptOptions {
  readonly random: () => number;
  /** Between two of them. */
  readonly every_ms: { readonly least: number; readonly most: number };
  readonly lease_ms: number;
  /** Orderly stops and nothing else, as an upgrade goes about it. */
  readonly only_stops: boolean;
  /** True once no more shall begin. */
  readonly isOver: () => boolean;
}

export interface Interrupts {
  kills: number;
  stops: number;
  holds: number;
  /** Servers that did not come up again. */
  readonly faults: string[];
}

const STOPPED = 0.1;
const HELD = 0.12;
/** Of kills: how often the next one is killed as well. */
const AND_ANOTHER = 0.15;
const DOWN_MS_MAX = 3_000;
/** Of the lease: long enough for others to find the work, short enough to come back while they are at it. */
const HELD_FOR = 1.7;

/** Resolves when all processes are up again after the last one. */
export async function interruptFleet(
  processes: readonly ServerProcess[],
  { random, every_ms, lease_ms, only_stops, isOver }: InterruptOptions,
): Promise<Interrupts> {
  const done: Interrupts = { kills: 0, stops: 0, holds: 0, faults: [] };
  const busy = new Map<ServerProcess, Promise<void>>();
  const begin = (victim: ServerProcess, work: () => Promise<void>): void => {
    busy.set(
      victim,
      work()
        .catch((error: unknown) => void done.faults.push(String(error)))
        .finally(() => busy.delete(victim)),
    );
  };
  const kill = (victim: ServerProcess): void => {
    done.kills += 1;
    const down_ms = random() * DOWN_MS_MAX;
    begin(victim, async () => {
      await victim.end('SIGKILL');
      await delay(down_ms);
      await victim.start();
    });
  };
  while (!isOver()) {
    await delay(every_ms.least + random() * (every_ms.most - every_ms.least));
    const free = processes.filter((one) => !busy.has(one)).sort(() => random() - 0.5);
    const [victim, another] = free;
    const draw = random();
    if (victim === undefined || isOver()) continue;
    if (only_stops || draw < STOPPED) {
      done.stops += 1;
      begin(victim, async () => {
        await victim.end('SIGTERM');
        await victim.start();
      });
    } else if (draw < STOPPED + HELD) {
      done.holds += 1;
      begin(victim, () => victim.hold(lease_ms * HELD_FOR));
    } else {
      kill(victim);
      if (another !== undefined && random() < AND_ANOTHER) kill(another);
    }
  }
  await Promise.all(busy.values());
  return done;
}
