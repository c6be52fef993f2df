import { expect, test } from 'vitest';
import { finalStates, isFinal, statesBefore } from './states.ts';

test('what has ended stays as it is, and everything else can end', () => {
  expect(finalStates).toEqual(['completed', 'failed', 'canceled']);
  expect(finalStates.flatMap(statesBefore)).not.toEqual(expect.arrayContaining([...finalStates]));
  expect(isFinal('running')).toBe(false);
});

test('nothing is completed that did not run', () => {
  expect(statesBefore('completed')).toEqual(['running']);
  expect(statesBefore('canceled')).toEqual(['queued', 'running']);
  expect(statesBefore('running')).toEqual(['queued', 'running']);
});
