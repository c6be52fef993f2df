import { Canvas } from '../raster/canvas.ts';
import { hash2 } from '../raster/random.ts';
import { type EditCall, type EditRule, unitOf } from './edit-rule.ts';
import { estimateSubject } from './estimate-subject.ts';
import { applyGrade } from './grade.ts';
import { oilPaint } from './oil-paint.ts';
import { softCopy } from './soft-copy.ts';
import { vignette } from './vignette.ts';

/** Changes of rendering: each reads a blurred copy beside the picture, row by row. */
type RowMix = (
  picture: Uint8ClampedArray,
  soft: Uint8ClampedArray,
  at: number,
  to: number,
  x: number,
  y: number,
) => void;

function mixWithSoft(canvas: Canvas, sigma_px: number, mix: RowMix): void {
  const { width, height, data } = canvas;
  const soft = softCopy(canvas, sigma_px);
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  const row = new Uint8ClampedArray(width * 3);
  for (let y = 0; y < height; y++) {
    soft.readRow(y, row);
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) mix(out, row, at, x * 3, x, y);
  }
}

export function blur(canvas: Canvas, sigma_px: number): void {
  mixWithSoft(canvas, sigma_px, (picture, soft, at, to) => {
    picture[at] = soft[to] ?? 0;
    picture[at + 1] = soft[to + 1] ?? 0;
    picture[at + 2] = soft[to + 2] ?? 0;
  });
}

/** Unsharp mask. */
export function sharpen(canvas: Canvas, strength: number): void {
  mixWithSoft(canvas, Math.max(1, 1.6 * unitOf(canvas)), (picture, soft, at, to) => {
    for (let channel = 0; channel < 3; channel++) {
      const value = picture[at + channel] ?? 0;
      picture[at + channel] = value + (value - (soft[to + channel] ?? 0)) * strength;
    }
  });
}

/** Light spreads out of what is bright (Orton effect): the soft copy is screened over. */
export function softGlow(canvas: Canvas, strength: number): void {
  mixWithSoft(canvas, 14 * unitOf(canvas) + 1, (picture, soft, at, to) => {
    for (let channel = 0; channel < 3; channel++) {
      const value = picture[at + channel] ?? 0;
      const light = soft[to + channel] ?? 0;
      picture[at + channel] = value + ((255 - value) * light * light * strength) / 65025;
    }
  });
}

/** Graphite: what is darker than its surroundings becomes a line (colour dodge of the blurred negative), on toothed paper. */
function pencil({ canvas, random }: EditCall): undefined {
  applyGrade(canvas, { saturation: 0 });
  const seed = random.whole(0, 0x7fffffff);
  const unit = unitOf(canvas);
  const grain = Math.max(1, Math.round(1.5 * unit));
  const hatch = 7 * Math.max(unit, 0.5);
  mixWithSoft(canvas, 5 * unit + 0.6, (picture, soft, at, to, x, y) => {
    const value = picture[at] ?? 0;
    const ground = soft[to] ?? 0;
    const dodge = Math.min(255, (value * 255) / Math.max(1, ground));
    const tooth = (hash2(seed ^ ((x / grain) | 0), (y / grain) | 0) & 31) - 16;
    const stroke = Math.abs((((x + y * 0.8) / hatch) % 1) - 0.5) * 2;
    const shade = ground < 150 ? (150 - ground) * 0.5 * (0.35 + 0.65 * stroke) : 0;
    const line = 255 - (255 - dodge) * 1.9;
    const tone = line - shade + tooth * 0.5 - 6;
    picture[at] = tone + 1;
    picture[at + 1] = tone;
    picture[at + 2] = tone - 5;
  });
  return undefined;
}

