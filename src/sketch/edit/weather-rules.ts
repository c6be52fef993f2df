import { Canvas, fillContours } from '../raster/canvas.ts';
import { linear } from '../raster/paint.ts';
import type { Random } from '../raster/random.ts';
import { colourMatch } from './colour-match.ts';
import { type EditCall, type EditRule, unitOf } from './edit-rule.ts';
import { applyGrade, type Grade } from './grade.ts';
import { recolour } from './recolour.ts';
import { type Scatter, scatter } from './scatter.ts';
import { enlarged } from './soft-copy.ts';

interface WeatherRow {
  readonly id: string;
  readonly words: RegExp;
  readonly says: string;
  /** Laid down first, so that the light fits the weather. */
  readonly grade?: Grade;
  readonly things: readonly Scatter[];
  readonly before?: (call: EditCall) => void;
}

const weatherRows: readonly WeatherRow[] = [
  {
    id: 'snow',
    words: /\b(?:snow(?:y|ing|fall|flakes?|storm)?|blizzard|winter(?:y| scene)?)\b/gi,
    says: 'snow',
    grade: { saturation: 0.72, exposure: 0.96, balance: [0.96, 1, 1.08], black: 16 },
    before: (call) => {
      snowGround(call);
      mist(call, 0xeef4fb, 0.22);
    },
    things: [
      { count: 900, size: [1.4, 4], colors: [0xffffff], opacity: [0.7, 1], shape: 'flake' },
      { count: 110, size: [5, 17], colors: [0xffffff], opacity: [0.45, 0.9], shape: 'flake' },
    ],
  },
  {
    id: 'rain',
    words: /\b(?:rain(?:y|ing|fall|storm|drops)?|drizzle|downpour|wet weather)\b/gi,
    says: 'rain',
    grade: { exposure: 0.76, saturation: 0.62, contrast: 1.05, balance: [0.94, 1, 1.06] },
    before: (call) => mist(call, 0x9fb0bd, 0.22),
    things: [
      { count: 620, size: [22, 60], colors: [0xe4eef7, 0xc5d5e2], opacity: [0.12, 0.34], shape: 'streak', turn: 0.272 },
      { count: 90, size: [70, 150], colors: [0xf2f7fb], opacity: [0.12, 0.28], shape: 'streak', turn: 0.272 },
    ],
  },
  {
    id: 'fog',
    words: /\b(?:fog(?:gy)?|mist(?:y)?|haz[ey]|smok[ey])\b/gi,
    says: 'fog',
    grade: { contrast: 0.78, saturation: 0.68, gamma: 1.08 },
    before: (call) => mist(call, 0xe6ebef, 0.62 * call.amount),
    things: [],
  },
  {
    id: 'motion',
    words: /\b(?:motion|speed|blow(?:ing|s)? in the wind|windy?|breez[ey]|energetic|dynamic)\b/gi,
    says: 'wind and motion',
    grade: { saturation: 1.14, contrast: 1.08 },
    before: windStreaks,
    things: [],
  },
  {
    id: 'autumn',
    words: /\b(?:autumn(?:al)?|fall (?:colou?rs|foliage|season)|indian summer)\b(?! leaves| leaf)/gi,
    says: 'autumn colours',
    grade: { balance: [1.06, 1, 0.9] },
    before: ({ canvas }) => recolour(canvas, [{ from: colourMatch(0x4c9a4f, 2), to: 0xd98a2b }]),
    things: [],
  },
  {
    id: 'leaves',
    words: /\b(?:(?:falling |flying |autumn |fall |blowing |swirling )*(?:leaves|leaf))\b/gi,
    says: 'flying leaves',
    things: [
      {
        count: 46,
        size: [16, 60],
        colors: [0xd9622b, 0xc8401f, 0xe9a13b, 0xb5832e, 0x8f3a1c],
        opacity: [0.9, 1],
        shape: 'leaf',
      },
      { count: 5, size: [80, 140], colors: [0xcf5a24, 0xe3952f], opacity: [0.92, 1], shape: 'leaf' },
    ],
  },
  {
    id: 'petals',
    words: /\b(?:petals|cherry blossoms?|sakura|blossoms)\b/gi,
    says: 'petals',
    things: [{ count: 90, size: [10, 46], colors: [0xffc9d9, 0xffb3c9, 0xffe3ea], opacity: [0.85, 1], shape: 'petal' }],
  },
  {
    id: 'confetti',
    words: /\b(?:confetti|party|celebrat\w+|festive)\b/gi,
    says: 'confetti',
    things: [
      {
        count: 170,
        size: [9, 30],
        colors: [0xff4d6d, 0xffb703, 0x3a86ff, 0x06d6a0, 0x9b5de5, 0xffffff],
        opacity: [0.9, 1],
        shape: 'ribbon',
      },
    ],
  },
  {
    id: 'bubbles',
    words: /\b(?:soap )?bubbles\b/gi,
    says: 'bubbles',
    things: [
      { count: 34, size: [12, 90], colors: [0xbfe9ff, 0xffd6f5, 0xd6ffe8], opacity: [0.5, 0.85], shape: 'bubble' },
    ],
  },
  {
    id: 'sparks',
    words:
      /\b(?:fireflies|sparks?|sparkl\w+|magic(?:al)?|glitter|fairy (?:dust|lights)|particles|glowing dust|embers)\b/gi,
    says: 'sparks of light',
    things: [{ count: 120, size: [2.5, 9], colors: [0xfff1a8, 0xffe08a, 0xffffff], opacity: [0.7, 1], shape: 'spark' }],
  },
];

