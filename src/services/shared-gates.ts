/** The turnstiles of processes that share a database. What has no limit costs nothing: of it only pauses are shared. */
import type { Bus } from '../contracts/bus.ts';
import type { Clock } from '../contracts/clock.ts';
import type { TrafficLimits } from '../core/routing/limits.ts';
import type { Lease } from '../store/generations.ts';
import { dropDeadSlots, leaveGates, passGate, pauseGate, readPauses } from '../store/provider-slots.ts';
import type { Db } from '../store/tables.ts';
import { LocalOfferGate } from './local-offer-gate.ts';
import type { OfferGate, OfferGates } from './offer-gate.ts';
import type { Log } from './parts.ts';
import { SharedOfferGate } from './shared-offer-gate.ts';

export interface SharedGatesParts {
  readonly db: Db;
  readonly bus: Pick<Bus, 'publish' | 'subscribe' | 'onReconnect'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'error'>;
  /** Places of a process that is heard of no more are free after `lease_ms`. */
  readonly lease: Lease;
  /** Absent = a minute, as the limits say. */
  readonly window_ms?: number;
}

const MINUTE_MS = 60_000;
/** A process that was only slow finds its row again. */
const DEAD_LEASES = 10;

export function createSharedGates({ db, bus, clock, log, lease, window_ms = MINUTE_MS }: SharedGatesParts): OfferGates {
  const gates = new Map<string, { readonly inner: OfferGate; readonly outer: OfferGate }>();
  const shared = new Map<string, SharedOfferGate>();
  /** Until when, also of gates that are not open here yet. */
  const pauses = new Map<string, number>();

  const hearPause = (gate: string, pause_ms: number): void => {
    pauses.set(gate, Math.max(pauses.get(gate) ?? 0, clock.now() + pause_ms));
    gates.get(gate)?.inner.pause(pause_ms);
  };
  const create = (gate: string, limits: TrafficLimits): OfferGate => {
    if (Object.keys(limits).length === 0) return new LocalOfferGate({}, clock);
    const made = new SharedOfferGate({
      clock,
      log,
      isCounted: limits.concurrent_max !== undefined,
      pass: (wish) => passGate(db, { gate, lease, limits, window_ms, ...wish }),
      tellOthers: () => bus.publish('slot', gate),
    });
    shared.set(gate, made);
    return made;
  };
  const lookAll = async (which: (gate: SharedOfferGate) => boolean): Promise<void> => {
    await Promise.all([...shared.values()].filter(which).map((gate) => gate.look()));
  };
  const leaveBus = [
    bus.subscribe('slot', (gate) => {
      const waited = shared.get(gate);
      if (waited?.isWaitedFor === true) void waited.look();
    }),
    bus.subscribe('pause', (text) => {
      const blank = text.indexOf(' ');
      hearPause(text.slice(blank + 1), Number(text.slice(0, blank)));
    }),
    bus.onReconnect(() => void lookAll((gate) => gate.isWaitedFor)),
  ];

  return {
    open(name, limits) {
      const known = gates.get(name);
      if (known !== undefined) return known.outer;
      const inner = create(name, limits);
      inner.pause((pauses.get(name) ?? 0) - clock.now());
      const outer: OfferGate = {
        get isPaused() {
          return inner.isPaused;
        },
        enter: (images, wait_ms) => inner.enter(images, wait_ms),
        rejoin: () => inner.rejoin(),
        pause: (pause_ms) => {
          // Heard here as well, at once.
          bus.publish('pause', `${pause_ms} ${name}`);
          pauseGate(db, name, pause_ms).catch((error: unknown) => {
            log.error({ err: error, gate: name }, 'a pause could not be stored for other processes');
          });
        },
      };
      gates.set(name, { inner, outer });
      return outer;
    },

    async keep() {
      await lookAll((gate) => gate.isHeld);
      for (const { gate, paused_ms } of await readPauses(db)) hearPause(gate, paused_ms);
      for (const [gate, until] of pauses) if (until <= clock.now()) pauses.delete(gate);
      await dropDeadSlots(db, DEAD_LEASES * lease.lease_ms);
    },

    async close() {
      for (const leave of leaveBus) leave();
      await leaveGates(db, lease.runner_id);
    },
  };
}