/** Smooth washes with darker pigment at their edges on grained paper; `pastel` lifts the colours as animation backgrounds do. */
function watercolour(call: EditCall, pastel: boolean): undefined {
  const { canvas, random } = call;
  const unit = unitOf(canvas);
  oilPaint(canvas, pastel ? 5 : 7);
  const seed = random.whole(0, 0x7fffffff);
  const grain = Math.max(1, Math.round(2.2 * unit));
  mixWithSoft(canvas, 4 * unit + 0.7, (picture, soft, at, to, x, y) => {
    const tooth = (hash2(seed ^ ((x / grain) | 0), (y / grain) | 0) & 15) - 8;
    for (let channel = 0; channel < 3; channel++) {
      const value = picture[at + channel] ?? 0;
      const ground = soft[to + channel] ?? 0;
      const edge = (value - ground) * (pastel ? 0.7 : 1.1);
      picture[at + channel] = value + (edge < 0 ? edge : edge * 0.35) + tooth * (pastel ? 0.5 : 0.9);
    }
  });
  if (pastel) {
    applyGrade(canvas, {
      saturation: 1.16,
      gamma: 1.12,
      contrast: 0.98,
      balance: [1.05, 1.01, 0.95],
      tint: 0.12,
      shadows: 0x2e4a6b,
      highlights: 0xfff0cf,
      black: 8,
    });
    softGlow(canvas, 0.16);
  } else {
    applyGrade(canvas, { saturation: 1.12, gamma: 1.28, black: 22, white: 252 });
    paperEdge(canvas, seed);
  }
  return undefined;
}

/** Washes end in an uneven edge before the paper does. */
function paperEdge(canvas: Canvas, seed: number): void {
  const { width, height, data } = canvas;
  const margin = 30 * unitOf(canvas);
  const wave = (t: number, side: number) => {
    const bend = Math.sin(t * 0.021 + side + (seed & 255)) + Math.sin(t * 0.057 + side * 2.1) * 0.5;
    return margin * (0.8 + 0.3 * bend);
  };
  const scale = 1 / unitOf(canvas);
  for (let y = 0; y < height; y++) {
    const left = wave(y * scale, 1);
    const right = wave(y * scale, 2);
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
      const inside = Math.min(x - left, width - x - right, y - wave(x * scale, 3), height - y - wave(x * scale, 4));
      if (inside > margin * 0.6) {
        if (y > margin * 3 && y < height - margin * 3 && x < width / 2) {
          const skip = Math.floor(width - right - margin * 2) - x;
          if (skip > 0) {
            x += skip;
            at += skip * 4;
          }
        }
        continue;
      }
      const k = Math.max(0, Math.min(1, 0.5 - inside / (margin * 0.5)));
      data[at] = (data[at] ?? 0) + (252 - (data[at] ?? 0)) * k;
      data[at + 1] = (data[at + 1] ?? 0) + (249 - (data[at + 1] ?? 0)) * k;
      data[at + 2] = (data[at + 2] ?? 0) + (241 - (data[at + 2] ?? 0)) * k;
    }
  }
}

/** Blocks of one colour; about 64 across unless the words say more. */
function pixelate({ canvas, amount }: EditCall): undefined {
  const { width, height, words } = canvas;
  const block = Math.max(2, Math.round((Math.min(width, height) / 64) * amount));
  const soft = softCopy(canvas, block / 2);
  const row = new Uint8ClampedArray(width * 3);
  for (let top = 0; top < height; top += block) {
    soft.readRow(Math.min(height - 1, top + (block >> 1)), row);
    for (let left = 0; left < width; left += block) {
      const at = Math.min(width - 1, left + (block >> 1)) * 3;
      const word = ((255 << 24) | ((row[at + 2] ?? 0) << 16) | ((row[at + 1] ?? 0) << 8) | (row[at] ?? 0)) >>> 0;
      const right = Math.min(width, left + block);
      for (let y = top; y < Math.min(height, top + block); y++) words.fill(word, y * width + left, y * width + right);
    }
  }
  applyGrade(canvas, { saturation: 1.15, contrast: 1.06, levels: 12 });
  return undefined;
}

function cartoon({ canvas }: EditCall): undefined {
  const unit = unitOf(canvas);
  oilPaint(canvas, 5);
  applyGrade(canvas, { saturation: 1.4, contrast: 1.1, gamma: 1.08 });
  mixWithSoft(canvas, 2.2 * unit + 0.6, (picture, soft, at, to) => {
    const value = (picture[at] ?? 0) + (picture[at + 1] ?? 0) * 2 + (picture[at + 2] ?? 0);
    const ground = (soft[to] ?? 0) + (soft[to + 1] ?? 0) * 2 + (soft[to + 2] ?? 0);
    const ink = Math.min(1, Math.max(0, (ground - value - 26) / 70));
    for (let channel = 0; channel < 3; channel++)
      picture[at + channel] = (picture[at + channel] ?? 0) * (1 - ink * 0.85);
  });
  return undefined;
}

const done = (work: (call: EditCall) => void) => (call: EditCall) => {
  work(call);
  return undefined;
};

