import { expect, it } from 'vitest';
import { expandFormFields } from './expand-form-fields.ts';

const forms: ReadonlyArray<readonly [ReadonlyArray<readonly [string, unknown]>, unknown]> = [
  [
    [
      ['prompt', 'a'],
      ['n', '2'],
    ],
    { prompt: 'a', n: '2' },
  ],
  [
    [
      ['provider[sort]', 'price'],
      ['provider[only][]', 'fal'],
      ['provider[only][]', 'byteplus'],
    ],
    { provider: { sort: 'price', only: ['fal', 'byteplus'] } },
  ],
  [
    [
      ['tags', 'a'],
      ['tags', 'b'],
    ],
    { tags: ['a', 'b'] },
  ],
  [[['tags[]', 'a']], { tags: ['a'] }],
  [
    [
      ['tags[0]', 'a'],
      ['tags[1]', 'b'],
    ],
    { tags: ['a', 'b'] },
  ],
  [
    [
      ['odd[name', 'x'],
      ['[y]', 'z'],
    ],
    { 'odd[name': 'x', '[y]': 'z' },
  ],
  [
    [
      ['a', 'text'],
      ['a[b]', 'x'],
    ],
    { a: { b: 'x' } },
  ],
  [[['constructor', 'x']], { constructor: 'x' }],
];
it.each(forms)('%j', (fields, expected) => {
  expect(expandFormFields(fields)).toEqual(expected);
});

it.each(['__proto__', '__proto__[x]', 'a[__proto__][x]', 'a[b][c][d][e][f][g][h][i]'])('refuses %s', (name) => {
  expect(() => expandFormFields([[name, '1']])).toThrow(/is not taken/);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
