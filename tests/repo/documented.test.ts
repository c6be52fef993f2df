/** Documentation is tested: what the code has, a page says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorTable } from '../../src/core/errors.ts';
import { repositoryRoot } from './source-files.ts';

const pages = join(repositoryRoot, 'docs', 'errors');

test.each(Object.entries(errorTable))('error %s has a page that states its status and type', (code, row) => {
  const path = join(pages, `${code}.md`);
  expect(existsSync(path)).toBe(true);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(`HTTP ${row.status}, type \`${row.type}\``);
  expect(text).toContain(row.title);
});

test('no page is left of an error that is gone', () => {
  const known = Object.keys(errorTable).map((code) => `${code}.md`);
  expect(readdirSync(pages).filter((name) => !known.includes(name))).toEqual([]);
});
