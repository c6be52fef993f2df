import type { Behaviour, BehaviourKind } from '../providers/servers/behaviours.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';

const OK_SHARE = 0.5;
/** These make an offer pause or rest for seconds, and what rests shows nothing else. */
const rare: ReadonlySet<BehaviourKind> = new Set(['rate_limited', 'overloaded', 'auth', 'account', 'config', 'silent']);
const RARE_SHARE = 0.1;
/** A server sees about so many calls for each behaviour that it is given. */
const USED_SHARE = 0.1;

/**
 * So many behaviours out of all that the server knows: the kinds alike (but for the rare ones), then its shapes alike.
 * Where there is room for it, each is among those that will be met.
 */
export function randomActs({ behaviours }: ProviderServer, random: () => number, count: number): Behaviour[] {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const kinds = [...new Set(behaviours.map(({ kind }) => kind))];
  const acts: Behaviour[] = Array.from({ length: count }, () => {
    let kind = random() < OK_SHARE ? 'ok' : pick(kinds);
    while (kind !== undefined && rare.has(kind) && random() > RARE_SHARE) kind = pick(kinds);
    return pick(behaviours.filter((behaviour) => behaviour.kind === kind)) ?? { kind: 'ok' };
  });
  const used = Math.floor(count * USED_SHARE);
  if (used < 5 * behaviours.length) return acts;
  const met = new Set<Behaviour>(acts.slice(0, used));
  for (const act of behaviours) if (!met.has(act)) acts.splice(Math.floor(random() * used), 0, act);
  return acts;
}
