import { describe, expect, test } from 'vitest';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { Plan, ReferenceFacts } from '../../contracts/generation.ts';
import type { Offer } from './catalog.ts';
import { estimatePrice } from './price.ts';
import type { PriceLine } from './price-line-schema.ts';

const catalog = await readCatalog();
const seedream = catalog.resolve('byteplus/seedream-4')?.offer;
if (!seedream) throw new Error('no Seedream');

const line = (over: Partial<PriceLine>): PriceLine => ({
  billable: 'output_image',
  unit: 'image',
  price_usd: '0.03',
  per: 1,
  included: 0,
  source: 'a page',
  read_on: '2026-11-20',
  ...over,
});

const reference = (width: number, height: number): ReferenceFacts => ({
  width,
  height,
  bytes: 1,
  content_type: 'image/png',
});

interface Case {
  readonly prices: PriceLine[];
  readonly size?: number;
  readonly counts?: number[];
  readonly body?: Plan['body'];
  readonly references?: ReferenceFacts[];
}

function price({ prices, size = 1024, counts = [1], body = {}, references = [] }: Case) {
  const offer: Offer = {
    ...(seedream as Offer),
    prices,
    parameters: { prompt: { to: 'prompt' }, quality: { to: 'quality' } },
  }; // checked above
  const plan: Plan = {
    offer_id: offer.pin,
    body,
    calls: counts.map((n) => ({ n, overrides: {} })),
    set_size: 1,
    applied: [],
    warnings: [],
    upstream_size: { width: size, height: size },
    upstream_size_exact: true,
    reduce_to: null,
    output_format: null,
    output_compression: null,
    mask_emulated: false,
    seeds: null,
    dishonoured: 0,
  };
  const estimate = estimatePrice(offer, plan, { references });
  return 'unknown' in estimate ? estimate.unknown : [estimate.total_micros, estimate.per_picture_micros];
}

test('per picture, over all calls', () => {
  expect(price({ prices: [line({})], counts: [6, 2] })).toEqual([240_000, 30_000]);
  expect(price({ prices: [line({ price_usd: '0' })] })).toEqual([0, 0]);
});

test('an unknown price refuses', () => {
  expect(price({ prices: [] })).toContain('has no price');
  expect(price({ prices: [line({ billable: 'input_image' })] })).toContain('has no price');
  expect(price({ prices: [line({ when: { tiers: ['1K'], area_max: 10 } })] })).toContain('no price line');
});

test('by tier: the nearest in area', () => {
  const prices = [line({ when: { tiers: ['1K', '2K'] } }), line({ price_usd: '0.24', when: { tiers: ['4K'] } })];
  expect(price({ prices, size: 2048 })).toEqual([30_000, 30_000]);
  expect(price({ prices, size: 4000 })).toEqual([240_000, 240_000]);
});

test('the first megapixel by itself, each further one, and references by theirs', () => {
  const prices = [
    line({}),
    line({ unit: 'megapixel', price_usd: '0.015', included: 1 }),
    line({ billable: 'input_image', unit: 'megapixel', price_usd: '0.015' }),
  ];
  expect(price({ prices })).toEqual([30_000, 30_000]);
  expect(price({ prices, size: 2048 })).toEqual([75_000, 75_000]);
  expect(price({ prices, size: 2048, counts: [1, 1], references: [reference(1025, 1024), reference(10, 10)] })).toEqual(
    [240_000, 120_000],
  );
});

test('a quality that the provider chooses costs the dearest', () => {
  const prices = [
    line({ price_usd: '0.01', when: { qualities: ['low'], area_max: 2_000_000 } }),
    line({ price_usd: '0.2', when: { qualities: ['high'], area_max: 2_000_000 } }),
    line({ price_usd: '0.9', when: { qualities: ['high'] } }),
    line({ price_usd: '0.05', when: { qualities: ['low'] } }),
  ];
  expect(price({ prices, body: { quality: 'low' } })).toEqual([10_000, 10_000]);
  expect(price({ prices, body: { quality: 'low' }, size: 4096 })).toEqual([50_000, 50_000]);
  expect(price({ prices, body: {} })).toEqual([200_000, 200_000]);
  expect(price({ prices, body: { quality: 'auto' }, size: 4096 })).toEqual([900_000, 900_000]);
  expect(price({ prices, body: { quality: 'odd' } })).toContain('no price line');
});

test('by mode, and what is sent with each call', () => {
  const prices = [
    line({ when: { modes: ['edit'] }, price_usd: '0.04' }),
    line({}),
    line({ billable: 'input_image', price_usd: '0.002' }),
    line({ billable: 'request', unit: 'request', price_usd: '0.001' }),
  ];
  expect(price({ prices })).toEqual([31_000, 31_000]);
  expect(price({ prices, counts: [1, 1], references: [reference(5, 5)] })).toEqual([86_000, 43_000]);
});

test('tokens of text are bounded by its bytes, and a part of a micro-dollar is a whole one', () => {
  const prices = [line({}), line({ billable: 'input_text', unit: 'token', price_usd: '0.3', per: 1_000_000 })];
  const [total] = price({ prices, body: { prompt: 'x'.repeat(1000) } });
  expect(total).toBeGreaterThan(30_300);
  expect(total).toBeLessThan(30_320);
  expect(price({ prices: [line({ price_usd: '0.000001', per: 3 })] })).toEqual([1, 1]);
});

test('what does not divide is rounded up per picture, so that charges reach the hold and never pass it', () => {
  const prices = [line({}), line({ billable: 'request', unit: 'request', price_usd: '0.000001' })];
  expect(price({ prices, counts: [3] })).toEqual([90_003, 30_001]);
});

describe('every offer of the catalogue', () => {
  const offers = [...catalog.models.values()].flatMap((model) => model.offers);
  test.each(offers.map((offer) => [offer.pin, offer] as const))('%s is priced with evidence', (_, { prices }) => {
    expect(prices.length).toBeGreaterThan(0);
    for (const { source, read_on } of prices)
      expect([source, read_on]).toEqual([expect.any(String), expect.stringMatching(/^\d{4}-\d\d-\d\d$/)]);
  });
});
