import type { Behaviour, BehaviourKind } from '../providers/servers/behaviours.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';

const OK_SHARE = 0.5;
/** These make an offer pause or rest for seconds, and what rests shows nothing else. */
const rare: ReadonlySet<BehaviourKind> = new Set(['rate_limited', 'overloaded', 'auth', 'account', 'config', 'silent']);
const RARE_SHARE = 0.1;

/** So many behaviours out of all that the server knows: the kinds alike (but for the rare ones), then its shapes alike. */
export function randomActs({ behaviours }: ProviderServer, random: () => number, count: number): Behaviour[] {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const kinds = [...new Set(behaviours.map(({ kind }) => kind))];
  return Array.from({ length: count }, () => {
    let kind = random() < OK_SHARE ? 'ok' : pick(kinds);
    while (kind !== undefined && rare.has(kind) && random() > RARE_SHARE) kind = pick(kinds);
    const act = pick(behaviours.filter((behaviour) => behaviour.kind === kind));
    return act ?? { kind: 'ok' };
  });
}
