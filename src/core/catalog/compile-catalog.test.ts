import { describe, expect, test } from 'vitest';
import { type CatalogFile, compileCatalog } from './compile-catalog.ts';

const read = { source: 'a page', read_on: '2026-11-20' };

function offer(over: Record<string, unknown> = {}) {
  return {
    provider: 'fal',
    id: 'one',
    upstream_model: 'one',
    endpoint: '/one',
    modes: ['text_to_image'],
    lookup: 'job',
    mask: { form: 'none' },
    output_formats: ['png'],
    response: 'url',
    limits: {},
    size: { ...read, tiers: ['1K'], exact: true, free: { form: 'wxh', to: 'size' } },
    parameters: { prompt: { to: 'prompt' } },
    prices: [{ billable: 'output_image', unit: 'image', price_usd: '0.03', ...read }],
    ...over,
  };
}

function model(over: Record<string, unknown> = {}) {
  return {
    name: 'One',
    summary: 'A model.',
    status: 'active',
    modes: ['text_to_image'],
    input_modalities: ['text'],
    output_modalities: ['image'],
    default_tier: '1K',
    default_ratio: '1:1',
    offers: [offer()],
    ...over,
  };
}

const around: CatalogFile[] = [
  { path: 'labs/acme.toml', data: { name: 'Acme', summary: 'A lab.' } },
  { path: 'providers/fal.toml', data: { name: 'fal', summary: 'A provider.' } },
];

function faultsOf(...files: CatalogFile[]): string[] {
  const compiled = compileCatalog([...around, ...files]);
  return 'faults' in compiled ? compiled.faults.map(({ path, at, message }) => `${path} ${at}: ${message}`) : [];
}

function compile(...files: CatalogFile[]) {
  const compiled = compileCatalog([...around, ...files]);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.catalog;
}

const one = (over: Record<string, unknown> = {}): CatalogFile => ({ path: 'models/acme/one.toml', data: model(over) });

test('a file with five faults lists five', () => {
  const broken = {
    id: 'acme/one',
    colour: 'blue',
    status: 'fresh',
    default_tier: 'big',
    offers: [offer({ prices: [{ billable: 'output_image', unit: 'image', price_usd: 0.03, ...read }] })],
  };
  expect(faultsOf(one(broken)).sort()).toEqual([
    'models/acme/one.toml colour: is not a field of the schema',
    'models/acme/one.toml default_tier: write a tier as 1K, 2K, 0.5K',
    'models/acme/one.toml id: `id` follows from the path and is not written',
    'models/acme/one.toml offers[0].prices[0].price_usd: Invalid input: expected string, received number',
    expect.stringMatching(/^models\/acme\/one\.toml status: Invalid option/),
  ]);
});

test('faults of several files come together', () => {
  const faults = faultsOf(
    one({ summary: 5 }),
    { path: 'labs/b.toml', data: {} },
    { path: 'models/x.toml', data: {} },
    { path: 'models/acme/bad.toml', unreadable: 'line 3: no' },
  );
  expect(faults.map((line) => line.split(':')[0])).toEqual([
    'models/acme/one.toml summary',
    'labs/b.toml name',
    'labs/b.toml summary',
    'models/x.toml ',
    'models/acme/bad.toml ',
  ]);
});

