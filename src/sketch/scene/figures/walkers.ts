import { mix } from '../../raster/color.ts';
import { ellipse, polygon } from '../../raster/shapes.ts';
import type { Pen } from '../pen.ts';
import type { FigureTable, Look } from './figure.ts';

interface Walker {
  readonly coat: number;
  readonly belly: number;
  readonly heavy: number;
  readonly neck: number;
  readonly kind: 'horse' | 'deer' | 'elephant';
}

/** Four legs in profile, facing right. */
function paintWalker(pen: Pen, look: Look, walker: Walker): void {
  const coat = look.colors[0] ?? walker.coat;
  const h = walker.heavy;
  const far = mix(coat, 0x100c14, 0.35);
  pen.shadow(0, 0, 0.6, 0.7, 0.14);
  const leg = (x: number, lean: number, color: number): void =>
    pen.limb([x, -0.42, x + lean, -0.22, x + lean * 0.4, -0.02], [0.13 * h, 0.065 * h, 0.055 * h], color, {
      puff: 1.2,
    });
  leg(-0.24, -0.05, far);
  leg(0.2, 0.06, far);
  if (walker.kind !== 'elephant')
    pen.limb(
      [-0.36, -0.58, -0.46, -0.45, -0.45, -0.24],
      walker.kind === 'horse' ? [0.06, 0.12, 0.02] : [0.06, 0.05, 0.03],
      walker.kind === 'horse' ? mix(coat, 0x100808, 0.6) : 0xf2e6d6,
    );
  else pen.line([-0.42, -0.56, -0.48, -0.4], [0.03, 0.012], far);
  const body = pen.shape(
    [
      -0.4,
      -0.56,
      -0.3,
      -0.66 - 0.06 * (h - 1),
      0,
      -0.63 - 0.12 * (h - 1),
      0.26,
      -0.68,
      0.36,
      -0.56,
      0.3,
      -0.38,
      0.05,
      -0.32 + 0.06 * (h - 1),
      -0.24,
      -0.34,
      -0.4,
      -0.4,
    ],
    coat,
    { puff: 1.3 },
  );
  pen.fur(body, coat, 0.03, walker.kind === 'elephant' ? 0 : 120, [-0.6, 0.4]);
  leg(-0.32, 0.03, coat);
  leg(0.27, -0.03, coat);
  for (const x of [-0.31, 0.26])
    pen.form(ellipse(x, -0.015, 0.042 * h, 0.025), walker.kind === 'elephant' ? mix(coat, 0xffffff, 0.3) : 0x2c2220);
  if (walker.kind === 'elephant') paintElephantHead(pen, coat);
  else paintLongHead(pen, look, walker, coat);
}

function paintLongHead(pen: Pen, look: Look, walker: Walker, coat: number): void {
  const top = -0.68 - walker.neck;
  if (walker.kind === 'horse') {
    const mane = pen.shape(
      [0.12, -0.66, 0.2, -0.86, 0.32, top - 0.08, 0.42, top - 0.08, 0.36, -0.8, 0.26, -0.62],
      mix(coat, 0x100808, 0.65),
      { puff: 0.9 },
    );
    pen.fur(mane, mix(coat, 0x100808, 0.65), 0.09, 120, [-0.8, 0.6]);
  }
  pen.shape([0.16, -0.64, 0.26, -0.8, 0.34, top, 0.46, top + 0.02, 0.44, -0.74, 0.38, -0.52, 0.24, -0.5], coat, {
    puff: 1.2,
  });
  for (const x of [0.36, 0.42])
    pen.shape([x - 0.02, top - 0.02, x - 0.005, top - 0.11, x + 0.035, top - 0.02], coat, { puff: 0.8 });
  pen.shape(
    [
      0.34,
      top + 0.02,
      0.4,
      top - 0.05,
      0.5,
      top - 0.02,
      0.62,
      top + 0.12,
      0.66,
      top + 0.19,
      0.6,
      top + 0.23,
      0.46,
      top + 0.16,
      0.38,
      top + 0.12,
    ],
    coat,
    { puff: 1.3 },
  );
  pen.form(ellipse(0.625, top + 0.185, 0.045, 0.04), mix(coat, walker.kind === 'deer' ? 0x2a1c18 : 0x181014, 0.6), {
    puff: 1,
  });
  pen.fill(ellipse(0.47, top + 0.035, 0.018), 0x0c080a);
  pen.fill(ellipse(0.475, top + 0.03, 0.006), 0xffffff);
  if (walker.kind === 'deer') {
    for (const side of [-1, 1]) {
      const base = 0.4 + side * 0.02;
      pen.line(
        [base, top - 0.04, base - 0.04 + side * 0.05, top - 0.2, base + side * 0.1, top - 0.34],
        [0.026, 0.02, 0.006],
        pen.tinted(0x7a5a3c),
      );
      pen.line(
        [base - 0.03 + side * 0.045, top - 0.18, base + 0.08 + side * 0.06, top - 0.26],
        [0.018, 0.004],
        pen.tinted(0x7a5a3c),
      );
    }
    for (let i = 0; i < 9; i++)
      pen.fill(
        ellipse(look.random.between(-0.32, 0.16), look.random.between(-0.6, -0.48), 0.012),
        pen.tinted(0xf2e2c8),
        { opacity: 0.8 },
      );
  }
  if (look.traits.has('unicorn'))
    pen.form(polygon([0.42, top - 0.04, 0.56, top - 0.27, 0.47, top - 0.03]), 0xf2d78a, { gloss: 1 });
}

function paintElephantHead(pen: Pen, coat: number): void {
  pen.shape(
    [
      0.22, -0.62, 0.3, -0.86, 0.48, -0.9, 0.58, -0.76, 0.6, -0.56, 0.62, -0.3, 0.7, -0.16, 0.74, -0.2, 0.78, -0.14,
      0.68, -0.06, 0.56, -0.14, 0.5, -0.34, 0.44, -0.5, 0.3, -0.5,
    ],
    coat,
    { puff: 1.3 },
  );
  pen.limb([0.5, -0.5, 0.6, -0.4, 0.7, -0.42], [0.045, 0.035, 0.01], 0xf6efe0, { gloss: 0.5 });
  pen.shape([0.3, -0.84, 0.12, -0.86, 0.04, -0.68, 0.1, -0.48, 0.24, -0.42, 0.34, -0.58], mix(coat, 0xe0a8a0, 0.16), {
    puff: 0.8,
  });
  pen.fill(ellipse(0.46, -0.7, 0.016), 0x0c080a);
}

const walkers: Readonly<Record<string, { readonly walker: Walker; readonly tall: number; readonly scale: number }>> = {
  horse: { walker: { coat: 0x8a5230, belly: 0, heavy: 1, neck: 0.28, kind: 'horse' }, tall: 1.25, scale: 0.9 },
  deer: { walker: { coat: 0xb0743e, belly: 0, heavy: 0.82, neck: 0.24, kind: 'deer' }, tall: 1.1, scale: 0.78 },
  elephant: { walker: { coat: 0x8a8c94, belly: 0, heavy: 1.75, neck: 0.1, kind: 'elephant' }, tall: 1.8, scale: 1.04 },
};

/** Beasts on four legs, in profile. */
export const walkingAnimals: FigureTable = Object.fromEntries(
  Object.entries(walkers).map(([name, { walker, tall, scale }]) => [
    name,
    {
      aspect: name === 'elephant' ? 1.3 : 1.05,
      habitat: 'ground' as const,
      tall,
      paint: (pen: Pen, look: Look) => paintWalker(pen.within({ x: -0.08, scale }), look, walker),
    },
  ]),
);
