import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CatalogError, catalogDirectory, faultLine, readCatalog } from './read-catalog.ts';

const catalog = await readCatalog();

test('the catalogue is sound, and quick to read', async () => {
  const start = performance.now();
  const { models } = await readCatalog();
  expect(models.size).toBeGreaterThanOrEqual(8);
  // 20 files take about 30 ms; ten times that leaves room for a busy machine and still catches a slow schema.
  expect(performance.now() - start).toBeLessThan(models.size * 15);
});

test.each([
  ['seedream-4', null],
  ['seedream-4.0', null],
  ['bytedance/seedream-4.0', null],
  ['bytedance/seedream-4', null],
  ['seedream-4-0-250828', null],
  ['byteplus/seedream-4', 'byteplus'],
  ['fal/seedream-4', 'fal'],
  ['fal/seedream-4-edit', 'fal'],
  ['replicate/seedream-4', 'replicate'],
])('%s is Seedream 4.0', (id, provider) => {
  expect(catalog.resolve(id)).toMatchObject({ model: { id: 'bytedance/seedream-4.0' }, provider });
});

test.each([
  ['gesso/sketch', 'gesso/sketch'],
  ['sketch', 'gesso/sketch'],
])('%s is %s', (id, model) => {
  expect(catalog.resolve(id)?.model.id).toBe(model);
});

test.each([
  ['Seedream-4', 'seedream-4'],
  ['seedream4', 'seedream-4'],
  ['seedreem-4', 'seedream-4'],
  ['ByteDance/Seedream-4.0', 'bytedance/seedream-4.0'],
  ['gesso/sketsch', 'gesso/sketch'],
])('%s: did you mean %s?', (id, meant) => {
  expect(catalog.resolve(id)).toBeNull();
  expect(catalog.suggest(id)).toContain(meant);
  expect(catalog.suggest(id).length).toBeLessThanOrEqual(3);
});

test('nothing is like nothing', () => {
  expect(catalog.suggest('completely-different-thing')).toEqual([]);
  expect(catalog.suggest('x'.repeat(1_000_000))).toEqual([]);
});

test('every fault of every file, in one error', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gesso-catalog-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(catalogDirectory, directory, { recursive: true });
  await writeFile(join(directory, 'labs/odd.toml'), 'name = "Odd"\ncolour = "blue"\n');
  await writeFile(join(directory, 'providers/broken.toml'), 'name = "Bro\n');
  await writeFile(join(directory, 'stray.toml'), '');
  const error = await readCatalog(directory).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CatalogError);
  const lines = error instanceof CatalogError ? error.faults.map(faultLine) : [];
  expect(lines).toEqual([
    expect.stringMatching(/^labs\/odd\.toml: summary: /),
    'labs/odd.toml: colour: is not a field of the schema',
    expect.stringMatching(/^providers\/broken\.toml: line 1: /),
    expect.stringMatching(/^stray\.toml: stands nowhere/),
  ]);
  expect(String(error)).toContain(lines.join('\n'));
});