export const styleRules: readonly EditRule[] = [
  {
    id: 'blur-background',
    words:
      /\b(?:blur(?:red|ry)? (?:the )?background|background blur|bokeh|shallow depth of field|tilt[ -]shift|depth of field)\b/gi,
    says: 'blurred surroundings',
    apply: ({ canvas, amount }) => {
      focusBlur(canvas, amount);
      return undefined;
    },
  },
  {
    id: 'blur',
    words: /\b(?:blur(?:red|ry|ring)?|out of focus|soft focus|defocus(?:ed)?)\b/gi,
    says: 'blur',
    apply: done(({ canvas, amount }) => blur(canvas, 9 * amount * unitOf(canvas) + 0.5)),
  },
  {
    id: 'sharpen',
    words:
      /\b(?:sharp(?:er|en(?:ed)?)?|crisp(?:er)?|more detail(?:ed|s)?|ultra[ -]?detailed|clearer|enhance(?: the)? details?|denoise|restore)\b/gi,
    says: 'sharper',
    apply: done(({ canvas, amount }) => sharpen(canvas, 1.1 * amount)),
  },
  {
    id: 'glow',
    words:
      /\b(?:glow(?:ing)?|dream(?:y|like)|soft (?:natural )?light(?:ing)?|natural soft lighting|ethereal|bloom)\b/gi,
    says: 'soft glow',
    apply: done(({ canvas, amount }) => softGlow(canvas, 0.34 * amount)),
  },
  {
    id: 'style',
    words:
      /\b(?:pencil(?: sketch| drawing)?|(?:charcoal|graphite|line|hand)[ -]?(?:sketch|drawing|drawn)|(?:as|into|to|like) a (?:sketch|drawing)|sketch(?: style)?|line art)\b/gi,
    says: 'pencil drawing',
    apply: pencil,
  },
  {
    id: 'style',
    words:
      /\b(?:(?:studio )?ghibli(?:[ -](?:inspired|style))?|miyazaki|anime|soft pastel colou?rs|pastel|hand[ -]painted|illustration)\b/gi,
    says: 'hand-painted pastel illustration',
    apply: (call) => watercolour(call, true),
  },
  {
    id: 'style',
    words: /\b(?:water-?colou?r(?:s| painting)?|aquarelle|gouache)\b/gi,
    says: 'watercolour',
    apply: (call) => watercolour(call, false),
  },
  {
    id: 'style',
    words:
      /\b(?:oil(?: paint(?:ing|ed)?)?|impressionis[tm]\w*|van gogh|monet|painterly|acrylic|canvas painting|(?:as|into|like) a painting)\b/gi,
    says: 'oil painting',
    apply: ({ canvas }) => {
      oilPaint(canvas, 11);
      applyGrade(canvas, { saturation: 1.28, contrast: 1.1 });
      sharpen(canvas, 1.4);
      vignette(canvas, 0.2);
      return undefined;
    },
  },
  {
    id: 'style',
    words: /\b(?:pixel(?:ate[d]?|ated|[ -]?art)|8[ -]bit|16[ -]bit|mosaic|lego|minecraft)\b/gi,
    says: 'pixels',
    apply: pixelate,
  },
  {
    id: 'style',
    words: /\b(?:cartoon(?:ish|y)?|comic(?:[ -]book)?|cel[ -]shad(?:ed|ing)|caricature|vector(?: art)?|manga)\b/gi,
    says: 'comic drawing',
    apply: cartoon,
  },
];

/** Keeps what stands in front in focus, or an oval where that cannot be told; what is around it melts. */
function focusBlur(canvas: Canvas, amount: number): void {
  const subject = estimateSubject(canvas);
  const original = new Canvas(canvas.width, canvas.height, canvas.data.slice());
  const share = new Uint8Array(canvas.width);
  let row = -1;
  mixWithSoft(canvas, 12 * amount * unitOf(canvas) + 1, (picture, soft, at, to, x, y) => {
    if (y !== row) {
      subject.readRow(y, original, share);
      row = y;
    }
    const k = 1 - (share[x] ?? 0) / 255;
    if (k === 0) return;
    for (let channel = 0; channel < 3; channel++) {
      const value = picture[at + channel] ?? 0;
      picture[at + channel] = value + ((soft[to + channel] ?? 0) - value) * k;
    }
  });
}
