import { describe, expect, test } from 'vitest';
import { parseRatio, parseSize, parseTier, readShape } from './shape.ts';

describe('size', () => {
  test.each([
    ['1024x1024', { kind: 'exact', pixels: { width: 1024, height: 1024 } }],
    ['1920X1080', { kind: 'exact', pixels: { width: 1920, height: 1080 } }],
    ['1152×864', { kind: 'exact', pixels: { width: 1152, height: 864 } }],
    ['1x99999', { kind: 'exact', pixels: { width: 1, height: 99_999 } }],
    ['16:9', { kind: 'ratio', value: 16 / 9 }],
    ['2K', { kind: 'tier', value: 2 }],
    ['0.5k', { kind: 'tier', value: 0.5 }],
    ['0.25MP', { kind: 'tier', value: 0.5 }],
    ['auto', { kind: 'auto' }],
    ['custom', { kind: 'custom' }],
  ])('%s', (text, read) => {
    expect(parseSize(text)).toEqual(read);
  });

  test.each([
    '0x0',
    '0x100',
    'abc',
    'NaN',
    '',
    '1024',
    '-1x5',
    '1e3x5',
    '1024x',
    'x1024',
    '100000x1',
    '1:0',
    '99K9',
    '1024x1024x3',
    'Infinityx1',
  ])('%s is none', (text) => {
    expect(parseSize(text)).toBeNull();
  });
});

test.each([
  ['16:9', 16 / 9],
  ['19.5:9', 19.5 / 9],
  ['auto', 'auto'],
  ['0:1', null],
  ['16/9', null],
])('ratio %s', (text, read) => {
  expect(parseRatio(text)).toBe(read);
});

test.each([
  ['4K', 4],
  ['0.5K', 0.5],
  ['1', 1],
  ['0.25', 0.5],
  ['4 MP', 2],
  ['auto', 'auto'],
  ['K', null],
  ['0', null],
  ['1024', null],
])('resolution %s', (text, read) => {
  expect(parseTier(text)).toBe(read);
});

describe('who decides', () => {
  const roles = (request: Parameters<typeof readShape>[0]) => {
    const read = readShape(request);
    if ('faults' in read) throw new Error(JSON.stringify(read.faults));
    return {
      ...read.shape,
      roles: Object.fromEntries([...read.shape.roles].map(([param, { role }]) => [param, role])),
    };
  };

  test('pixels win over everything', () => {
    expect(roles({ size: '1920x1080', aspect_ratio: '1:1', resolution: '4K', width: 5, height: 5 })).toMatchObject({
      exact: { width: 1920, height: 1080 },
      ratio: null,
      tier: null,
      roles: { size: 'exact', aspect_ratio: 'unused', resolution: 'unused', width: 'unused', height: 'unused' },
    });
  });

  test('a ratio as size leaves the scale to resolution', () => {
    expect(roles({ size: '16:9', aspect_ratio: '1:1', resolution: '4K' })).toMatchObject({
      ratio: 16 / 9,
      tier: 4,
      roles: { size: 'ratio', aspect_ratio: 'unused', resolution: 'tier' },
    });
  });

  test('a tier as size leaves the shape to aspect_ratio', () => {
    expect(roles({ size: '2K', aspect_ratio: '3:2', resolution: '4K' })).toMatchObject({
      ratio: 1.5,
      tier: 2,
      roles: { size: 'tier', aspect_ratio: 'ratio', resolution: 'unused' },
    });
  });

  test('auto leaves open what nobody else decides', () => {
    expect(roles({ size: 'auto' })).toMatchObject({ ratio: 'auto', tier: null, roles: { size: 'open' } });
    expect(roles({ size: 'auto', aspect_ratio: '3:2', resolution: '1K' })).toMatchObject({ ratio: 1.5, tier: 1 });
    expect(roles({ aspect_ratio: 'auto', resolution: 'auto' })).toMatchObject({ ratio: 'auto', tier: null });
  });

  test('width and height are pixels, with custom or alone', () => {
    expect(roles({ size: 'custom', width: 800, height: 600 })).toMatchObject({ exact: { width: 800, height: 600 } });
    expect(roles({ width: 800, height: 600, resolution: '4K' })).toMatchObject({
      exact: { width: 800, height: 600 },
      roles: { width: 'exact', height: 'exact', resolution: 'unused' },
    });
  });

  test('nothing says nothing', () => {
    expect(roles({})).toMatchObject({ exact: null, ratio: null, tier: null, roles: {} });
  });
});

test.each([
  [{ size: 'custom' }, ['width', 'height']],
  [{ size: 'custom', width: 5 }, ['height']],
  [{ width: 5 }, ['height']],
  [{ size: 'abc', aspect_ratio: '16', resolution: 'big' }, ['size', 'aspect_ratio', 'resolution']],
])('%j is faulty at %j', (request, params) => {
  const read = readShape(request);
  expect('faults' in read ? read.faults.map(({ param }) => param) : []).toEqual(params);
});
