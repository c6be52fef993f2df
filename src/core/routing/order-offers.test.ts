import { expect, test } from 'vitest';
import { allowOffers, orderOffers } from './order-offers.ts';

const offers = [
  { provider: 'byteplus', dishonoured: 1, price_micros: 30_000 },
  { provider: 'fal', dishonoured: 0, price_micros: 40_000 },
  { provider: 'replicate', dishonoured: 1, price_micros: 20_000 },
];
const names = (list: readonly { provider: string }[]): string[] => list.map(({ provider }) => provider);

test.each([
  ['what is honoured comes first, then the price', {}, ['fal', 'replicate', 'byteplus']],
  ['by price', { sort: 'price' }, ['replicate', 'byteplus', 'fal']],
  ['in the order asked for, the others after', { order: ['byteplus'] }, ['byteplus', 'fal', 'replicate']],
] as const)('%s', (_name, preferences, expected) => {
  expect(names(orderOffers(offers, preferences))).toEqual(expected);
});

test('ties stay in the order of the model file', () => {
  const tied = ['a', 'b', 'c'].map((provider) => ({ provider, dishonoured: 0, price_micros: 1 }));
  expect(names(orderOffers(tied, {}))).toEqual(['a', 'b', 'c']);
});

test.each([
  ['only', { only: ['fal'] }, ['fal']],
  ['ignore', { ignore: ['fal'] }, ['byteplus', 'replicate']],
  ['a highest price', { max_price_usd: 0.03 }, ['byteplus', 'replicate']],
])('%s leaves others out', (_name, preferences, expected) => {
  expect(names(allowOffers(offers, preferences))).toEqual(expected);
});
