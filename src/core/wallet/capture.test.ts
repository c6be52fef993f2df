import { expect, test } from 'vitest';
import { capture } from './capture.ts';

const pictures = (...prices: number[]) => prices.map((price_micros, position) => ({ position, price_micros }));

test.each([
  [
    'nothing delivered releases everything',
    90,
    pictures(),
    { charges: [], cost_micros: 0, released_micros: 90, forgone_micros: 0 },
  ],
  [
    'each picture at its price, the rest released',
    90,
    pictures(30, 20),
    {
      charges: [
        { position: 0, amount_micros: 30 },
        { position: 1, amount_micros: 20 },
      ],
      cost_micros: 50,
      released_micros: 40,
      forgone_micros: 0,
    },
  ],
  [
    'what costs nothing is no row',
    0,
    pictures(0, 0),
    { charges: [], cost_micros: 0, released_micros: 0, forgone_micros: 0 },
  ],
  [
    'never more than was held',
    50,
    pictures(30, 30, 30),
    {
      charges: [
        { position: 0, amount_micros: 30 },
        { position: 1, amount_micros: 20 },
      ],
      cost_micros: 50,
      released_micros: 0,
      forgone_micros: 40,
    },
  ],
])('%s', (_name, authorized, delivered, expected) => {
  expect(capture(authorized, delivered)).toEqual(expected);
});