test.each<[string, Record<string, unknown>]>([
  [
    'evidence beside every price',
    { offers: [offer({ prices: [{ billable: 'output_image', unit: 'image', price_usd: '0.03' }] })] },
  ],
  ['evidence beside every limit', { offers: [offer({ limits: { references_max: { value: 3 } } })] }],
  [
    'evidence beside the size rules',
    { offers: [offer({ size: { tiers: ['1K'], exact: true, free: { form: 'wxh', to: 'size' } } })] },
  ],
  [
    'one release date chosen of several',
    {
      released: [
        { date: '2025-01-01', ...read },
        { date: '2025-02-01', ...read },
      ],
    },
  ],
  ['where references go', { modes: ['edit'], offers: [offer({ modes: ['edit'] })] }],
  ['a field for the mask', { offers: [offer({ mask: { form: 'alpha' } })] }],
  ['a row for the prompt', { offers: [offer({ parameters: { n: { to: 'n' } } })] }],
  [
    'a type for what is not canonical',
    { offers: [offer({ parameters: { prompt: { to: 'prompt' }, sparkle: { to: 'sparkle' } } })] },
  ],
  [
    'the fields of the size',
    { offers: [offer({ size: { ...read, tiers: ['1K'], exact: true, free: { form: 'width_height', to: 'size' } } })] },
  ],
  [
    'size rules that leave something',
    {
      offers: [
        offer({
          size: {
            ...read,
            tiers: ['1K'],
            exact: true,
            free: { form: 'wxh', to: 'size', side_max: 64, area_min: 5000 },
          },
        }),
      ],
    },
  ],
  [
    'modes of the model',
    { offers: [offer({ modes: ['text_to_image', 'edit'], images: { to: 'image', form: 'array' } })] },
  ],
  ['a provider with a file', { offers: [offer({ provider: 'nobody' })] }],
  [
    'a price that can be counted before the call',
    {
      offers: [
        offer({ prices: [{ billable: 'output_image', unit: 'token', price_usd: '30', per: 1000000, ...read }] }),
      ],
    },
  ],
])('a model needs %s', (_, over) => {
  expect(faultsOf(one(over)).filter((line) => line.startsWith('models/acme/one.toml'))).not.toEqual([]);
});

test('a lab has a file', () => {
  expect(faultsOf({ path: 'models/nolab/one.toml', data: model() })).toEqual([
    'models/nolab/one.toml : the lab has no file: write labs/nolab.toml',
  ]);
});

test('two models may not claim one id', () => {
  const two: CatalogFile = { path: 'models/acme/two.toml', data: model({ aliases: ['first', 'acme/one'] }) };
  expect(faultsOf(one({ aliases: ['first'] }), two)).toEqual([
    'models/acme/two.toml aliases[0]: the id "first" is taken by acme/one',
    'models/acme/two.toml aliases[1]: the id "acme/one" is taken by acme/one',
    'models/acme/two.toml offers[0].id: the id "fal/one" is taken by acme/one',
  ]);
});

test('one parameter has one type', () => {
  const sparkle = (type: string) => ({
    prompt: { to: 'prompt' },
    sparkle: { to: 'sparkle', type, description: 'Sparkles.' },
  });
  const faults = faultsOf(
    one({ offers: [offer({ parameters: sparkle('boolean') }), offer({ id: 'two', parameters: sparkle('string') })] }),
  );
  expect(faults).toEqual(['models/acme/one.toml parameters.sparkle: is string here and boolean at fal/one']);
});

describe('ids', () => {
  const catalog = compile(
    one({ aliases: ['first', '1.0'], offers: [offer(), offer({ id: 'old', status: 'retired' })] }),
  );

  test('a model by its id and its aliases, an offer by its pin', () => {
    for (const id of ['acme/one', 'first', '1.0']) {
      expect(catalog.resolve(id)).toMatchObject({
        model: { id: 'acme/one', lab: 'acme' },
        offer: null,
        provider: null,
      });
    }
    expect(catalog.resolve('fal/one')).toMatchObject({
      offer: { pin: 'fal/one', model_id: 'acme/one' },
      provider: 'fal',
    });
    expect(catalog.resolve('fal/old')).toBeNull();
    expect(catalog.resolve('constructor')).toBeNull();
  });

  test('a pin that spells its own model gives way to it', () => {
    const own = compile({
      path: 'models/acme/one.toml',
      data: model({ offers: [offer({ provider: 'fal' })], aliases: ['fal/one'] }),
    });
    expect(own.resolve('fal/one')).toMatchObject({ offer: null });
  });
});

test('what an offer declares is known to the parser, with every value that some offer takes', () => {
  const speed = (values: unknown, to: string) => ({
    prompt: { to: 'prompt' },
    speed: { to, type: 'string', description: 'How fast.', values },
  });
  const catalog = compile(
    one({
      offers: [
        offer({ parameters: speed(['slow', 'fast'], 'speed') }),
        offer({ id: 'two', parameters: speed({ fast: true, mad: false }, 'is_fast') }),
      ],
    }),
  );
  expect(catalog.offer_params.get('speed')).toEqual({
    name: 'speed',
    type: 'string',
    description: 'How fast.',
    values: ['slow', 'fast', 'mad'],
    offers: ['fal/one', 'fal/two'],
  });
});
