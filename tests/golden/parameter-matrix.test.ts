/** Every parameter at every offer: what is sent and what is told is pinned; a change of it is seen in review. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type MatrixCell, makeMatrix } from '../../scripts/parameter-matrix.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';

const matrix = makeMatrix(await readCatalog(join(import.meta.dirname, '..', '..', 'catalog')));

test('the matrix is as it was agreed; npm run generate writes it anew', () => {
  const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'parameter-matrix.json'), 'utf8')) as MatrixCell[];
  const name = ({ offer, kind, sample }: MatrixCell): string => `${offer} ${kind} ${sample}`;
  const before = new Map(golden.map((cell) => [name(cell), cell]));
  const changed = matrix.filter((cell) => JSON.stringify(before.get(name(cell))) !== JSON.stringify(cell)).map(name);
  expect(changed).toEqual([]);
  expect(matrix).toHaveLength(golden.length);
});

test('every parameter that was asked for is told of exactly once', () => {
  const faults = matrix.flatMap(({ offer, sample, asked, applied }) => {
    if (applied === undefined) return [];
    const told = applied.map(({ param }) => param);
    return Object.keys(asked)
      .filter((param) => told.filter((one) => one === param).length !== 1)
      .map((param) => `${offer}, ${sample}: ${param} is told ${told.filter((one) => one === param).length} times`);
  });
  expect(faults).toEqual([]);
});

test('what is ignored is not sent', () => {
  const faults = matrix.flatMap(({ offer, sample, body, applied }) =>
    (applied ?? [])
      .filter(({ behaviour, param }) => behaviour === 'ignored' && body !== undefined && Object.hasOwn(body, param))
      .map(({ param }) => `${offer}, ${sample}: ${param}`),
  );
  expect(faults).toEqual([]);
});
