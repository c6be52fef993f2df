import { expect, test } from 'vitest';
import { allowOffers, type Candidate, orderOffers } from './order-offers.ts';

function candidate(provider: string, change: Partial<Candidate> = {}): Candidate {
  return {
    provider,
    dishonoured: 0,
    price_micros: 30_000,
    health: 'healthy',
    p95_ms: null,
    area: 1024 ** 2,
    ...change,
  };
}

const offers = [
  candidate('byteplus', { dishonoured: 1, price_micros: 30_000, p95_ms: 4000 }),
  candidate('fal', { dishonoured: 0, price_micros: 40_000, p95_ms: 9000 }),
  candidate('replicate', { dishonoured: 1, price_micros: 20_000, area: 2048 ** 2 }),
];
const names = (list: readonly { provider: string }[]): string[] => list.map(({ provider }) => provider);

test.each([
  ['what is honoured comes first, then the price', {}, ['fal', 'replicate', 'byteplus']],
  ['by price', { sort: 'price' }, ['replicate', 'byteplus', 'fal']],
  ['by measured time, the unmeasured after', { sort: 'latency' }, ['byteplus', 'fal', 'replicate']],
  ['by quality: what is honoured, then pixels', { sort: 'quality' }, ['fal', 'replicate', 'byteplus']],
  ['in the order asked for, the others after', { order: ['byteplus'] }, ['byteplus', 'fal', 'replicate']],
] as const)('%s', (_name, preferences, expected) => {
  expect(names(orderOffers(offers, preferences))).toEqual(expected);
});

test('ties stay in the order of the model file', () => {
  const tied = ['a', 'b', 'c'].map((provider) => candidate(provider));
  expect(names(orderOffers(tied, {}))).toEqual(['a', 'b', 'c']);
});

test('health comes before everything else, and nobody is left out', () => {
  const ill = [
    candidate('resting', { health: 'resting', price_micros: 1 }),
    candidate('unhealthy', { health: 'unhealthy', price_micros: 2 }),
    candidate('degraded', { health: 'degraded', price_micros: 3 }),
    candidate('healthy', { health: 'healthy', price_micros: 4, dishonoured: 3 }),
  ];
  expect(names(orderOffers(ill, {}))).toEqual(['healthy', 'degraded', 'unhealthy', 'resting']);
});

test.each([
  ['by price', { sort: 'price' }],
  ['in an order of his own', { order: ['unhealthy', 'resting', 'degraded', 'healthy'] }],
] as const)('%s: a somewhat worse offer is taken, one that is down comes last', (_name, preferences) => {
  const ill = [
    candidate('resting', { health: 'resting', price_micros: 1 }),
    candidate('unhealthy', { health: 'unhealthy', price_micros: 2 }),
    candidate('degraded', { health: 'degraded', price_micros: 3 }),
    candidate('healthy', { price_micros: 4 }),
  ];
  expect(names(orderOffers(ill, preferences))).toEqual(['degraded', 'healthy', 'unhealthy', 'resting']);
});

test('equal in all else, the one that is measured faster comes first, and the unmeasured keep their places behind', () => {
  const list = [
    candidate('slow', { p95_ms: 9000 }),
    candidate('new'),
    candidate('fast', { p95_ms: 3000 }),
    candidate('newer'),
  ];
  expect(names(orderOffers(list, {}))).toEqual(['fast', 'slow', 'new', 'newer']);
});

test.each([
  ['only', { only: ['fal'] }, ['fal']],
  ['ignore', { ignore: ['fal'] }, ['byteplus', 'replicate']],
  ['a highest price', { max_price_usd: 0.03 }, ['byteplus', 'replicate']],
])('%s leaves others out', (_name, preferences, expected) => {
  expect(names(allowOffers(offers, preferences))).toEqual(expected);
});

test('a highest price is not missed by the rounding of its decimals', () => {
  const dear = [candidate('fal', { price_micros: 1_001_000 })];
  expect(names(allowOffers(dear, { max_price_usd: 1.001 }))).toEqual(['fal']);
  expect(names(allowOffers(dear, { max_price_usd: 1.0009999 }))).toEqual([]);
});
