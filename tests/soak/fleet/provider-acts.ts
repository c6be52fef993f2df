/** What the providers of the fleet's test do, drawn by weight: most take seconds, some fail in ways that the outcome table knows. */
import type { Behaviour } from '../../providers/servers/behaviours.ts';
import type { ProviderServer } from '../../providers/servers/kit.ts';

type Draw = (random: () => number) => Behaviour;

const between = (least_ms: number, most_ms: number) => (random: () => number) =>
  Math.round(least_ms + random() * (most_ms - least_ms));

/** The job is known at once and takes its time. */
const slowJob: Draw = (random) => ({ kind: 'slow', shape: 'job', ms: between(1_500, 8_000)(random) });
/** Long enough to be killed between the request and its answer. */
const slowAnswer: Draw = (random) => ({ kind: 'slow', shape: 'answer', ms: between(800, 4_000)(random) });
const always =
  (behaviour: Behaviour): Draw =>
  () =>
    behaviour;

type Weighted = readonly (readonly [weight: number, draw: Draw])[];

const failing: Weighted = [
  [2, always({ kind: 'rate_limited' })],
  [2, always({ kind: 'overloaded' })],
  [4, always({ kind: 'unavailable' })],
  [3, always({ kind: 'refused_output' })],
  [3, always({ kind: 'html_error', shape: '502' })],
  [3, always({ kind: 'reset', shape: 'answer' })],
  [3, always({ kind: 'empty' })],
];

const queued: Weighted = [
  [50, slowJob],
  [18, slowAnswer],
  [8, always({ kind: 'ok' })],
  [4, always({ kind: 'unavailable', shape: 'poll' })],
  [3, always({ kind: 'reset', shape: 'poll' })],
  ...failing,
];

const weights: Readonly<Record<string, Weighted>> = {
  fal: [...queued, [4, always({ kind: 'partial' })]],
  replicate: queued,
  byteplus: [[70, slowAnswer], [12, always({ kind: 'ok' })], ...failing],
};

export function fleetActs(
  { provider }: Pick<ProviderServer, 'provider'>,
  random: () => number,
  count: number,
): Behaviour[] {
  const table = weights[provider] ?? [];
  const total = table.reduce((sum, [weight]) => sum + weight, 0);
  return Array.from({ length: count }, () => {
    let left = random() * total;
    const chosen = table.find(([weight]) => {
      left -= weight;
      return left < 0;
    });
    return chosen?.[1](random) ?? { kind: 'ok' };
  });
}
