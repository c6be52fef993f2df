/** What every process sees to, whatever its roles. */
import { dropExpiredFiles } from '../services/files/remove-file-bytes.ts';
import type { OfferGates } from '../services/offer-gate.ts';
import type { OfferHealth } from '../services/offer-health.ts';
import type { ServiceParts } from '../services/parts.ts';
import { collectStrays, dropExpired, endInterrupted, keepLeases } from '../services/tidy-up.ts';
import { dropOldWebhooks } from '../services/webhooks/drop-old-webhooks.ts';
import type { Chore } from './start-chores.ts';

/** In a lease: it is renewed in time also where one round fails, and who died is found soon after. */
const RENEWALS = 3;
const LOOKS_FOR_DEAD = 6;
const SECOND_MS = 1_000;
const TEN_MINUTES_MS = 10 * 60_000;
const SIX_HOURS_MS = 6 * 60 * 60_000;

interface Surroundings {
  readonly health: OfferHealth;
  readonly gates: OfferGates;
  /** Goes on with what dead processes had, where this one works on asynchronous generations. */
  readonly takeOver: () => Promise<void>;
}

export function everyChore(parts: ServiceParts, { health, gates, takeOver }: Surroundings): readonly Chore[] {
  const { lease_ms } = parts.lease;
  return [
    { name: 'keep leases', every_ms: lease_ms / RENEWALS, run: () => keepLeases(parts) },
    { name: 'end interrupted', every_ms: lease_ms / LOOKS_FOR_DEAD, run: () => endInterrupted(parts, false) },
    { name: 'take over', every_ms: lease_ms / LOOKS_FOR_DEAD, run: takeOver },
    { name: 'keep gates', every_ms: lease_ms / LOOKS_FOR_DEAD, run: () => gates.keep() },
    { name: 'flush health', every_ms: SECOND_MS, run: () => health.flush() },
    { name: 'drop old health', every_ms: TEN_MINUTES_MS, run: () => health.dropOld() },
    { name: 'drop expired', every_ms: TEN_MINUTES_MS, run: () => dropExpired(parts) },
    { name: 'drop old webhooks', every_ms: TEN_MINUTES_MS, run: () => dropOldWebhooks(parts) },
    { name: 'drop expired files', every_ms: TEN_MINUTES_MS, run: () => dropExpiredFiles(parts) },
    { name: 'collect strays', every_ms: SIX_HOURS_MS, run: () => collectStrays(parts) },
    { name: 'sweep media', every_ms: TEN_MINUTES_MS, run: () => parts.media.sweep() },
  ];
}
