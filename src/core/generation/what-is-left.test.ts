import { expect, test } from 'vitest';
import { whatIsLeft } from './what-is-left.ts';

const call = (seq: number, first_index: number, pictures: number) => ({ seq, first_index, pictures });

test('nothing was begun: everything is left, in one piece', () => {
  expect(whatIsLeft([], 4)).toEqual([{ first_index: 0, n: 4, last: null }]);
});

test('calls side by side, of which one was not begun', () => {
  const [one, three] = [call(1, 0, 1), call(2, 2, 2)];
  expect(whatIsLeft([one, three], 4)).toEqual([
    { first_index: 0, n: 1, last: one },
    { first_index: 1, n: 1, last: null },
    { first_index: 2, n: 2, last: three },
  ]);
});

test('a call that fell to an offer which makes one picture at a time, and was cut in the middle', () => {
  const [whole, second] = [call(1, 0, 3), call(3, 1, 1)];
  expect(whatIsLeft([second, whole], 3)).toEqual([
    { first_index: 0, n: 1, last: whole },
    { first_index: 1, n: 1, last: second },
    { first_index: 2, n: 1, last: whole },
  ]);
});
