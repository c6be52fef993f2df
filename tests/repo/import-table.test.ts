/** Who may import whom. The table is the architecture: a new arrow is a decision, so it is made here, in sight. */
import { dirname, join } from 'node:path/posix';
import { expect, test } from 'vitest';
import { sourceFiles } from './source-files.ts';

/** Folder of `src/` -> the folders it may import from, besides itself. Every folder may import types from `contracts`, all but `core` may use `net`. */
const table: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  core: [],
  net: ['core'],
  system: ['core', 'net'],
  catalog: ['core', 'net'],
  media: ['core', 'net'],
  store: ['core', 'net'],
  sketch: ['core', 'net'],
  providers: ['core', 'net'],
  services: ['core', 'net', 'store', 'media'],
  http: ['core', 'net', 'services'],
  roles: ['core', 'net', 'services'],
  cli: ['core', 'net', 'services'],
};

/** The few files at the top of `src/`. */
const topLevel: Readonly<Record<string, readonly string[]>> = {
  'src/app.ts': [...Object.keys(table), 'config.ts'],
  'src/config.ts': ['core', 'store', 'media', 'net', 'http', 'providers', 'sketch', 'system'],
  'src/main.ts': ['cli', 'cli-parts.ts'],
  'src/cli-parts.ts': ['cli', 'config.ts', 'app.ts', 'catalog', 'store', 'media', 'sketch', 'system'],
};

/** Packages that `core` may use: it is pure, so it has no others and no Node module. */
const corePackages = ['zod', 'node:buffer'];

interface Import {
  readonly from: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gms;

const files = sourceFiles('src/**/*.ts');
const imports: Import[] = files
  .filter(({ path }) => !path.endsWith('.test.ts'))
  .flatMap(({ path, text }) =>
    [...text.matchAll(statement)].map((match) => ({
      from: path,
      specifier: match[2] ?? match[3] ?? '',
      typeOnly: match[1] !== undefined,
    })),
  );

function target({ from, specifier }: Import): string | null {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  return specifier.startsWith('#src/') ? `src/${specifier.slice('#src/'.length)}` : null;
}

const folderOf = (path: string): string => path.split('/')[1] ?? '';

test('there are imports to check', () => {
  expect(imports.length).toBeGreaterThan(50);
});

test('every import stays inside the table', () => {
  const faults = imports.flatMap((one) => {
    const to = target(one);
    if (to === null || !to.startsWith('src/')) return [];
    const isTop = one.from.split('/').length === 2;
    const allowed = isTop ? topLevel[one.from] : table[folderOf(one.from)];
    if (allowed === undefined) return [`${one.from} stands in no row of the table`];
    const toFolder = folderOf(to);
    const fine = toFolder === 'contracts' || (!isTop && toFolder === folderOf(one.from)) || allowed.includes(toFolder);
    return fine ? [] : [`${one.from} may not import ${to}`];
  });
  expect(faults).toEqual([]);
});

test('contracts are types only, and are imported as types', () => {
  const faults = imports
    .filter((one) => (target(one) ?? '').startsWith('src/contracts/') && !one.typeOnly)
    .map((one) => `${one.from}: import type from ${one.specifier}`);
  expect(faults).toEqual([]);
});

test('core is pure: zod and itself, no Node module', () => {
  const faults = imports
    .filter((one) => one.from.startsWith('src/core/') && target(one) === null && !corePackages.includes(one.specifier))
    .map((one) => `${one.from} imports ${one.specifier}`);
  expect(faults).toEqual([]);
});

test('core reads no clock, no chance and no environment', () => {
  const impure = /\b(Date\.now|new Date\(\)|Math\.random|process\.|performance\.now|setTimeout|fetch\()/;
  const faults = files
    .filter(({ path }) => path.startsWith('src/core/') && !path.endsWith('.test.ts'))
    .filter(({ text }) => impure.test(text))
    .map(({ path, text }) => `${path}: ${impure.exec(text)?.[0]}`);
  expect(faults).toEqual([]);
});

test('no adapter sees another', () => {
  const gatherers = ['src/providers/registry.generated.ts', 'src/providers/create-live-adapters.ts'];
  const faults = imports.flatMap((one) => {
    const to = target(one);
    if (gatherers.includes(one.from)) return [];
    return one.from.startsWith('src/providers/') && to?.startsWith('src/providers/') && !to.includes('/shared/')
      ? [`${one.from} imports ${to}`]
      : [];
  });
  expect(faults).toEqual([]);
});

test('no import goes round in a circle', () => {
  const graph = new Map<string, string[]>();
  for (const one of imports.filter(({ typeOnly }) => !typeOnly)) {
    const to = target(one);
    if (to !== null) graph.set(one.from, [...(graph.get(one.from) ?? []), to]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  expect(circles).toEqual([]);
});
