/** Every offer of the catalogue against the rules of shape and scale: whatever is asked, what is made lies inside its limits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CanonicalRequest, Dimensions, ReferenceFacts } from '../contracts/generation.ts';
import type { Model, Offer } from '../core/catalog/catalog.ts';
import { estimatePrice } from '../core/catalog/price.ts';
import { parseRequest } from '../core/params/parse-request.ts';
import { holds, pixelsOf } from '../core/params/pixels.ts';
import { planRequest } from '../core/params/plan-request.ts';
import { prepareReferences } from '../core/params/prepare-references.ts';
import { parseRatio, parseTier } from '../core/params/shape.ts';
import { rulesOf } from '../core/params/size-rules.ts';
import { readCatalog } from './read-catalog.ts';

const catalog = await readCatalog();
const offers = [...catalog.models.values()].flatMap((model) => model.offers.map((offer) => ({ model, offer })));
const square: ReferenceFacts = { width: 1000, height: 1000, bytes: 1000, content_type: 'image/png' };

function parse(raw: Record<string, unknown>, kind: CanonicalRequest['kind']): CanonicalRequest | null {
  const parsed = parseRequest(raw, { kind, encoding: 'json', mode: 'test', known_offer_params: catalog.offer_params });
  return 'request' in parsed ? parsed.request : null;
}

function planOf(model: Model, offer: Offer, raw: Record<string, unknown>, references: readonly ReferenceFacts[] = []) {
  const kind = references.length > 0 ? 'edit' : 'text_to_image';
  if (!offer.modes.includes(kind)) return planOf(model, offer, raw, kind === 'edit' ? [] : [square]);
  const request = parse({ model: model.id, prompt: 'p', ...raw }, kind);
  const mask = offer.mask.required ? (references[0] ?? null) : null;
  return request === null ? null : planRequest({ request, model, offer, references, mask });
}

/** Free pixels obey the rules; others are a row of the offer's table, or those of the picture itself. */
function isInside({ size }: Offer, made: Dimensions, reference: Dimensions = square): boolean {
  if (size.grid?.keeps_pixels === true) return made.width === reference.width && made.height === reference.height;
  if (size.free !== undefined && holds(made, rulesOf(size.free))) return true;
  const text = `${made.width}x${made.height}`;
  return size.tiers.some((tier) =>
    (size.grid?.ratios ?? []).some((ratio) => {
      const { width, height } = pixelsOf(Number(parseRatio(ratio)), Number(parseTier(tier)));
      return (size.grid?.pixels?.[tier]?.[ratio] ?? `${width}x${height}`) === text;
    }),
  );
}

const common = [
  '1:1',
  '4:3',
  '3:4',
  '3:2',
  '2:3',
  '16:9',
  '9:16',
  '21:9',
  '9:21',
  '5:4',
  '4:5',
  '2:1',
  '1:2',
  '3:1',
  '1:3',
];
const lists = offers.flatMap(({ offer }) => offer.size.grid?.ratios ?? []);
const ratios = [...new Set([...common, ...lists, ...lists.map((ratio) => ratio.split(':').reverse().join(':'))])];

describe('every ratio of every list at 1K, 2K and 4K, in both orientations', () => {
  test.each(offers.map(({ model, offer }) => [offer.pin, model, offer] as const))('%s', (_, model, offer) => {
    for (const aspect_ratio of ratios) {
      for (const resolution of ['1K', '2K', '4K']) {
        const made = planOf(model, offer, { aspect_ratio, resolution });
        if (made === null || 'fault' in made) throw new Error(`${aspect_ratio} ${resolution}: ${JSON.stringify(made)}`);
        expect(isInside(offer, made.plan.upstream_size), `${aspect_ratio} ${resolution}`).toBe(true);
        expect(made.plan.reduce_to).toBeNull();
      }
    }
  });
});