export const weatherRules: readonly EditRule[] = weatherRows.map((row) => ({
  id: row.id,
  words: row.words,
  says: row.says,
  apply: (call) => {
    if (row.grade) applyGrade(call.canvas, row.grade);
    row.before?.(call);
    for (const things of row.things) scatter(call.canvas, things, call.random, call.amount);
    return undefined;
  },
}));

/** Grass and leaves carry snow: what is green below the horizon turns white, its light and shade kept. */
function snowGround({ canvas, sky }: EditCall): void {
  const { width, height, data } = canvas;
  const share = new Uint8Array(width);
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let y = 0; y < height; y++) {
    sky().readRow(y, canvas, share);
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
      const r = data[at] ?? 0;
      const g = data[at + 1] ?? 0;
      const b = data[at + 2] ?? 0;
      const green = Math.min(1, Math.max(0, (g - Math.max(r * 0.94, b)) / 26)) * (1 - (share[x] ?? 0) / 255);
      if (green === 0) continue;
      const light = 118 + (0.3 * r + 0.6 * g + 0.1 * b) * 0.85;
      out[at] = r + (light - 8 - r) * green * 0.88;
      out[at + 1] = g + (light - g) * green * 0.88;
      out[at + 2] = b + (light + 12 - b) * green * 0.88;
    }
  }
}

/** Veils of mist, thickest in the lower half and towards the horizon: two octaves of soft noise. */
function mist(call: EditCall, color: number, strength: number): void {
  const { canvas } = call;
  const { width, height, data } = canvas;
  const veil = enlarged(cloudField(call.random.fork('mist')), width, height);
  const row = new Uint8ClampedArray(width * 3);
  const [r, g, b] = [(color >> 16) & 255, (color >> 8) & 255, color & 255];
  const horizon = call.sky().coverage === 0 ? 0.5 : call.sky().horizon;
  for (let y = 0; y < height; y++) {
    veil.readRow(y, row);
    const depth = Math.exp(-(((y / height - horizon) / 0.34) ** 2));
    const base = strength * (0.42 + 0.58 * depth);
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
      const k = Math.min(0.94, base * (0.55 + (row[x * 3] ?? 0) / 300));
      data[at] = (data[at] ?? 0) * (1 - k) + r * k;
      data[at + 1] = (data[at + 1] ?? 0) * (1 - k) + g * k;
      data[at + 2] = (data[at + 2] ?? 0) * (1 - k) + b * k;
    }
  }
}

/** A small grey picture of clouds: random dots joined by bilinear reading, coarse and fine. */
export function cloudField(random: Random): Canvas {
  const coarse = new Canvas(7, 10);
  const fine = new Canvas(22, 40);
  for (const field of [coarse, fine]) {
    for (let at = 0; at < field.data.length; at += 4) field.data.fill(random.whole(0, 255), at, at + 3);
  }
  const field = new Canvas(96, 96);
  const wide = enlarged(coarse, 96, 96);
  const narrow = enlarged(fine, 96, 96);
  const a = new Uint8ClampedArray(96 * 3);
  const b = new Uint8ClampedArray(96 * 3);
  for (let y = 0; y < 96; y++) {
    wide.readRow(y, a);
    narrow.readRow(y, b);
    for (let x = 0; x < 96; x++) {
      const value = (a[x * 3] ?? 0) * 0.66 + (b[x * 3] ?? 0) * 0.34;
      field.data.fill(value, (y * 96 + x) * 4, (y * 96 + x) * 4 + 3);
    }
  }
  return field;
}

/** Curved streaks of wind, as an illustrator draws them. */
function windStreaks({ canvas, random }: EditCall): void {
  const { width, height } = canvas;
  const unit = unitOf(canvas);
  for (let i = 0; i < 16; i++) {
    const x = random.between(-0.2, 0.75) * width;
    const y = random.between(0.05, 0.95) * height;
    const length = random.between(0.25, 0.6) * width;
    const lift = random.between(-0.05, 0.05) * height;
    const thick = random.between(1.4, 4.2) * unit;
    const upper: number[] = [];
    const lower: number[] = [];
    for (let step = 0; step <= 24; step++) {
      const t = step / 24;
      const px = x + t * length;
      const py = y + Math.sin(t * Math.PI * 1.5) * lift;
      const half = thick * Math.sin(t * Math.PI);
      upper.push(px, py - half);
      lower.unshift(px, py + half);
    }
    const outline = Float32Array.from([...upper, ...lower]);
    fillContours(
      canvas,
      [outline],
      linear(x, y, x + length, y, [
        [0, 0xffffff, 0],
        [0.6, 0xffffff, 0.5],
        [1, 0xffffff, 0],
      ]),
    );
  }
}
