import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OfferParameter } from '../catalog/catalog.ts';
import { type ParseContext, parseRequest } from './parse-request.ts';

const offerParameter = (parameter: Omit<OfferParameter, 'description' | 'offers'>): [string, OfferParameter] => [
  parameter.name,
  { ...parameter, description: 'x', offers: ['fal/x'] },
];

const context: ParseContext = {
  kind: 'text_to_image',
  encoding: 'json',
  mode: 'test',
  known_offer_params: new Map([
    offerParameter({ name: 'watermark', type: 'boolean' }),
    offerParameter({ name: 'enhance_prompt_mode', type: 'string', values: ['standard', 'fast'] }),
    offerParameter({ name: 'cfg_scale', type: 'number' }),
  ]),
};
const base = { model: 'seedream-4', prompt: 'a cat' };

function read(raw: Record<string, unknown>, over: Partial<ParseContext> = {}) {
  const parsed = parseRequest(raw, { ...context, ...over });
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.request;
}

function faultsOf(raw: Record<string, unknown>, over: Partial<ParseContext> = {}): string[] {
  const parsed = parseRequest(raw, { ...context, ...over });
  return 'faults' in parsed ? parsed.faults.map(({ code, param }) => `${param} ${code}`) : [];
}

test('the least that can be asked', () => {
  expect(read(base)).toEqual({
    ...base,
    kind: 'text_to_image',
    n: 1,
    stream: false,
    partial_images: 0,
    offer_params: {},
    unknown_params: {},
    unknown_params_policy: 'pass',
    provider: {},
    labels: {},
  });
});

test('null is absent, and pictures are not read here', () => {
  const request = read({ ...base, n: null, size: null, foo: null, image: 5, images: [], mask: {}, 'image[]': 'x' });
  expect(request.n).toBe(1);
  expect(request).not.toHaveProperty('size');
  expect(request.unknown_params).toEqual({});
});

test('parameters of offers and of nobody are kept apart', () => {
  const request = read({ ...base, watermark: true, cfg_scale: 4.5, foo: { a: [1] } });
  expect(request.offer_params).toEqual({ watermark: true, cfg_scale: 4.5 });
  expect(request.unknown_params).toEqual({ foo: { a: [1] } });
});

test('a form is read by the types of the table', () => {
  const form = {
    ...base,
    n: '2',
    seed: '7',
    stream: 'true',
    watermark: 'false',
    cfg_scale: '4.5',
    foo: '5',
    resolution: '1',
  };
  const request = read(
    { ...form, labels: { team: 'a' }, provider: { only: ['fal'], max_price_usd: '0.05', allow_fallbacks: 'false' } },
    { encoding: 'form' },
  );
  expect(request).toMatchObject({ n: 2, seed: 7, stream: true, resolution: '1', unknown_params: { foo: '5' } });
  expect(request.offer_params).toEqual({ watermark: false, cfg_scale: 4.5 });
  expect(request.provider).toEqual({ only: ['fal'], max_price_usd: 0.05, allow_fallbacks: false });
  expect(request.labels).toEqual({ team: 'a' });
});

test('JSON is taken at its word', () => {
  expect(faultsOf({ ...base, n: '2', stream: 'true', watermark: 'yes', size: 1024 })).toEqual([
    'n invalid_value',
    'stream invalid_value',
    'watermark invalid_value',
    'size invalid_value',
  ]);
  expect(read({ ...base, resolution: 0.25 }).resolution).toBe('0.25');
});

test('extra_body is unwrapped; the same field twice with different values is told', () => {
  expect(read({ ...base, extra_body: { seed: 5, watermark: true } })).toMatchObject({
    seed: 5,
    offer_params: { watermark: true },
  });
  expect(read({ ...base, extra_body: '{"seed": 5}' }, { encoding: 'form' }).seed).toBe(5);
  expect(read({ ...base, seed: 5, extra_body: { seed: 5 } }).seed).toBe(5);
  expect(faultsOf({ ...base, seed: 5, extra_body: { seed: 6 } })).toEqual(['seed invalid_value']);
  expect(faultsOf({ ...base, extra_body: [] })).toEqual(['extra_body invalid_value']);
});

