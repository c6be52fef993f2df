import type { Color } from '../../raster/color.ts';
import { mix } from '../../raster/color.ts';
import { blob, ellipse } from '../../raster/shapes.ts';
import { paintPaper } from '../layers/paper.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

type Element = (pen: Pen, size: number, color: Color) => void;

/** Drawn pointing away from the centre (towards -y), about `size` long. */
const elements: Readonly<Record<string, Element>> = {
  petal: (pen, s, c) => {
    pen.form(blob([0, 0, s * 0.3, -s * 0.4, s * 0.22, -s * 0.85, 0, -s, -s * 0.22, -s * 0.85, -s * 0.3, -s * 0.4]), c, {
      puff: 0.9,
    });
    pen.line([0, -s * 0.1, 0, -s * 0.75], [s * 0.04, s * 0.008], mix(c, 0x5a1030, 0.35), { opacity: 0.5 });
  },
  leaf: (pen, s, c) => {
    pen.form(blob([0, 0, s * 0.2, -s * 0.45, 0, -s, -s * 0.2, -s * 0.45]), c, { puff: 0.8 });
    pen.line([0, 0, 0, -s * 0.92], [s * 0.045, s * 0.008], mix(c, 0xf2f6c0, 0.55), { opacity: 0.7 });
  },
  berry: (pen, s, c) => {
    pen.shadow(0, -s * 0.45, s * 0.55, 0.5, 1);
    pen.form(ellipse(0, -s * 0.5, s * 0.42), c, { puff: 1.8, gloss: 0.9 });
  },
  daisy: (pen, s, c) => {
    for (let i = 0; i < 9; i++) {
      const flower = pen.within({ y: -s * 0.5, turn: (i / 9) * Math.PI * 2 });
      flower.form(ellipse(0, -s * 0.3, s * 0.12, s * 0.24), c, { puff: 0.9 });
    }
    pen.form(ellipse(0, -s * 0.5, s * 0.16), 0xe8a82c, { puff: 1.3, grain: 22 });
  },
  citrus: (pen, s, c) => {
    pen.form(ellipse(0, -s * 0.5, s * 0.48), c, { puff: 0.7 });
    pen.fill(ellipse(0, -s * 0.5, s * 0.41), mix(c, 0xffffff, 0.78));
    for (let i = 0; i < 8; i++)
      pen
        .within({ y: -s * 0.5, turn: (i / 8) * Math.PI * 2 })
        .form(blob([0, -s * 0.04, s * 0.11, -s * 0.34, 0, -s * 0.38, -s * 0.11, -s * 0.34]), mix(c, 0xffd080, 0.25), {
          puff: 0.6,
          gloss: 0.4,
        });
  },
  seed: (pen, s, c) => {
    pen.form(ellipse(0, -s * 0.5, s * 0.17, s * 0.36), c, { puff: 1.2, gloss: 0.3 });
  },
};

const palettes: readonly (readonly Color[])[] = [
  [0xd8305a, 0xf2952c, 0xf6cc3a, 0x7a3fb2, 0xf08fb0, 0xf8f0e6],
  [0xe8503a, 0xf2b63a, 0x9a3f8a, 0xf4a0b8, 0xfaf4e8, 0xc8283a],
  [0x5a4ab8, 0xe86a9a, 0xf2c23a, 0x3f9ab0, 0xf8f2ea, 0xd8405a],
];

/** Rings of petals, leaves, fruit and seeds, every ring the same all the way round. */
export function composeMandala(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const random = picture.random.fork('mandala');
  const palette = facts.colors.length >= 3 ? facts.colors : (palettes[random.whole(0, palettes.length - 1)] ?? []);
  const leaves = [0x4a8a3f, 0x2f6a44, 0x7aa84a];
  const pen = Pen.at(stage, stage.width / 2, stage.height / 2, stage.short * 0.47);
  const names = ['leaf', 'petal', 'daisy', 'leaf', 'petal', 'citrus', 'leaf', 'petal', 'berry', 'seed'];
  const fold = random.pick([8, 12, 10, 16]);
  const layers: Layer[] = [
    {
      name: 'cloth',
      paint: () => {
        paintPaper(stage, facts.background ?? 0xe9e2d6, 0.25);
        pen.shadow(0, 0.02, 1.12, 0.4, 1);
      },
    },
  ];
  const rings = 9;
  const shift = random.whole(0, names.length - 1);
  for (let ring = 0; ring < rings; ring++) {
    const far = 1 - ring / rings;
    const name = names[(ring + shift) % names.length] ?? 'petal';
    const color =
      name === 'leaf'
        ? (leaves[ring % 3] ?? 0x4a8a3f)
        : name === 'seed'
          ? 0x6a4426
          : name === 'citrus'
            ? 0xf2952c
            : (palette[(ring + shift) % palette.length] ?? 0xd8305a);
    layers.push({
      name: `ring ${ring + 1}`,
      paint: () => {
        const count = fold * (far > 0.62 ? 2 : 1) * (name === 'seed' || name === 'berry' ? 2 : 1);
        const size = Math.min(
          far * 0.42 + 0.04,
          ((Math.PI * 2 * far) / count) * (name === 'petal' || name === 'leaf' ? 2.1 : 1.05),
          0.3,
        );
        for (let i = 0; i < count; i++) {
          const turn = ((i + (ring % 2) * 0.5) / count) * Math.PI * 2;
          elements[name]?.(
            pen.within({ turn }).within({ y: -(far - size) }),
            size,
            i % 2 === 0 ? color : mix(color, 0xffffff, 0.16),
          );
        }
      },
    });
  }
  layers.push({
    name: 'heart',
    paint: () => {
      for (let i = 0; i < fold; i++)
        elements.petal?.(pen.within({ turn: (i / fold) * Math.PI * 2 }), 0.15, palette[0] ?? 0xd8305a);
      pen.form(ellipse(0, 0, 0.055), 0xe0a02c, { puff: 1.4, grain: 26 });
    },
  });
  return layers;
}
