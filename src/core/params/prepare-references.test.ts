import { expect, test } from 'vitest';
import type { ReferenceFacts } from '../../contracts/generation.ts';
import { describeChanges, prepareReferences } from './prepare-references.ts';

const fact = <T>(value: T) => ({ value, source: 'https://example.com', read_on: '2026-11-20' });
const picture = (change: Partial<ReferenceFacts> = {}): ReferenceFacts => ({
  width: 1000,
  height: 500,
  bytes: 1000,
  content_type: 'image/png',
  ...change,
});

test('what fits is left as it is', () => {
  const limits = { reference_bytes_max: fact(1000), reference_pixels_max: fact(500_000) };
  const references = [picture(), picture({ content_type: 'image/webp' })];
  expect(prepareReferences({ limits }, references)).toEqual({ references, changes: [] });
  expect(prepareReferences({ limits: {} }, references)).toEqual({ references, changes: [] });
});

test('too many pixels are reduced, in the same shape, to no more than the limit', () => {
  const { references, changes } = prepareReferences({ limits: { reference_pixels_max: fact(125_000) } }, [
    picture({ width: 10, height: 10 }),
    picture(),
  ]);
  expect(changes).toEqual([
    { index: 1, reduce_to: { width: 500, height: 250 }, format: null, bytes_max: null, taken: null },
  ]);
  expect(references[1]).toMatchObject({ width: 500, height: 250, content_type: 'image/png' });
});

test.each([
  ['image/gif', ['image/png', 'image/jpeg'], 'png'],
  ['image/gif', ['image/jpeg', 'image/webp'], 'webp'],
  ['image/avif', ['image/jpeg'], 'jpeg'],
  ['image/jpeg', ['image/jpeg'], null],
])('%s where %j are taken becomes %s', (content_type, taken, format) => {
  const { references, changes } = prepareReferences({ limits: { reference_content_types: fact(taken) } }, [
    picture({ content_type }),
  ]);
  expect(changes.map((change) => change.format)).toEqual(format === null ? [] : [format]);
  expect(taken).toContain(references[0]?.content_type);
});

test('too many bytes are encoded anew; where all together have too many, each gets its share', () => {
  const each = prepareReferences({ limits: { reference_bytes_max: fact(999) } }, [picture(), picture({ bytes: 10 })]);
  expect(each.changes).toEqual([{ index: 0, reduce_to: null, format: null, bytes_max: 999, taken: null }]);
  expect(each.references.map(({ bytes }) => bytes)).toEqual([999, 10]);
  const together = prepareReferences({ limits: { references_bytes_total_max: fact(1200) } }, [
    picture(),
    picture({ bytes: 500 }),
  ]);
  expect(together.changes.map(({ index, bytes_max }) => [index, bytes_max])).toEqual([[0, 600]]);
});

test('a picture whose limit is reached by another change keeps to it', () => {
  const limits = { reference_bytes_max: fact(5000), reference_content_types: fact(['image/jpeg']) };
  expect(prepareReferences({ limits }, [picture()]).changes).toEqual([
    { index: 0, reduce_to: null, format: 'jpeg', bytes_max: 5000, taken: ['image/jpeg'] },
  ]);
});

test('it is told as a person counts', () => {
  const told = describeChanges({ pin: 'bfl/x' }, [
    { index: 1, reduce_to: { width: 20, height: 10 }, format: 'png', bytes_max: null, taken: null },
  ]);
  expect(told).toBe('Picture 2 is reduced to 20x10 pixels and converted to png. bfl/x takes no other.');
});

test.each([
  [1003, 701, 250_001],
  [6001, 4003, 20_000_000],
])('%ix%i has at most %i pixels afterwards, and hardly fewer', (width, height, pixels_max) => {
  const { references } = prepareReferences({ limits: { reference_pixels_max: fact(pixels_max) } }, [
    picture({ width, height }),
  ]);
  const [made] = references;
  const pixels = (made?.width ?? 0) * (made?.height ?? 0);
  expect(pixels).toBeLessThanOrEqual(pixels_max);
  expect(pixels).toBeGreaterThan(pixels_max * 0.99);
});

test('a thread that would vanish is left as it is, to be refused', () => {
  const thread = picture({ width: 1, height: 9_999_999 });
  const limits = { reference_pixels_max: fact(1000) };
  expect(prepareReferences({ limits }, [thread])).toEqual({ references: [thread], changes: [] });
});
