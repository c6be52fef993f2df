/** A picture in letters: each `▀` is two pixels, the upper in the text's colour, the lower in the ground's. */
import type { Pixels } from '../../contracts/media.ts';

type Rgb = readonly [red: number, green: number, blue: number];

/** One line of text for every two rows of pixels. Transparency is laid over black. */
export function halfBlocks(pixels: Pixels): string {
  const lines: string[] = [];
  for (let y = 0; y < pixels.height; y += 2) {
    let line = '';
    let before = '';
    for (let x = 0; x < pixels.width; x++) {
      const lower = y + 1 < pixels.height ? `;48;2;${colorAt(pixels, x, y + 1).join(';')}` : '';
      const colors = `\u001b[38;2;${colorAt(pixels, x, y).join(';')}${lower}m`;
      line += colors === before ? '▀' : `${colors}▀`;
      before = colors;
    }
    lines.push(`${line}\u001b[0m\n`);
  }
  return lines.join('');
}

function colorAt({ data, width }: Pixels, x: number, y: number): Rgb {
  const at = (y * width + x) * 4;
  const alpha = data[at + 3] ?? 0;
  const over = (channel: number) => Math.round(((data[at + channel] ?? 0) * alpha) / 255);
  return [over(0), over(1), over(2)];
}
