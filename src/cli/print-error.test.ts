import { expect, test } from 'vitest';
import { GessoError } from '../core/errors.ts';
import { CliError } from './cli-error.ts';
import { printError } from './print-error.ts';
import { testWorld } from './test-world.ts';

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function system(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

test.each<[string, unknown, number, string]>([
  [
    'an error of the command line',
    new CliError('It broke.', { fix: 'Mend it.', details: ['here', 'there'], doc: 'http://host/errors/x' }),
    1,
    'error: It broke.\n  - here\n  - there\nfix: Mend it.\nsee http://host/errors/x\n',
  ],
  ['wrong usage', new CliError('Not so.', { usage: true }), 2, 'error: Not so.\n'],
  [
    'an error of the API',
    new GessoError('overloaded'),
    1,
    'error: The server is at its limit.\nsee docs/errors/overloaded.md\n',
  ],
  ['a store that says what to do itself', named('StoreError', 'Stop it first.'), 1, 'error: Stop it first.\n'],
  [
    'a sentence for people that the system is the cause of',
    Object.assign(named('StoreError', 'Set GESSO_DATA_DIR.'), { cause: system('EACCES', 'mkdir') }),
    1,
    'error: Set GESSO_DATA_DIR.\n',
  ],
  [
    'a catalogue with faults',
    named('CatalogError', 'The catalogue has 1 fault:\na.toml: x'),
    1,
    'error: The catalogue has 1 fault:\na.toml: x\nfix: Mend the files under catalog/; `gesso catalog check` tells when there is no fault left.\n',
  ],
  [
    'a port in use, wrapped',
    new Error('could not listen', { cause: system('EADDRINUSE', 'listen EADDRINUSE: address already in use ::1:80') }),
    1,
    'error: The port is in use by another program (::1:80).\nfix: Stop that program, or choose another port: PORT=8081 gesso serve (PORT=0 takes any free one).\n',
  ],
  [
    'a full disk',
    system('ENOSPC', 'write ENOSPC'),
    1,
    'error: The disk is full: write ENOSPC\nfix: Make room, or set GESSO_DATA_DIR to another disk.\n',
  ],
  [
    'what is no error at all',
    'thrown text',
    1,
    'error: thrown text\nfix: Run it again with LOG_LEVEL=debug to see where this came from.\n',
  ],
])('%s', (_name, error, code, text) => {
  const world = testWorld();
  expect(printError(world, error)).toBe(code);
  expect(world.err()).toBe(text);
  expect(world.out()).toBe('');
});
