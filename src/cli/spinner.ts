/** A line that moves while somebody waits at a terminal; a single plain line anywhere else, or nothing. */
import type { Terminal } from './terminal.ts';
import type { Output } from './world.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 80;
/** To the line's beginning, and erase it (ECMA-48 EL). */
export const CLEAR_LINE = '\r\u001b[K';

export interface Spinner {
  say(text: string): void;
  /** Takes the line away; safe to call twice. */
  stop(): void;
}

export function startSpinner(output: Output, terminal: Terminal, now: () => number, text: string): Spinner {
  if (!terminal.isTerminal) return { say: () => {}, stop: () => {} };
  const started_at = now();
  let shown = text;
  let frame = 0;
  const draw = () => {
    const seconds = ((now() - started_at) / 1000).toFixed(1);
    const mark = FRAMES[frame++ % FRAMES.length] ?? '';
    const room = Math.max(10, (terminal.width ?? 80) - seconds.length - 6);
    output.write(
      `${CLEAR_LINE}${terminal.paint('cyan', mark)} ${shown.slice(0, room)} ${terminal.paint('dim', `${seconds} s`)}`,
    );
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  let running = true;
  return {
    say: (next) => {
      shown = next;
    },
    stop: () => {
      if (!running) return;
      running = false;
      clearInterval(timer);
      output.write(CLEAR_LINE);
    },
  };
}
