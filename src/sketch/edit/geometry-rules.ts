import { Canvas } from '../raster/canvas.ts';
import type { EditCall, EditRule } from './edit-rule.ts';
import { unitOf } from './edit-rule.ts';
import { pastePicture } from './paste-picture.ts';
import { coverResize, type Region, resample } from './resample.ts';
import { blur, sharpen } from './style-rules.ts';

/** Which part words mean, as shares of width and height. */
const parts: readonly { readonly words: RegExp; readonly x: number; readonly y: number; readonly size: number }[] = [
  { words: /\b(?:top|upper)[ -]?left\b/, x: 0, y: 0, size: 0.6 },
  { words: /\b(?:top|upper)[ -]?right\b/, x: 1, y: 0, size: 0.6 },
  { words: /\b(?:bottom|lower)[ -]?left\b/, x: 0, y: 1, size: 0.6 },
  { words: /\b(?:bottom|lower)[ -]?right\b/, x: 1, y: 1, size: 0.6 },
  { words: /\bleft\b/, x: 0, y: 0.5, size: 0.6 },
  { words: /\bright\b/, x: 1, y: 0.5, size: 0.6 },
  { words: /\b(?:top|upper|sky)\b/, x: 0.5, y: 0, size: 0.6 },
  { words: /\b(?:bottom|lower|ground)\b/, x: 0.5, y: 1, size: 0.6 },
  { words: /\b(?:face|head|portrait)\b/, x: 0.5, y: 0.22, size: 0.5 },
];

/** A part of the picture fills the canvas. */
function crop({ canvas, clause }: EditCall): Canvas {
  const part = parts.find(({ words }) => words.test(clause)) ?? { x: 0.5, y: 0.5, size: 0.66 };
  return enlarge(canvas, part.size, part);
}

function enlarge(canvas: Canvas, size: number, focus: { readonly x: number; readonly y: number }): Canvas {
  const { width, height } = canvas;
  const region: Region = {
    x: width * (1 - size) * focus.x,
    y: height * (1 - size) * focus.y,
    width: width * size,
    height: height * size,
  };
  return resample(canvas, region, width, height);
}

/** The picture at 70 %, its edges mirrored outwards and melting the further they are from it. */
function zoomOut({ canvas }: EditCall): Canvas {
  const { width, height } = canvas;
  const inner = resample(canvas, { x: 0, y: 0, width, height }, Math.round(width * 0.7), Math.round(height * 0.7));
  const left = Math.round((width - inner.width) / 2);
  const top = Math.round((height - inner.height) / 2);
  const out = new Canvas(width, height);
  const fold = (at: number, size: number) => (at < 0 ? -at - 1 : at >= size ? 2 * size - at - 1 : at);
  for (let y = 0; y < height; y++) {
    const row = fold(y - top, inner.height) * inner.width;
    for (let x = 0; x < width; x++) out.words[y * width + x] = inner.words[row + fold(x - left, inner.width)] ?? 0;
  }
  blur(out, 16 * unitOf(canvas) + 1);
  pastePicture(out, inner, left, top, Math.round(Math.min(width, height) * 0.035));
  return out;
}

export function mirrorAcross({ width, height, words }: Canvas): void {
  for (let y = 0; y < height; y++) words.subarray(y * width, (y + 1) * width).reverse();
}

/** Upside down: all pixels in reverse order are turned by half; mirrored across again, they are flipped. */
function flipDown(canvas: Canvas): void {
  canvas.words.reverse();
  mirrorAcross(canvas);
}

function quarterTurn(canvas: Canvas, clockwise: boolean): Canvas {
  const { width, height, words } = canvas;
  const turned = new Canvas(height, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = clockwise ? x * height + (height - 1 - y) : (width - 1 - x) * height + y;
      turned.words[to] = words[y * width + x] ?? 0;
    }
  }
  return coverResize(turned, width, height);
}

