import { expect, test } from 'vitest';
import { prettyLog, quietLog } from './log-lines.ts';
import { openTerminal } from './terminal.ts';
import { testWorld } from './test-world.ts';

function written(log: typeof prettyLog, line: unknown): string {
  const world = testWorld({ columns: 80 });
  log(openTerminal(world.stdout, { NO_COLOR: '1' })).write(typeof line === 'string' ? line : JSON.stringify(line));
  return world.out();
}

test('a line for people: time, level, sentence, and what else it says', () => {
  const time = new Date(2026, 10, 20, 9, 5, 7).toISOString();
  expect(written(prettyLog, { level: 40, time, msg: 'slow', pid: 1, status: 200, more: { a: 1 } })).toBe(
    '09:05:07 warn  slow status=200 more={"a":1}\n',
  );
});

test('what is no JSON is passed on as it is', () => {
  expect(written(prettyLog, 'plain text\n')).toBe('plain text\n');
});

test.each([
  [{ level: 40, msg: 'Using PGlite' }, '\r\u001b[Knote: Using PGlite\n'],
  [{ level: 30, msg: 'all is well' }, ''],
  [{ level: 50, msg: 'request failed', route: '/v1/images/generations' }, ''],
  ['no json', ''],
])('a command that runs the app for a moment tells %j as %j', (line, text) => {
  expect(written(quietLog, line)).toBe(text);
});
