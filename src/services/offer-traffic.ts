/**
 * What stands between a request and an offer: how well the offer does, whether it is this call's turn, and what became
 * of it. One such thing a mode; test mode has the empty one unless the operator rehearses.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Mode, Plan } from '../contracts/generation.ts';
import type { Offer } from '../core/catalog/catalog.ts';
import { type HealthState, sizeClassOf, type Traffic } from '../core/routing/health.ts';
import { type LimitOverrides, limitsOfOffer } from '../core/routing/limits.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { Leave, OfferGate, OfferGates, Refused } from './offer-gate.ts';
import type { OfferHealth } from './offer-health.ts';

/** How an offer stands for one plan, as `orderOffers` wants to know it. */
export interface Standing {
  readonly health: HealthState | 'resting';
  readonly p95_ms: number | null;
}

export interface Visitor {
  readonly offer: Offer;
  readonly plan: Plan;
  readonly kind: Traffic['kind'];
  /** Pictures of this call. */
  readonly images: number;
  /** False where this is the last offer that is left. */
  readonly has_next: boolean;
}

export interface Visit {
  /** To be called once, however the call ended; never throws. Null = it delivered. */
  leave(fault: ProviderFault | null): Promise<void>;
}

export interface OfferTraffic {
  standing(offer: Offer, plan: Plan, kind: Traffic['kind']): Standing;
  /** Throws ProviderFault `no_slot`: nothing was sent. */
  enter(visitor: Visitor): Promise<Visit>;
  /** For a job that is at the provider already: it waits for nobody, and counts among those that are there. */
  rejoin(offer: Offer): Visit;
}

export interface TrafficParts {
  readonly health: OfferHealth;
  readonly clock: Clock;
  readonly gates: OfferGates;
  readonly limits: LimitOverrides;
  readonly slot_wait_ms: number;
}

/** Another offer is better than a long wait, but a short wait better than another offer. */
const WAIT_WITH_NEXT_MS = 1_000;
/** Where a provider asks for a pause and does not say how long. */
const PAUSE_DEFAULT_MS = 5_000;
const PAUSE_MAX_MS = 10 * 60_000;

/** Nothing is known and nothing is held back. */
export const freeTraffic: OfferTraffic = {
  standing: () => ({ health: 'healthy', p95_ms: null }),
  enter: async () => ({ leave: async () => {} }),
  rejoin: () => ({ leave: async () => {} }),
};

export function createOfferTraffic(mode: Mode, parts: TrafficParts): OfferTraffic {
  const { health, clock, gates } = parts;
  const gateOfOffer = (offer: Offer): OfferGate =>
    gates.open(`${mode}:${offer.pin}`, limitsOfOffer(offer, parts.limits));
  const gateOfProvider = (provider: string): OfferGate =>
    gates.open(`${mode}:${provider}`, parts.limits.get(provider) ?? {});

  return {
    standing(offer, plan, kind) {
      const { state, p95_ms } = health.figures(mode, trafficOf(offer, plan, kind));
      const breaker = health.breaker(mode, offer.pin);
      const isPaused = gateOfOffer(offer).isPaused || gateOfProvider(offer.provider).isPaused;
      if (breaker === 'open' || breaker === 'half_open' || isPaused) {
        return { health: 'resting', p95_ms };
      }
      // In its usual place, so that it is tried although others are well; the next request finds it half open.
      return { health: breaker === 'due' ? 'healthy' : state, p95_ms };
    },

    rejoin(offer) {
      const places = [gateOfOffer(offer), gateOfProvider(offer.provider)].map((gate) => gate.rejoin());
      return {
        // How long it took says nothing of the offer: part of that time nobody asked.
        leave: async () => {
          for (const leave of places) leave();
        },
      };
    },

    async enter({ offer, plan, kind, images, has_next }) {
      const breaker = health.breaker(mode, offer.pin);
      if (has_next && (breaker === 'open' || breaker === 'half_open')) throw resting(offer, health, mode);
      const wait_ms = has_next ? Math.min(WAIT_WITH_NEXT_MS, parts.slot_wait_ms) : parts.slot_wait_ms;
      const release = await passGates([gateOfOffer(offer), gateOfProvider(offer.provider)], images, wait_ms, offer.pin);
      const is_probe = await claim(health, mode, offer, breaker !== 'closed', has_next).catch((error: unknown) => {
        release();
        throw error;
      });
      const started_at = clock.now();
      return {
        async leave(fault) {
          const retry_after_ms = fault?.retry_after_ms ?? null;
          const isLimited = fault?.fault === 'rate_limited';
          if (isLimited || (fault?.fault === 'overloaded' && retry_after_ms !== null)) {
            // What is counted by key is locked by key: another offer of the provider would only be refused as well.
            const gateOfPause = parts.limits.has(offer.provider) ? gateOfProvider(offer.provider) : gateOfOffer(offer);
            gateOfPause.pause(Math.min(retry_after_ms ?? PAUSE_DEFAULT_MS, PAUSE_MAX_MS));
          }
          release();
          await health.record({
            ...trafficOf(offer, plan, kind),
            mode,
            provider: offer.provider,
            fault: fault?.fault ?? null,
            latency_ms: clock.now() - started_at,
            retry_after_ms,
            is_probe,
          });
        },
      };
    },
  };
}

function trafficOf(offer: Offer, plan: Plan, kind: Traffic['kind']): Traffic {
  return { offer_id: offer.pin, kind, size_class: sizeClassOf(plan.upstream_size) };
}

/** True where this call is the probe of an open breaker; throws where another one is. */
async function claim(
  health: OfferHealth,
  mode: Mode,
  offer: Offer,
  isBroken: boolean,
  has_next: boolean,
): Promise<boolean> {
  if (!isBroken) return false;
  const claimed = await health.claimProbe(mode, offer.pin, !has_next);
  if (claimed === 'taken') throw resting(offer, health, mode);
  return claimed === 'ours';
}

async function passGates(gates: readonly OfferGate[], images: number, wait_ms: number, pin: string): Promise<Leave> {
  const passed: Leave[] = [];
  const release: Leave = () => {
    for (const leave of passed) leave();
  };
  for (const gate of gates) {
    const entered: Leave | Refused = await gate.enter(images, wait_ms);
    if (typeof entered === 'function') {
      passed.push(entered);
      continue;
    }
    release();
    const { wait_ms: retry_after_ms } = entered;
    throw new ProviderFault('no_slot', `${pin} is at its limit or in a pause that it asked for`, {
      public_message: `${pin} is at its limit.`,
      ...(retry_after_ms === null ? {} : { retry_after_ms }),
    });
  }
  return release;
}

function resting(offer: Offer, health: OfferHealth, mode: Mode): ProviderFault {
  const reason = health.reason(mode, offer.pin) ?? 'it is being tried';
  return new ProviderFault('no_slot', `the breaker of ${offer.pin} is open: ${reason}`, {
    public_message: `${offer.pin} failed too often and is being tried again.`,
  });
}
