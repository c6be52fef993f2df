import { type Canvas, fillContours } from '../raster/canvas.ts';
import { linear, radial, solid } from '../raster/paint.ts';
import { paintRainbow } from '../scene/layers/rainbow.ts';
import { addFigures, guestsOf } from './add-figures.ts';
import { colourIn } from './colour-match.ts';
import type { EditCall, EditRule } from './edit-rule.ts';
import { birdPoints, ellipse, placed } from './shapes.ts';

function birds({ canvas, random, area }: EditCall): undefined {
  const side = Math.min(area.width, area.height);
  const middleX = area.left + area.width * random.between(0.3, 0.7);
  const middleY = area.top + area.height * random.between(0.14, 0.24);
  for (let i = 0; i < 11; i++) {
    const x = middleX + random.between(-0.26, 0.26) * area.width;
    const y = middleY + random.between(-0.09, 0.09) * area.height;
    const size = side * random.between(0.024, 0.07);
    fillContours(
      canvas,
      [placed(birdPoints, x, y, size, random.between(-0.2, 0.2), random.between(0.8, 1.4))],
      solid(0x1b2230, 0.9),
    );
  }
  return undefined;
}

function balloon(canvas: Canvas, x: number, y: number, radius: number, color: number, hotAir: boolean): void {
  const tall = radius * (hotAir ? 1.12 : 1.2);
  const shade = radial(x - radius * 0.35, y - tall * 0.4, radius * 2, [
    [0, 0xffffff, 1],
    [0.22, color, 1],
    [0.7, color, 1],
    [1, 0x30101a, 1],
  ]);
  if (!hotAir) {
    const line = Float32Array.of(
      x - radius * 0.02,
      y + tall,
      x + radius * 0.02,
      y + tall,
      x + radius * 0.16,
      y + tall * 3,
      x + radius * 0.12,
      y + tall * 3,
    );
    fillContours(canvas, [line], solid(0xf0f0f0, 0.8));
    fillContours(canvas, [placed([0, -0.6, 0.5, 0.5, -0.5, 0.5], x, y + tall * 1.05, radius * 0.22)], solid(color));
    fillContours(canvas, [ellipse(x, y, radius, tall, 64)], shade);
    return;
  }
  const basket = y + tall * 1.55;
  const rope = (from: number, to: number) =>
    Float32Array.of(
      x + from - radius * 0.012,
      y + tall * 0.7,
      x + from + radius * 0.012,
      y + tall * 0.7,
      x + to + radius * 0.012,
      basket,
      x + to - radius * 0.012,
      basket,
    );
  fillContours(canvas, [rope(-radius * 0.55, -radius * 0.16), rope(radius * 0.55, radius * 0.16)], solid(0x3a2a1c));
  const envelope = Float32Array.from(
    Array.from({ length: 64 }, (_, i) => {
      const turn = (i / 64) * 2 * Math.PI;
      const down = Math.sin(turn);
      const narrow = down > 0 ? 1 - 0.62 * down ** 2.2 : 1;
      return [x + Math.cos(turn) * radius * narrow, y + down * (down > 0 ? tall * 1.2 : tall)];
    }).flat(),
  );
  fillContours(canvas, [envelope], solid(color));
  for (const [left, right, stripe] of [
    [-0.72, -0.36, 0xffffff],
    [0.0, 0.3, 0xffffff],
    [0.62, 0.84, 0xffffff],
  ] as const) {
    const points: number[] = [];
    for (let i = 0; i <= 24; i++) points.push(...gore(x, y, radius, tall, left, i / 24));
    for (let i = 24; i >= 0; i--) points.push(...gore(x, y, radius, tall, right, i / 24));
    fillContours(canvas, [Float32Array.from(points)], solid(stripe, 0.85));
  }
  const light = linear(x - radius, y, x + radius, y, [
    [0, 0x000000, 0.1],
    [0.3, 0xffffff, 0.25],
    [0.6, 0x000000, 0.02],
    [1, 0x000000, 0.42],
  ]);
  fillContours(canvas, [envelope], light);
  fillContours(
    canvas,
    [placed([-0.5, -0.4, 0.5, -0.4, 0.4, 0.4, -0.4, 0.4], x, basket + radius * 0.1, radius * 0.4)],
    solid(0x6d4524),
  );
}

