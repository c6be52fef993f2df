/** One request of the fleet's load, and what its client was told of it. */
import type { NextRule } from '../../../src/core/routing/outcomes.ts';

export interface FleetJob {
  /** Stands in the prompt, by which the calls and rows of this request are known. */
  readonly tag: string;
  readonly customer: 'prepaid' | 'unmetered';
  readonly is_asynchronous: boolean;
  readonly n: number;
  readonly rule: NextRule;
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotency_key: string | null;
  readonly wants_webhook: boolean;
  /** Milliseconds after the answer; null = never. */
  readonly cancels_after_ms: number | null;
  /** Asks until it has ended. */
  readonly polls: boolean;
  // What came of it, written by its client.
  /** Of every 2xx: they must all be one. */
  readonly ids: Set<string>;
  /** Each end that it was told: they must all be one, and the one that is written down. */
  readonly ends: Set<string>;
  /** Of answers without an id. */
  readonly refusals: string[];
  /** A cancel was sent, whether or not it was heard. */
  cancel_was_sent: boolean;
}

export interface JobOptions {
  readonly random: () => number;
  /** Where webhooks go, without a slash at the end. */
  readonly hook_url: string;
  /** As a data URL; null where processes do not share their pictures, so that only one of them could work on an edit. */
  readonly reference: string | null;
}

const PROVIDERS = ['byteplus', 'fal', 'replicate'] as const;
const TAG = /fleet-\d{5}-/;

/** Of a prompt as a provider or the database has it; null where it is none of ours. */
export const tagIn = (text: string): string | null => TAG.exec(text)?.[0] ?? null;

export function randomJob(serial: number, { random, hook_url, reference }: JobOptions): FleetJob {
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
  const order = [...PROVIDERS].map((name) => ({ name, at: random() })).sort((a, b) => a.at - b.at);
  const tag = `fleet-${String(serial).padStart(5, '0')}-`;
  const customer = chance(0.5) ? 'prepaid' : 'unmetered';
  const is_asynchronous = chance(0.88);
  const n = chance(0.55) ? 1 : 2 + Math.floor(random() * 3);
  const rule: NextRule = {
    ...(chance(0.1) ? { on_refusal: 'next' as const } : {}),
    ...(chance(0.1) ? { on_unknown: 'next' as const } : {}),
    ...(chance(0.1) ? { allow_fallbacks: false } : {}),
  };
  const model = chance(0.35) ? `${pick(PROVIDERS)}/seedream-4` : 'seedream-4';
  const provider = { ...rule, order: order.map(({ name }) => name) };
  const what = { prompt: `${tag} a red boat on a lake`, size: '1024x1024' };
  const wants_webhook = is_asynchronous && chance(0.6);
  const images = is_asynchronous && reference !== null && chance(0.1) ? { images: [reference] } : {};
  return {
    tag,
    customer,
    is_asynchronous,
    n,
    rule,
    body: is_asynchronous
      ? {
          model,
          n,
          provider,
          input: { ...what, ...images },
          wait: chance(0.7) ? 0 : pick([0.5, 2, 10]),
          ...(wants_webhook ? { webhook_url: `${hook_url}/${customer}/${tag}` } : {}),
        }
      : { model, n, provider, ...what, response_format: 'url' },
    idempotency_key: is_asynchronous && chance(0.7) ? tag : null,
    wants_webhook,
    cancels_after_ms: is_asynchronous && chance(0.12) ? random() * 4_000 : null,
    polls: chance(0.4),
    ids: new Set(),
    ends: new Set(),
    refusals: [],
    cancel_was_sent: false,
  };
}
