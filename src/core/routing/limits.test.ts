import { expect, test } from 'vitest';
import { limitsOfOffer, limitsOfProviders, mergeLimits, readLimitOverrides } from './limits.ts';

test('an operator states limits by provider and by offer', () => {
  const read = readLimitOverrides(
    'fal.concurrent_max=8, fal.requests_per_minute=60,bfl/flux-2-pro.images_per_minute=5,',
  );
  expect('limits' in read && [...read.limits]).toEqual([
    ['fal', { concurrent_max: 8, requests_per_minute: 60 }],
    ['bfl/flux-2-pro', { images_per_minute: 5 }],
  ]);
});

test.each(['fal=8', 'fal.concurrent=8', 'fal.concurrent_max=0', 'fal.concurrent_max=-1', 'Fal.concurrent_max=1'])(
  '%s is not understood',
  (text) => {
    expect(readLimitOverrides(`xai.concurrent_max=1,${text}`)).toEqual({ fault: text });
  },
);

test("what an operator says wins over the catalogue, and what he does not say is the catalogue's", () => {
  const fact = (value: number) => ({ value, source: 'https://example.com', read_on: '2026-11-20' });
  const offer = { pin: 'fal/a', limits: { concurrent_max: fact(24), requests_per_minute: fact(300) } };
  const overrides = new Map([['fal/a', { concurrent_max: 2 }]]);
  expect(limitsOfOffer(offer, overrides)).toEqual({ concurrent_max: 2, requests_per_minute: 300 });
  expect(limitsOfOffer({ pin: 'fal/b', limits: {} }, overrides)).toEqual({});
});

test('what a provider counts by key holds for all of its offers', () => {
  const fact = (value: number) => ({ value, source: 'https://example.com', read_on: '2026-11-20' });
  const read = limitsOfProviders([
    { id: 'bfl', limits: { concurrent_max: fact(24) } },
    { id: 'fal', limits: undefined },
  ]);
  expect([...read]).toEqual([['bfl', { concurrent_max: 24 }]]);
});

test('who states one limit keeps the others', () => {
  const catalog = new Map([['bfl', { concurrent_max: 24, requests_per_minute: 90 }]]);
  const operator = new Map([['bfl', { concurrent_max: 6 }]]);
  expect([...mergeLimits(catalog, operator)]).toEqual([['bfl', { concurrent_max: 6, requests_per_minute: 90 }]]);
});