describe('one fault each', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ prompt: '' }, 'prompt invalid_value'],
    [{ prompt: '  \n' }, 'prompt invalid_value'],
    [{ prompt: undefined }, 'prompt missing_required_parameter'],
    [{ prompt: null }, 'prompt missing_required_parameter'],
    [{ prompt: 5 }, 'prompt invalid_value'],
    [{ prompt: ['a'] }, 'prompt invalid_value'],
    [{ prompt: 'x'.repeat(32_001) }, 'prompt invalid_value'],
    [{ prompt: 'a\0b' }, 'prompt invalid_value'],
    [{ prompt: 'a\ud800' }, 'prompt invalid_value'],
    [{ model: undefined }, 'model missing_required_parameter'],
    [{ model: {} }, 'model invalid_value'],
    [{ n: 0 }, 'n invalid_value'],
    [{ n: 11 }, 'n invalid_value'],
    [{ n: 1.5 }, 'n invalid_value'],
    [{ n: Number.NaN }, 'n invalid_value'],
    [{ seed: -1 }, 'seed invalid_value'],
    [{ seed: 2 ** 32 }, 'seed invalid_value'],
    [{ size: '0x0' }, 'size invalid_value'],
    [{ size: 'abc' }, 'size invalid_value'],
    [{ size: 'NaN' }, 'size invalid_value'],
    [{ size: 'custom', width: 100 }, 'height invalid_value'],
    [{ aspect_ratio: 'wide' }, 'aspect_ratio invalid_value'],
    [{ resolution: 'huge' }, 'resolution invalid_value'],
    [{ width: 100 }, 'height invalid_value'],
    [{ response_format: 'file' }, 'response_format invalid_value'],
    [{ output_format: 'bmp' }, 'output_format invalid_value'],
    [{ output_compression: 101 }, 'output_compression invalid_value'],
    [{ background: 'transparent', output_format: 'jpeg' }, 'background invalid_value'],
    [{ partial_images: 4 }, 'partial_images invalid_value'],
    [{ unknown_params: 'drop' }, 'unknown_params invalid_value'],
    [{ foo: 1, unknown_params: 'reject' }, 'foo unknown_parameter'],
    [{ foo: 'a\0' }, 'foo invalid_value'],
    [{ enhance_prompt_mode: 'slow' }, 'enhance_prompt_mode invalid_value'],
    [{ provider: 'fal' }, 'provider invalid_value'],
    [{ provider: { sort: 'beauty' } }, 'provider.sort invalid_value'],
    [{ labels: { a: 5 } }, 'labels.a invalid_value'],
    [{ labels: [] }, 'labels invalid_value'],
    [{ simulate: 5 }, 'simulate invalid_value'],
    [{ simulate: [5] }, 'simulate invalid_value'],
    [{ simulate: 'rate_limitd' }, 'simulate invalid_value'],
    [{ simulate: ['timeout', 'nope'] }, 'simulate invalid_value'],
  ])('%j', (over, fault) => {
    expect(faultsOf({ ...base, ...over })).toEqual([fault]);
  });

  test('a value that is too deep to be walked', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(faultsOf({ ...base, foo: deep, labels: { a: deep } })).toEqual([
      'foo invalid_value',
      'labels invalid_value',
    ]);
  });

  test('a field that would change what objects are', () => {
    const raw = JSON.parse('{"model":"m","prompt":"p","__proto__":{"n":5},"foo":{"__proto__":{}}}') as Record<
      string,
      unknown
    >;
    expect(faultsOf(raw)).toEqual(['__proto__ invalid_value', 'foo invalid_value']);
  });
});

test('a prompt of 32,000 characters is counted in characters, not in code units', () => {
  expect(read({ ...base, prompt: '🎨'.repeat(32_000) }).prompt.length).toBe(64_000);
});

test('every fault at once, each with a place and a fix', () => {
  const parsed = parseRequest({ n: 11, size: 'abc', foo: 1, unknown_params: 'reject', output_format: 'bmp' }, context);
  const faults = 'faults' in parsed ? parsed.faults : [];
  expect(faults.map(({ param }) => param).sort()).toEqual(['foo', 'model', 'n', 'output_format', 'prompt', 'size']);
  for (const { message, fix } of faults)
    expect([message, fix]).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
});

test('simulate works in test mode only', () => {
  expect(read({ ...base, simulate: ['timeout', 'empty'], simulate_delay_ms: 5 })).toMatchObject({
    simulate: ['timeout', 'empty'],
    simulate_delay_ms: 5,
  });
  expect(read({ ...base, simulate: 'timeout' }).simulate).toBe('timeout');
  expect(faultsOf({ ...base, simulate: 'timeout', simulate_delay_ms: 5 }, { mode: 'live' })).toEqual([
    'simulate invalid_value',
    'simulate_delay_ms invalid_value',
  ]);
});

test('nothing that is sent makes it throw', () => {
  const names = fc.constantFrom(
    'model',
    'prompt',
    'n',
    'size',
    'seed',
    'provider',
    'labels',
    'simulate',
    'width',
    'watermark',
    'extra_body',
    'x',
  );
  fc.assert(
    fc.property(
      fc.dictionary(names, fc.anything()),
      fc.constantFrom('json' as const, 'form' as const),
      (raw, encoding) => {
        const parsed = parseRequest(raw, { ...context, encoding });
        expect('faults' in parsed ? parsed.faults.length : 1).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});