describe('an exact size is delivered to the pixel, or 400 names one that is', () => {
  const sizes = [
    '64x64',
    '256x256',
    '512x512',
    '1024x1024',
    '1183x887',
    '1280x720',
    '1920x1080',
    '1080x1920',
    '2048x2048',
    '2560x1440',
    '3840x2160',
    '4096x4096',
    '1x99999',
  ];
  test.each(offers.map(({ model, offer }) => [offer.pin, model, offer] as const))('%s', (_, model, offer) => {
    for (const size of sizes) {
      const made = planOf(model, offer, { size });
      if (made !== null && 'fault' in made) {
        expect(made.fault.code).toBe('unsupported_size');
        const named = /"(\d+x\d+)"/.exec(made.fault.fix ?? '')?.[1];
        expect(planOf(model, offer, { size: named }), `${size} -> ${named}`).toHaveProperty('plan');
      } else if (made !== null && made.plan.applied.find(({ param }) => param === 'size')?.behaviour !== 'converted') {
        const { width, height } = made.plan.reduce_to ?? made.plan.upstream_size;
        expect(`${width}x${height}`).toBe(size);
      }
    }
  });
});

const requestArbitrary = fc.record(
  {
    n: fc.integer({ min: 1, max: 10 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    size: fc.oneof(
      fc.constantFrom('auto', '16:9', '2K', '7:1', '1:40', '0.25MP', 'custom'),
      fc
        .tuple(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 1, max: 9000 }))
        .map(([width, height]) => `${width}x${height}`),
    ),
    aspect_ratio: fc.constantFrom('auto', '1:1', '19.5:9', '100:1'),
    resolution: fc.constantFrom('auto', '0.5K', '1K', '4K', '0.25', '9'),
    width: fc.integer({ min: 1, max: 5000 }),
    height: fc.integer({ min: 1, max: 5000 }),
    quality: fc.constantFrom('auto', 'low', 'high', 'odd'),
    style: fc.constantFrom('vivid', 'anime'),
    background: fc.constantFrom('auto', 'transparent'),
    negative_prompt: fc.constantFrom('', 'dogs'),
    response_format: fc.constantFrom('url', 'both'),
    output_format: fc.constantFrom('png', 'webp', 'avif'),
    output_compression: fc.integer({ min: 0, max: 100 }),
    user: fc.constant('u'),
    watermark: fc.boolean(),
    enhance_prompt: fc.boolean(),
    enhance_prompt_mode: fc.constantFrom('standard', 'fast'),
    max_images: fc.integer({ min: 1, max: 15 }),
    sequential_image_generation: fc.constantFrom('auto', 'disabled'),
    something: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

const referencesArbitrary = fc.array(
  fc.record({
    width: fc.integer({ min: 1, max: 8000 }),
    height: fc.integer({ min: 1, max: 8000 }),
    bytes: fc.integer({ min: 1, max: 20_000_000 }),
    content_type: fc.constant('image/png'),
  }),
  { maxLength: 12 },
);

function offerAt(index: number): (typeof offers)[number] {
  const found = offers[index];
  if (found === undefined) throw new Error(`no offer ${index}`);
  return found;
}

test('any valid request gives a plan inside the limits or a clear fault, and every parameter that was sent is told once', () => {
  fc.assert(
    fc.property(fc.nat(offers.length - 1), requestArbitrary, referencesArbitrary, (index, raw, references) => {
      const { model, offer } = offerAt(index);
      const made = planOf(model, offer, raw, references);
      if (made === null) return;
      if ('fault' in made) {
        expect(made.fault.message).toMatch(/\.$/);
        return;
      }
      const { plan } = made;
      const [first] = prepareReferences(offer, references).references;
      expect(isInside(offer, plan.upstream_size, first)).toBe(true);
      if (plan.reduce_to !== null) {
        expect(plan.reduce_to.width).toBeLessThanOrEqual(plan.upstream_size.width);
        expect(plan.reduce_to.height).toBeLessThanOrEqual(plan.upstream_size.height);
      }
      const sent = [
        'model',
        'prompt',
        ...((raw.n ?? 1) > 1 ? ['n'] : []),
        ...Object.entries(raw).flatMap(([name, value]) =>
          name === 'n' || value === undefined || value === null ? [] : [name],
        ),
      ];
      const told = plan.applied.map(({ param }) => param).filter((param) => param !== 'image' && param !== 'mask');
      expect(told.toSorted()).toEqual([...new Set(sent)].toSorted());
      const pictures = plan.calls.reduce((sum, { n }) => sum + n, 0);
      expect(pictures).toBeGreaterThanOrEqual(raw.n ?? 1);
      if (plan.seeds !== null) expect(plan.seeds).toHaveLength(pictures);
      const price = estimatePrice(offer, plan, { references });
      if ('total_micros' in price) expect(price.total_micros).toBe(price.per_picture_micros * pictures);
    }),
    { numRuns: 1500 },
  );
});