/** A point on a meridian of the envelope: `at` -1 .. 1 from its left edge to its right one, `down` 0 .. 1. */
function gore(x: number, y: number, radius: number, tall: number, at: number, down: number): [number, number] {
  const turn = -Math.PI / 2 + down * Math.PI;
  const sin = Math.sin(turn);
  const narrow = sin > 0 ? 1 - 0.62 * sin ** 2.2 : 1;
  return [x + Math.cos(turn) * radius * narrow * at, y + sin * (sin > 0 ? tall * 1.2 : tall)];
}

function balloons({ canvas, match, random, area, clause }: EditCall): undefined {
  const hotAir = /hot[ -]?air/.test(match[0].toLowerCase());
  const many = /s$/.test(match[0].trim().toLowerCase());
  const side = Math.min(area.width, area.height);
  const colors = [0xd9352f, 0xf2a93b, 0x2f6fd0, 0x7d3fb2, 0x1f9d6b] as const;
  const count = many ? (hotAir ? 3 : 6) : 1;
  const named = colourIn(clause);
  const left = /\bleft\b/.test(clause) ? 0.24 : /\bright\b/.test(clause) ? 0.76 : 0.68;
  for (let i = 0; i < count; i++) {
    const x = area.left + area.width * (many ? (i + 0.5) / count + random.between(-0.06, 0.06) : left);
    const y = area.top + area.height * random.between(0.18, 0.36);
    const radius = side * (hotAir ? 0.11 : 0.07) * (many ? random.between(0.55, 1.15) : 1.15);
    balloon(canvas, x, y, radius, named ?? colors[(i + random.whole(0, 4)) % 5] ?? colors[0], hotAir);
  }
  return undefined;
}

function rainbow({ canvas, random }: EditCall): undefined {
  const { width, height } = canvas;
  const arch = { x: width * random.between(0.4, 0.6), y: height * 0.95, radius: Math.max(width, height) * 0.62 };
  paintRainbow(canvas, arch, { strength: 0.38, blend: 'screen' });
  return undefined;
}

export const objectRules: readonly EditRule[] = [
  {
    id: 'birds',
    words: /\b(?:a )?(?:flock of |flying |some )*(?:birds|seagulls|gulls|swallows)\b/gi,
    says: 'birds',
    apply: birds,
  },
  { id: 'balloon', words: /\b(?:hot[ -]?air )?balloons?\b/gi, says: 'balloons', apply: balloons },
  { id: 'rainbow', words: /\brainbow\b/gi, says: 'a rainbow', apply: rainbow },
];

/** Read last, from what the other rules left over: anything that the painter can draw. */
export const figureRules: readonly EditRule[] = [
  {
    id: 'figures',
    words:
      /\b(?:add(?:ing)?|put|place|insert|draw|include|paint|introduce|(?:replace|swap)\b[^.;\n]{0,40}?\b(?:with|by|for)|(?:turn|change|transform)\b[^.;\n]{0,40}?\b(?:into|to)|show(?:ing)?|want|needs?)\b\s*([^.;\n]{2,160}?)(?=\s+(?:and|then) (?:make|turn|change|add|set|put|give)\b|[.;\n]|$)/gi,
    says: 'drawn in: $1',
    // With several pictures, who is put where comes from the pictures.
    accepts: (match, pictures) => pictures < 2 && guestsOf(match[1] ?? '').length > 0,
    apply: (call) => {
      addFigures(call, call.match[1] ?? '');
      return undefined;
    },
  },
];
