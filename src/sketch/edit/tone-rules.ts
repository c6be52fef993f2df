import type { EditCall, EditRule } from './edit-rule.ts';
import { applyGrade, type Grade } from './grade.ts';
import { vignette } from './vignette.ts';

interface ToneRow {
  readonly id: string;
  readonly words: RegExp;
  readonly says: string;
  readonly grade: (amount: number) => Grade;
  /** Darkens the corners, 0 .. 1. */
  readonly vignette?: number;
}

/** Changes that treat every pixel alike: a row names the words and the grade. */
const toneRows: readonly ToneRow[] = [
  {
    id: 'black-and-white',
    words: /\b(?:black[ -]?(?:and|&|n)[ -]?white|b&w|monochrome|gr[ae]y[ -]?scale|desaturate[d]?|film noir|noir)\b/gi,
    says: 'black and white',
    grade: () => ({ saturation: 0, contrast: 1.12 }),
  },
  {
    id: 'sepia',
    words: /\b(?:sepia|old photo(?:graph)?|antique photo(?:graph)?|daguerreotype)\b/gi,
    says: 'sepia',
    grade: () => ({ saturation: 0.1, tint: 0.72, shadows: 0x24140a, highlights: 0xfbe6bf, black: 12, white: 248 }),
    vignette: 0.35,
  },
  {
    id: 'vintage',
    words: /\b(?:vintage|retro|faded film|polaroid look|1970s|70s|nostalgic film|old film|analog(?:ue)? film)\b/gi,
    says: 'vintage film',
    grade: () => ({
      saturation: 0.72,
      contrast: 0.92,
      black: 26,
      white: 242,
      balance: [1.06, 1, 0.86],
      tint: 0.16,
      shadows: 0x1d3340,
      highlights: 0xffd9a0,
    }),
    vignette: 0.4,
  },
  {
    id: 'invert',
    words: /\b(?:invert(?:ed)?(?: the)?(?: colou?rs?)?|negative (?:image|film|colou?rs?)|as a negative|x-?ray)\b/gi,
    says: 'colours inverted',
    grade: () => ({ invert: true }),
  },
  {
    id: 'posterize',
    words: /\b(?:posteri[sz]ed?|pop[ -]?art|screen[ -]?print|flat colou?rs|andy warhol|warhol)\b/gi,
    says: 'posterized',
    grade: () => ({ saturation: 1.55, contrast: 1.15, levels: 4 }),
  },
  {
    id: 'brighter',
    words:
      /\b(?:bright(?:er|en(?:ed)?(?: up)?)|lighter|lighten(?: up)?|more light|increase (?:the )?brightness|high[ -]key)\b/gi,
    says: 'brighter',
    grade: (amount) => ({ exposure: 1 + 0.12 * amount, gamma: 1 + 0.3 * amount }),
  },
  {
    id: 'darker',
    words:
      /\b(?:dark(?:er|en(?:ed)?)|dimmer|less light|(?:decrease|reduce|lower) (?:the )?brightness|low[ -]key|moody)\b/gi,
    says: 'darker',
    grade: (amount) => ({ exposure: 1 - 0.22 * amount, gamma: 1 - 0.18 * amount }),
  },
  {
    id: 'contrast-up',
    words:
      /\b(?:(?:more|higher|increase[d]?|boost(?:ed)?|add|strong(?:er)?|high)(?: the)? contrast|contrasty|punch(?:y|ier)|dramatic)\b/gi,
    says: 'more contrast',
    grade: (amount) => ({ contrast: 1 + 0.4 * amount, saturation: 1.08 }),
  },
  {
    id: 'contrast-down',
    words: /\b(?:(?:less|lower|reduce[d]?|decrease[d]?|low|soft(?:er)?)(?: the)? contrast|matte)\b/gi,
    says: 'less contrast',
    grade: (amount) => ({ contrast: 1 - 0.28 * amount, black: 18 }),
  },
  {
    id: 'saturation-up',
    words:
      /\b(?:(?:more|higher|increase[d]?|boost(?:ed)?|richer)(?: the)? (?:saturation|colou?rs?|colou?rful)|saturated|vibrant|vivid|colou?rful)\b/gi,
    says: 'more saturated',
    grade: (amount) => ({ saturation: 1 + 0.5 * amount, contrast: 1.05 }),
  },
  {
    id: 'saturation-down',
    words:
      /\b(?:(?:less|lower|reduce[d]?|decrease[d]?)(?: the)? (?:saturation|colou?rs?|colou?rful)|muted|pale|washed[ -]out)\b/gi,
    says: 'less saturated',
    grade: (amount) => ({ saturation: Math.max(0.15, 1 - 0.5 * amount) }),
  },
  {
    id: 'warm',
    words: /\b(?:warm(?:er|th)?|cozy|cosy)\b/gi,
    says: 'warmer',
    grade: (amount) => ({ balance: [1 + 0.1 * amount, 1 + 0.015 * amount, 1 - 0.13 * amount], gamma: 1.05 }),
  },
  {
    id: 'cool',
    words: /\b(?:cool(?:er)?|cold(?:er)?|icy|wintry tones?|blue[ -]toned)\b/gi,
    says: 'cooler',
    grade: (amount) => ({ balance: [1 - 0.12 * amount, 1, 1 + 0.12 * amount] }),
  },
  {
    id: 'cinematic',
    words: /\b(?:cinematic|teal (?:and|&) orange|movie[ -](?:look|still|poster)|film look|blockbuster)\b/gi,
    says: 'cinematic colours',
    grade: () => ({ contrast: 1.15, saturation: 1.05, tint: 0.22, shadows: 0x05303c, highlights: 0xffd3a1 }),
    vignette: 0.4,
  },
  {
    id: 'cyberpunk',
    words: /\b(?:cyberpunk|neon|synthwave|vaporwave|blade runner)\b/gi,
    says: 'neon colours',
    grade: () => ({
      exposure: 0.8,
      contrast: 1.25,
      saturation: 1.25,
      tint: 0.4,
      shadows: 0x1c0a4a,
      highlights: 0xff7ad9,
    }),
    vignette: 0.45,
  },
  {
    id: 'duotone',
    words: /\b(?:duo-?tone|two[ -]tone)\b/gi,
    says: 'two tones',
    grade: () => ({ saturation: 0, contrast: 1.2, tint: 0.9, shadows: 0x14213d, highlights: 0xfca311 }),
  },
];

const rowOf = (row: ToneRow): EditRule => ({
  id: row.id,
  words: row.words,
  says: row.says,
  apply: ({ canvas, amount }: EditCall) => {
    applyGrade(canvas, row.grade(amount));
    if (row.vignette !== undefined) vignette(canvas, row.vignette);
    return undefined;
  },
});

export const toneRules: readonly EditRule[] = [
  ...toneRows.map(rowOf),
  {
    id: 'vignette',
    words: /\bvignett\w*\b/gi,
    says: 'vignette',
    apply: ({ canvas, amount }) => {
      vignette(canvas, 0.6 * amount);
      return undefined;
    },
  },
];
