/** Shows a picture file in the terminal, in the best way that it has; a preview that fails is no fault. */
import type { Terminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';
import { choosePreview } from './choose-preview.ts';
import { halfBlocks } from './half-blocks.ts';
import { itermPicture } from './iterm.ts';
import { kittyPicture } from './kitty.ts';

/** Lines of text that a preview takes at most. */
const ROWS_MAX = 18;
const COLUMNS_MAX = 72;
/** A terminal's letters are about this high. */
const ROW_PIXELS = 32;

export async function showPreview(world: CliWorld, terminal: Terminal, path: string): Promise<void> {
  if (!terminal.isTerminal) return;
  const kind = choosePreview(world.env, terminal.hasColor);
  if (kind === 'none') return;
  const columns = Math.min(COLUMNS_MAX, (terminal.width ?? 80) - 1);
  try {
    if (kind === 'half_blocks') {
      const pixels = await world.parts.decodePicture(path, { width: columns, height: ROWS_MAX * 2 });
      world.stderr.write(halfBlocks(pixels));
      return;
    }
    const box = { width: (columns * ROW_PIXELS) / 2, height: ROWS_MAX * ROW_PIXELS };
    const pixels = await world.parts.decodePicture(path, box);
    const rows = Math.max(1, Math.min(ROWS_MAX, Math.ceil(pixels.height / ROW_PIXELS)));
    const png = await world.parts.encodePng(pixels);
    world.stderr.write(kind === 'kitty' ? kittyPicture(png, rows) : itermPicture(png, rows));
  } catch (error) {
    terminal.line(terminal.paint('dim', `(no preview: ${error instanceof Error ? error.message : String(error)})`));
  }
}
