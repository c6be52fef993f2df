import { expect, test } from 'vitest';
import { matchesGlob } from './matches-glob.ts';

test.each([
  [['*'], ['bytedance/seedream-4.0'], true],
  [['bytedance/*'], ['bytedance/seedream-4.0', 'seedream-4'], true],
  [['seedream-*'], ['bytedance/seedream-4.0', 'seedream-4'], true],
  [['seedream-4.0'], ['bytedance/seedream-4.0', 'seedream-4'], false],
  [['*/seedream-4x0'], ['bytedance/seedream-4.0'], false],
  [['*/seedream-4.0'], ['bytedance/seedream-4.0'], true],
  [['ByteDance/*'], ['bytedance/seedream-4.0'], true],
  [['google/*', 'openai/*'], ['bytedance/seedream-4.0'], false],
  [['a(b'], ['a(b'], true],
  [['[abc]*'], ['apple'], false],
  [['a*b*a'], ['aba'], true],
  [['ab*ba'], ['aba'], false],
  [[], ['gesso/sketch'], false],
])('%j covers %j: %s', (globs, names, covered) => {
  expect(matchesGlob(globs, names)).toBe(covered);
});

test('a glob of many stars is tried quickly', () => {
  const begun = performance.now();
  expect(matchesGlob([`${'a*'.repeat(60)}x`], ['a'.repeat(10_000)])).toBe(false);
  expect(performance.now() - begun).toBeLessThan(1000);
});
