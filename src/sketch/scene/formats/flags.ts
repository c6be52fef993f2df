import { ellipse, rectangle, roundedRectangle } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';

/** Country -> bands (`v` side by side, `h` one over another) or a disc. */
const flags: readonly {
  readonly words: RegExp;
  readonly layout: 'v' | 'h' | 'disc';
  readonly colors: readonly number[];
}[] = [
  { words: /japan/i, layout: 'disc', colors: [0xffffff, 0xc8203a] },
  { words: /ital/i, layout: 'v', colors: [0x2f9a4f, 0xffffff, 0xd0303a] },
  { words: /franc|french/i, layout: 'v', colors: [0x2a4a9a, 0xffffff, 0xd0303a] },
  { words: /german/i, layout: 'h', colors: [0x202024, 0xd0303a, 0xf2c83a] },
  { words: /mexic/i, layout: 'v', colors: [0x2f7a4f, 0xffffff, 0xc8303a] },
  { words: /spain|spanish/i, layout: 'h', colors: [0xc8283a, 0xf2c83a, 0xc8283a] },
  { words: /ireland|irish/i, layout: 'v', colors: [0x2f9a5f, 0xffffff, 0xf08a3c] },
  { words: /india/i, layout: 'h', colors: [0xf29a3c, 0xffffff, 0x2f8a4f] },
  { words: /.*/, layout: 'h', colors: [0x3f78c4, 0xffffff, 0xd9574a] },
];

/** A small flag, one unit tall, standing on y = 0. */
export function paintFlag(pen: Pen, words: string): void {
  const flag = flags.find((row) => row.words.test(words));
  if (!flag) return;
  pen.shadow(0.03, -0.45, 1, 0.3, 0.6);
  const cloth = pen.clipped(roundedRectangle(-0.75, -1, 1.5, 1, 0.1));
  flag.colors.forEach((color, i) => {
    const count = flag.colors.length;
    if (flag.layout === 'disc') cloth.fill(i === 0 ? rectangle(-0.75, -1, 1.5, 1) : ellipse(0, -0.5, 0.3), color);
    else if (flag.layout === 'v') cloth.fill(rectangle(-0.75 + (i * 1.5) / count, -1, 1.5 / count, 1), color);
    else cloth.fill(rectangle(-0.75, -1 + i / count, 1.5, 1 / count), color);
  });
}
