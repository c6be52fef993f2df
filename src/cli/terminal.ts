/** What may be written to a stream: colour and movement for a person at a terminal, plain text for everything else. */
import { styleText } from 'node:util';
import type { Environment, Output } from './world.ts';

export type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  /** Characters in a line; null when nobody cuts lines (a file, a pipe). */
  readonly width: number | null;
  paint(style: Style, text: string): string;
  line(text?: string): void;
}

const WIDTH_UNKNOWN = 80;

export function openTerminal(output: Output, env: Environment): Terminal {
  const isTerminal = output.isTTY === true;
  // https://no-color.org: present and not empty, whatever the value.
  const hasColor = isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
  return {
    isTerminal,
    hasColor,
    width: isTerminal ? output.columns || WIDTH_UNKNOWN : null,
    paint: (style, text) => (hasColor ? styleText(style, text, { validateStream: false }) : text),
    line: (text = '') => void output.write(`${text}\n`),
  };
}
