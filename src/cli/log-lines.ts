/** The log as a person at a terminal reads it. Everything else gets the JSON lines as they are. */
import { CLEAR_LINE } from './spinner.ts';
import type { Terminal } from './terminal.ts';
import type { LogDestination } from './world.ts';

/** Pino's levels: https://getpino.io/#/docs/api?id=logger-level */
const levels: ReadonlyArray<readonly [min: number, name: string, style: Parameters<Terminal['paint']>[0]]> = [
  [60, 'fatal', 'red'],
  [50, 'error', 'red'],
  [40, 'warn', 'yellow'],
  [30, 'info', 'green'],
  [0, 'debug', 'dim'],
];

/** What every line has and no person needs. */
const hidden = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'v', 'name']);

export function prettyLog(terminal: Terminal): LogDestination {
  return { write: (line) => terminal.line(prettyLine(terminal, line)) };
}

const WARN = 40;

/** Warnings and worse as single sentences, for a command that runs the app only for a moment. */
export function quietLog(terminal: Terminal): LogDestination {
  return {
    write: (line) => {
      const { level, msg, route } = parseLine(line) ?? {};
      // What became of a request is in its answer, which the command reads.
      if (typeof level !== 'number' || level < WARN || route !== undefined) return;
      // A spinner may be standing in this line; it draws itself again below.
      const clear = terminal.isTerminal ? CLEAR_LINE : '';
      terminal.line(`${clear}${terminal.paint('yellow', 'note:')} ${String(msg)}`);
    },
  };
}

function prettyLine(terminal: Terminal, line: string): string {
  const fields = parseLine(line);
  if (fields === null) return line.trimEnd();
  const level = typeof fields.level === 'number' ? fields.level : 30;
  const [, name, style] = levels.find(([min]) => level >= min) ?? [0, 'debug', 'dim'];
  const time = new Date(typeof fields.time === 'number' ? fields.time : String(fields.time));
  const clock = Number.isNaN(time.getTime()) ? '' : time.toTimeString().slice(0, 8);
  const rest = Object.entries(fields)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
  return `${terminal.paint('dim', clock)} ${terminal.paint(style, name.padEnd(5))} ${String(fields.msg ?? '')} ${terminal.paint('dim', rest)}`.trimEnd();
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>; // One line of pino: an object.
  } catch {
    return null;
  }
}
