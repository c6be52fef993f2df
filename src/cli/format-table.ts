/** Tables for people: aligned where they fit, wrapped where they nearly do, one block per row where they do not. */
import type { Terminal } from './terminal.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be wrapped over several lines, down to this many characters. */
  readonly wrap_min?: number;
  /** Left out, and told, where there is no room; of several the last goes first. */
  readonly optional?: true;
  /** Colours a line of a cell after wrapping; `row` holds the row's cells as given. */
  readonly paint?: (line: string, row: readonly string[]) => string;
}

type Row = readonly string[];

const GAP = '  ';

/** Cells are plain text; a column without any is left out. Where nobody cuts lines (`terminal.width` is null), nothing is wrapped. */
export function formatTable(terminal: Terminal, all: readonly Column[], all_rows: readonly Row[]): string[] {
  let kept = all.flatMap((_, i) => (all_rows.some((row) => row[i]) ? [i] : []));
  for (const dropped: string[] = []; kept.length > 0; ) {
    const columns = kept.flatMap((i) => all[i] ?? []);
    const rows = all_rows.map((row) => kept.map((i) => row[i] ?? ''));
    const widths = fitWidths(columns, rows, terminal.width);
    if (widths !== null) {
      const titles = columns.map(({ title, align }, i) => pad(title, widths[i] ?? 0, align));
      return [
        terminal.paint('bold', titles.join(GAP).trimEnd()),
        ...rows.flatMap((row) => formatRow(columns, widths, row)),
        ...(dropped.length === 0 ? [] : ['', terminal.paint('dim', `(no room for ${dropped.reverse().join(', ')})`)]),
      ];
    }
    const last = kept.findLast((i) => all[i]?.optional === true);
    if (last === undefined) break;
    dropped.push(all[last]?.title ?? '');
    kept = kept.filter((i) => i !== last);
  }
  return stack(terminal, all, all_rows);
}

/** Breaks at spaces, and within a word only where it alone is longer than the line. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

function formatRow(columns: readonly Column[], widths: readonly number[], row: Row): string[] {
  const cells = columns.map((_, i) => wrapText(row[i] ?? '', widths[i] ?? 0));
  const height = Math.max(...cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, n) =>
    columns
      .map(({ align, paint }, i) => {
        const last = i === columns.length - 1 && align !== 'right';
        const text = cells[i]?.[n] ?? '';
        const padded = last ? text : pad(text, widths[i] ?? 0, align);
        return paint === undefined || text === '' ? padded : padded.replace(text, () => paint(text, row));
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Takes what is too much from the widest column that may wrap, again and again; null when that is not enough. */
function fitWidths(columns: readonly Column[], rows: readonly Row[], width: number | null): number[] | null {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const total = () => widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1));
  while (width !== null && total() > width) {
    const candidates = columns.flatMap(({ wrap_min }, i) =>
      wrap_min !== undefined && (widths[i] ?? 0) > wrap_min ? [i] : [],
    );
    const [first] = candidates;
    if (first === undefined) return null;
    const widest = candidates.reduce((best, i) => ((widths[i] ?? 0) > (widths[best] ?? 0) ? i : best), first);
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** One block per row: each cell on a line of its own behind its title. */
function stack(terminal: Terminal, columns: readonly Column[], rows: readonly Row[]): string[] {
  const label = Math.max(...columns.map(({ title }) => title.length)) + GAP.length;
  const room = Math.max(10, (terminal.width ?? 0) - label);
  return rows.flatMap((row, n) => [
    ...(n === 0 ? [] : ['']),
    ...columns.flatMap(({ title, paint }, i) => {
      const cell = row[i] ?? '';
      if (cell === '') return [];
      return wrapText(cell, room).map((text, line) => {
        const before = pad(line === 0 ? title : '', label);
        return terminal.paint('bold', before) + (paint === undefined ? text : paint(text, row));
      });
    }),
  ]);
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}
