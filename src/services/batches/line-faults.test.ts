import { expect, test } from 'vitest';
import { GessoError } from '../../core/errors.ts';
import { faultsOf, LineFaults } from './line-faults.ts';

const fault = { code: 'invalid_value', message: 'wrong', param: 'body.n' };

test('the first three hundred lines are told, in order, and how many more there are', () => {
  const faults = new LineFaults();
  for (let line = 1_000; line >= 1; line -= 1) faults.add(line, [fault]);
  const told = faults.told();
  expect(told.slice(0, 300).map(({ line }) => line)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  expect(told.slice(300)).toEqual([
    { code: 'too_many_faults', message: 'There are 700 more faults.', param: null, line: null },
  ]);
});

test('a few are told as they are', () => {
  const faults = new LineFaults();
  faults.add(2, [fault, { ...fault, message: 'x'.repeat(5_000) }]);
  expect(faults.told().map(({ message }) => message.length)).toEqual([5, 1_000]);
  expect(faults.count).toBe(2);
});

test('every fault of a request is one of its line', () => {
  const details = [
    { param: 'n', message: 'n is 11.', fix: 'Send 1 to 10.' },
    { param: 'size', message: 'size is odd.' },
  ];
  expect(faultsOf(new GessoError('invalid_value', 'n is 11. size is odd.', { param: 'n', details }))).toEqual([
    { code: 'invalid_value', message: 'n is 11. Send 1 to 10.', param: 'body.n' },
    { code: 'invalid_value', message: 'size is odd.', param: 'body.size' },
  ]);
  expect(faultsOf(new GessoError('no_provider_configured', 'none'))).toEqual([
    { code: 'no_provider_configured', message: 'none', param: 'body' },
  ]);
});
