import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineSettings, wholeNumber } from '../core/settings.ts';
import { describeSettings } from './describe-settings.ts';

const table = defineSettings({
  PORT: { schema: wholeNumber(0, 65_535).default(8080), description: 'Port.' },
  GESSO_DATA_DIR: { schema: z.string().default('./data'), description: 'Data.' },
  GESSO_KEY: { schema: z.string().min(4).optional(), description: 'Key.', secret: true },
  GESSO_EMPTY: { schema: z.string().default(''), description: 'Nothing.' },
});

function describe(environment: Record<string, string>, fromFiles: Record<string, string> = {}, unknown: string[] = []) {
  return describeSettings(table, { environment, filled: { ...environment, ...fromFiles }, unknown });
}

test('says each value and where it came from, and no secret', () => {
  const { settings, faults } = describe({ PORT: '9000' }, { GESSO_KEY: 'hunter22' });
  expect(settings.map(({ name, value, source }) => [name, value, source])).toEqual([
    ['PORT', '9000', 'environment'],
    ['GESSO_DATA_DIR', './data', 'default'],
    ['GESSO_KEY', 'set', 'file'],
    ['GESSO_EMPTY', null, 'default'],
  ]);
  expect(faults).toEqual([]);
  expect(JSON.stringify(settings)).not.toContain('hunter22');
});

test('an empty text counts as not set, and a secret that is not set says so', () => {
  const { settings } = describe({ PORT: '', GESSO_KEY: '' });
  expect(settings.map(({ value }) => value)).toEqual(['8080', './data', null, null]);
  expect(settings.every(({ source }) => source === 'default')).toBe(true);
});

test('tells every fault in words that say what would be right', () => {
  expect(describe({ PORT: 'abc', GESSO_KEY: 'ab' }).faults.map(({ name }) => name)).toEqual(['PORT', 'GESSO_KEY']);
  expect(describe({ PORT: '99999' }).faults).toEqual([
    { name: 'PORT', message: 'must be a whole number from 0 to 65535' },
  ]);
});

test.each([
  ['GESSO_PORT', 'PORT'],
  ['GESSO_DATA_DRI', 'GESSO_DATA_DIR'],
  ['GESSO_APIKEY', 'GESSO_API_KEY'],
  ['GESSO_SOMETHING_ELSE', null],
])('%s probably means %s', (name, did_you_mean) => {
  expect(describe({}, {}, [name]).unknown).toEqual([{ name, did_you_mean }]);
});
