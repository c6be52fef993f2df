/** Files that start Gesso name settings: a name that is not one is a slip that nobody would see. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingTable } from '../../src/config.ts';
import type { SettingTable } from '../../src/core/settings.ts';
import { repositoryRoot } from './source-files.ts';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const table: SettingTable = settingTable;

/** Names of other programs, and of the command line alone. */
const others = /^(?:POSTGRES_\w+|AWS_\w+|ROOT_ACCESS_KEY|ROOT_SECRET_KEY|GESSO_PORT|GESSO_URL|GESSO_API_KEY)$/;

/** Words in capitals with an underscore, and the few settings of one word where something is set. */
function namesIn(text: string): string[] {
  const names = text.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
  const single = [...text.matchAll(/(?:^|[\s{"`])(PORT|HOST|ROLES)(?==|: |`)/gm)].map((match) => match[1] ?? '');
  return [...new Set([...names, ...single])];
}

const isSetting = (name: string): boolean =>
  Object.hasOwn(table, name) || (name.endsWith('_FILE') && table[name.slice(0, -'_FILE'.length)]?.secret === true);

const files = ['Dockerfile', 'compose.yaml', 'deploy/gesso.service', 'deploy/make-secrets.sh'].concat(
  readdirSync(join(repositoryRoot, 'docs', 'operations')).map((name) => `docs/operations/${name}`),
);

test.each(files)('every setting that %s names is one', (path) => {
  const unknown = namesIn(read(path)).filter(
    (name) => !isSetting(name) && !others.test(name) && !isOfSystemd(path, name),
  );
  expect(unknown).toEqual([]);
});

/** `RestrictAddressFamilies=AF_UNIX` and the like. */
function isOfSystemd(path: string, name: string): boolean {
  return path.endsWith('.service') && /^AF_/.test(name);
}

test('names are found', () => {
  expect(namesIn(read('compose.yaml'))).toEqual(expect.arrayContaining(['DATABASE_URL_FILE', 'S3_BUCKET', 'ROLES']));
  expect(namesIn(read('deploy/gesso.service'))).toEqual(expect.arrayContaining(['GESSO_DATA_DIR', 'PORT', 'HOST']));
});

test('compose.yaml hands over every secret that it names, and make-secrets.sh makes it', () => {
  const compose = read('compose.yaml');
  const declared = [...compose.matchAll(/\{ file: \.\/secrets\/(\w+) \}/g)].map((match) => match[1]);
  const used = [...compose.matchAll(/\/run\/secrets\/(\w+)/g)].map((match) => match[1]);
  const made = [...read('deploy/make-secrets.sh').matchAll(/^make (\w+)/gm)].map((match) => match[1]);
  expect(declared.length).toBeGreaterThan(5);
  expect([...new Set(used)].toSorted()).toEqual(declared.toSorted());
  expect(made.toSorted()).toEqual(declared.toSorted());
});

test('the image has what the server reads, and its context is not cut short', () => {
  const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    (match) => match[1]?.split(' ') ?? [],
  );
  const sent = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map((match) => match[1]);
  expect(copied).toEqual(expect.arrayContaining(['package.json', 'bin', 'src', 'catalog', 'docs/errors']));
  expect(copied.filter((path) => !sent.includes(path))).toEqual([]);
});

test('figures that the pages tell operators to watch exist', () => {
  const source = read('src/http/http-metrics.ts');
  const named = new Set(read('docs/operations/running.md').match(/\bgesso_[a-z0-9_]+(?=[`{])/g));
  expect(named.size).toBeGreaterThan(8);
  expect([...named].filter((name) => !source.includes(`'${name}'`))).toEqual([]);
});
