import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { Random } from '../../raster/random.ts';
import { blob, ellipse, polygon, rectangle, roundedRectangle, star } from '../../raster/shapes.ts';
import type { Look } from '../figures/figure.ts';
import { paintLander, paintRocket } from '../figures/vehicles.ts';
import type { Pen } from '../pen.ts';

interface IconScheme {
  readonly accent: Color;
  readonly text: Color;
}

const look: Look = { colors: [], traits: new Set(), neon: false, random: new Random(7) };

export function paintEarth(pen: Pen, x: number, y: number, r: number): void {
  pen.form(ellipse(x, y, r), 0x3f86c8, { puff: 1.6, gloss: 0.3 });
  const disc = pen.clipped(ellipse(x, y, r));
  disc.form(
    blob([
      x - r * 0.7,
      y - r * 0.5,
      x - r * 0.2,
      y - r * 0.75,
      x + r * 0.05,
      y - r * 0.3,
      x - r * 0.25,
      y,
      x - r * 0.3,
      y + r * 0.5,
      x - r * 0.6,
      y + r * 0.1,
    ]),
    0x66a85a,
  );
  disc.form(
    blob([
      x + r * 0.3,
      y - r * 0.2,
      x + r * 0.8,
      y - r * 0.4,
      x + r * 0.9,
      y + r * 0.2,
      x + r * 0.5,
      y + r * 0.6,
      x + r * 0.25,
      y + r * 0.25,
    ]),
    0x66a85a,
  );
  disc.line([x - r, y - r * 0.1, x - r * 0.2, y + r * 0.1, x + r, y - r * 0.15], r * 0.08, 0xffffff, { opacity: 0.5 });
}

export function paintMoon(pen: Pen, x: number, y: number, r: number): void {
  pen.form(ellipse(x, y, r), 0xc9ccd0, { puff: 1.6 });
  for (const [dx, dy, s] of [
    [-0.35, -0.3, 0.22],
    [0.3, 0.1, 0.28],
    [-0.2, 0.4, 0.16],
    [0.25, -0.5, 0.13],
    [-0.6, 0.15, 0.1],
  ] as const) {
    pen.form(ellipse(x + dx * r, y + dy * r, s * r, s * r * 0.92), 0xa9adb4, { puff: -0.8 });
  }
}

function orbit(pen: Pen, rx: number, ry: number, color: Color, from: number, to: number): void {
  const points: number[] = [];
  for (let i = 0; i <= 24; i++) {
    const angle = from + ((to - from) * i) / 24;
    points.push(Math.cos(angle) * rx, -0.5 + Math.sin(angle) * ry);
  }
  pen.line(points, 0.022, color);
}

type IconPaint = (pen: Pen, scheme: IconScheme) => void;

/** Words of a step -> its icon; the first row that fits. One unit tall, standing on y = 0. */
export const stepIcons: readonly { readonly words: RegExp; readonly paint: IconPaint }[] = [
  { words: /launch|lift|start|blast/i, paint: (pen) => paintRocket(pen.within({ y: -0.12, scale: 0.86 }), look) },
  { words: /lunar orbit|moon orbit/i, paint: (pen, s) => ringed(pen, s, paintMoon) },
  { words: /orbit/i, paint: (pen, s) => ringed(pen, s, paintEarth) },
  {
    words: /trans|trajectory|journey|travel|transfer|cruise/i,
    paint: (pen, s) => {
      paintEarth(pen, -0.34, -0.2, 0.2);
      paintMoon(pen, 0.4, -0.76, 0.11);
      for (let i = 0; i < 8; i++) {
        const at = (t: number): [number, number] => [-0.24 + t * 0.56, -0.4 - Math.sin(t * Math.PI * 0.62) * 0.44];
        pen.line([...at(i / 8), ...at((i + 0.55) / 8)], 0.026, s.accent);
      }
      pen.fill(polygon([0.24, -0.88, 0.35, -0.8, 0.22, -0.74]), s.accent);
    },
  },
  {
    words: /descen|descent|approach|drop/i,
    paint: (pen, s) => {
      paintLander(pen.within({ y: -0.3, scale: 0.66 }), look);
      pen.fill(blob([-0.06, -0.42, 0.06, -0.42, 0.03, -0.2, 0, -0.1, -0.03, -0.2]), 0xffb84a);
      for (const x of [-0.36, 0.36]) {
        pen.line([x, -0.62, x, -0.3], 0.022, s.accent);
        pen.fill(polygon([x - 0.06, -0.34, x + 0.06, -0.34, x, -0.22]), s.accent);
      }
      pen.line([-0.5, -0.02, 0.5, -0.02], 0.02, 0xc9ccd0);
    },
  },
  {
    words: /land|arriv|surface|touch/i,
    paint: (pen, s) => {
      pen.fill(blob([-0.62, -0.02, -0.4, -0.17, 0, -0.22, 0.4, -0.17, 0.62, -0.02]), 0xb4b8be);
      for (const [x, r] of [
        [-0.32, 0.05],
        [0.3, 0.06],
        [0.05, 0.035],
      ] as const)
        pen.fill(ellipse(x, -0.08, r, r * 0.4), 0x8c9098);
      paintLander(pen.within({ y: -0.16, scale: 0.72 }), look);
      pen.line([0.46, -0.14, 0.46, -0.52], 0.016, s.text);
      pen.fill(rectangle(0.46, -0.52, 0.18, 0.11), s.accent);
    },
  },
  {
    words: /idea|discover|think|learn|research/i,
    paint: (pen, s) => {
      pen.form(
        blob([
          0, -0.92, 0.26, -0.8, 0.3, -0.56, 0.14, -0.34, 0.12, -0.24, -0.12, -0.24, -0.14, -0.34, -0.3, -0.56, -0.26,
          -0.8,
        ]),
        0xf4d070,
        { gloss: 0.6 },
      );
      pen.form(roundedRectangle(-0.11, -0.24, 0.22, 0.16, 0.03), mix(s.text, 0x8a8e96, 0.5));
    },
  },
  {
    words: /plan|design|list|order|write/i,
    paint: (pen, s) => {
      pen.form(roundedRectangle(-0.3, -0.92, 0.6, 0.86, 0.05), 0xf4f2ec);
      for (let i = 0; i < 4; i++) {
        pen.fill(ellipse(-0.2, -0.74 + i * 0.17, 0.035), s.accent);
        pen.fill(roundedRectangle(-0.12, -0.765 + i * 0.17, 0.34, 0.05, 0.02), 0xa4a8b0);
      }
    },
  },
  {
    words: /build|make|mix|develop|work/i,
    paint: (pen, s) => {
      pen.form([star(0, -0.5, 0.42, 10, 0.8)], 0xb4b8c0, { puff: 0.7 });
      pen.fill(ellipse(0, -0.5, 0.17), s.accent);
    },
  },
];

function ringed(pen: Pen, scheme: IconScheme, planet: (pen: Pen, x: number, y: number, r: number) => void): void {
  orbit(pen, 0.52, 0.2, scheme.accent, Math.PI, Math.PI * 2);
  planet(pen, 0, -0.5, 0.3);
  orbit(pen, 0.52, 0.2, scheme.accent, 0, Math.PI);
  pen.fill(ellipse(0.4, -0.375, 0.045), scheme.text);
}
