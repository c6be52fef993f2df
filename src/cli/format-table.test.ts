import { expect, test } from 'vitest';
import { type Column, formatTable, wrapText } from './format-table.ts';
import { openTerminal } from './terminal.ts';
import { testWorld } from './test-world.ts';

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'PRICE', align: 'right' },
  { title: 'NOTE', wrap_min: 8 },
  { title: 'MORE', optional: true },
];
const rows = [
  ['one', '$0.03', 'a note of several words', 'extra'],
  ['twenty-two', '$1', '', 'extra'],
];

function format(width: number | undefined, of: readonly (readonly string[])[] = rows): string[] {
  const { stdout } = testWorld(width === undefined ? {} : { columns: width });
  return formatTable(openTerminal(stdout, { NO_COLOR: '1' }), columns, of);
}

test('a pipe gets every cell whole, on one line', () => {
  expect(format(undefined)).toEqual([
    'ID          PRICE  NOTE                     MORE',
    'one         $0.03  a note of several words  extra',
    'twenty-two     $1                           extra',
  ]);
});

test('a terminal gets wrapped cells', () => {
  expect(format(40)).toEqual([
    'ID          PRICE  NOTE            MORE',
    'one         $0.03  a note of       extra',
    '                   several words',
    'twenty-two     $1                  extra',
  ]);
});

test('where there is no room, an optional column goes, and it is told', () => {
  expect(format(28)).toEqual([
    'ID          PRICE  NOTE',
    'one         $0.03  a note of',
    '                   several',
    '                   words',
    'twenty-two     $1',
    '',
    '(no room for MORE)',
  ]);
});

test('a very narrow terminal gets a block for each row', () => {
  expect(format(20)).toEqual([
    'ID     one',
    'PRICE  $0.03',
    'NOTE   a note of',
    '       several words',
    'MORE   extra',
    '',
    'ID     twenty-two',
    'PRICE  $1',
    'MORE   extra',
  ]);
});

test('no line of a table is wider than the terminal, at any width that holds a word', () => {
  for (let width = 18; width < 60; width++) {
    for (const line of format(width)) expect(line.length).toBeLessThanOrEqual(width);
  }
});

test('a column without content is left out', () => {
  expect(format(undefined, [['one', '', '', '']])).toEqual(['ID', 'one']);
});

test('colour is laid over each line of a wrapped cell, and never into the next column', () => {
  const terminal = openTerminal(testWorld({ columns: 14 }).stdout, {});
  const painted = formatTable(
    terminal,
    [{ title: 'A', wrap_min: 4, paint: (line) => `<${line}>` }, { title: 'B' }],
    [['some more words', 'next']],
  );
  expect(painted.slice(1)).toEqual(['<some>      next', '<more>', '<words>']);
});

test.each([
  ['', 5, ['']],
  ['short', 5, ['short']],
  ['two words', 5, ['two', 'words']],
  ['a verylongword b', 4, ['a', 'very', 'long', 'word', 'b']],
])('wraps %j at %i', (text, width, lines) => {
  expect(wrapText(text, width)).toEqual(lines);
});
