import { expect, test } from 'vitest';
import { understand } from '../../prompt/understand.ts';
import { castOf } from './place-figures.ts';

test.each([
  ['a dragon flying over a castle', ['dragon air', 'castle ground']],
  ['a dragon beside a castle', ['dragon ground', 'castle ground']],
  ['a man with a crown', ['man ground']],
])('the cast of %j', (prompt, expected) => {
  expect(castOf(understand(prompt)).map(({ subject, figure }) => `${subject.kind} ${figure.habitat}`)).toEqual(
    expected,
  );
});