function rotate({ canvas, match, clause }: EditCall): Canvas | undefined {
  const said = Number(match[1] ?? match[2] ?? 90);
  const counter = /\b(?:counter-?clockwise|anti-?clockwise|to the left|left)\b/.test(clause);
  const degrees = (((counter ? -said : said) % 360) + 360) % 360 || 0;
  if (/upside[ -]down/.test(match[0]) || degrees === 180) {
    canvas.words.reverse();
    return undefined;
  }
  if (degrees === 90 || degrees === 270) return quarterTurn(canvas, degrees === 90);
  return turn(canvas, (degrees * Math.PI) / 180);
}

/** Any angle, enlarged so far that no corner stays empty; read bilinearly. */
function turn(canvas: Canvas, angle: number): Canvas {
  const { width, height, data } = canvas;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const scale = Math.max(
    Math.abs(cos) + (Math.abs(sin) * height) / width,
    Math.abs(cos) + (Math.abs(sin) * width) / height,
  );
  const out = new Canvas(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = (x + 0.5 - width / 2) / scale;
      const dy = (y + 0.5 - height / 2) / scale;
      const sourceX = Math.max(0, Math.min(width - 1.001, dx * cos + dy * sin + width / 2 - 0.5));
      const sourceY = Math.max(0, Math.min(height - 1.001, dy * cos - dx * sin + height / 2 - 0.5));
      const left = sourceX | 0;
      const top = sourceY | 0;
      const fx = sourceX - left;
      const fy = sourceY - top;
      const at = (top * width + left) * 4;
      const below = at + width * 4;
      const to = (y * width + x) * 4;
      for (let channel = 0; channel < 4; channel++) {
        const upper = (data[at + channel] ?? 0) * (1 - fx) + (data[at + 4 + channel] ?? 0) * fx;
        const lower = (data[below + channel] ?? 0) * (1 - fx) + (data[below + 4 + channel] ?? 0) * fx;
        out.data[to + channel] = upper * (1 - fy) + lower * fy + 0.5;
      }
    }
  }
  return out;
}

export const geometryRules: readonly EditRule[] = [
  { id: 'crop', words: /\b(?:crop(?:ped)?|trim|cut out the)\b/gi, says: 'cropped', apply: crop },
  {
    id: 'zoom-out',
    words:
      /\b(?:zoom(?:ed)? out|outpaint|expand(?: the)?(?: image| picture| photo| canvas)?|extend|uncrop|wider (?:view|shot))\b/gi,
    says: 'zoomed out',
    apply: zoomOut,
  },
  {
    id: 'zoom-in',
    words: /\b(?:zoom(?:ed)?(?: in)?|close[ -]?up|closer)\b/gi,
    says: 'zoomed in',
    apply: (call) =>
      enlarge(call.canvas, 0.6, parts.find(({ words }) => words.test(call.clause)) ?? { x: 0.5, y: 0.5 }),
  },
  {
    id: 'flip-down',
    words:
      /\b(?:flip(?:ped)?|mirror(?:ed)?) (?:it |the (?:image|picture|photo) )?(?:vertical(?:ly)?|top to bottom)\b/gi,
    says: 'flipped top to bottom',
    apply: ({ canvas }) => {
      flipDown(canvas);
      return undefined;
    },
  },
  {
    id: 'mirror',
    words:
      /\b(?:mirror(?:ed)?|flip(?:ped)?)\b(?: (?:it |the (?:image|picture|photo) )?(?:horizontal(?:ly)?|left to right))?/gi,
    says: 'mirrored',
    apply: ({ canvas }) => {
      mirrorAcross(canvas);
      return undefined;
    },
  },
  {
    id: 'rotate',
    words:
      /\brotated?\b(?:[^.,;]{0,40}?\b(\d{1,3}) ?(?:°|deg\w*)?)?|\bturn(?:ed)? (?:it |the \w+ )?(\d{1,3}) ?(?:°|deg\w*)|\bupside[ -]down\b/gi,
    says: 'rotated',
    apply: rotate,
  },
  {
    id: 'upscale',
    words: /\b(?:upscaled?|enlarge[d]?|super[ -]?resolution|higher resolution|[248]k)\b/gi,
    says: 'enlarged and sharpened',
    apply: ({ canvas }) => {
      sharpen(canvas, 0.6);
      return undefined;
    },
  },
];
