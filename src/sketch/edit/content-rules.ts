import { understand } from '../prompt/understand.ts';
import { Canvas, fillContours } from '../raster/canvas.ts';
import { type Color, rgb } from '../raster/color.ts';
import { solid } from '../raster/paint.ts';
import { figureOf } from '../scene/figures/registry.ts';
import { addText, type TextPlace } from './add-text.ts';
import { type ColourMatch, colourIn, colourMatch, colourOf, colourWord, hsvOf, rgbOf } from './colour-match.ts';
import type { EditCall, EditRule } from './edit-rule.ts';
import { estimateSubject } from './estimate-subject.ts';
import { recolour } from './recolour.ts';
import type { RegionRow } from './region-reader.ts';
import { rectangle } from './shapes.ts';
import { findPatches, swapPlaces } from './swap-places.ts';

const quoted = String.raw`["“«'‘]([^"”»\n]{1,120}?)["”»'’]`;

function placeOf(clause: string): TextPlace {
  const y = /\b(?:top|above|header|upper|title|headline)\b/.test(clause)
    ? -1
    : /\b(?:middle|cent(?:er|re)d?|across)\b/.test(clause) && !/\bbottom\b/.test(clause)
      ? 0
      : 1;
  const x = /\bleft\b/.test(clause) ? -1 : /\bright\b/.test(clause) ? 1 : 0;
  return { x, y: x !== 0 && !/\b(?:top|bottom|upper|lower)\b/.test(clause) ? 0 : y };
}

function writeText(call: EditCall): undefined {
  const { canvas, match, clause, area } = call;
  const text = match
    .slice(1)
    .find((group) => group !== undefined)
    ?.trim();
  if (!text) return undefined;
  const around = clause.replace(text.toLowerCase(), '');
  addText(canvas, {
    ...placeOf(around),
    text,
    color: colourIn(around) ?? 0xffffff,
    family:
      /\b(?:serif|elegant|classic|vintage|typewriter|wedding)\b/.test(around) && !/sans/.test(around)
        ? 'serif'
        : 'sans',
    scale: /\b(?:small|tiny|subtle|little)\b/.test(around)
      ? 0.5
      : /\b(?:huge|giant|large|big)\b/.test(around)
        ? 1.5
        : 1,
    area,
  });
  return undefined;
}

function frame({ canvas, clause }: EditCall): undefined {
  const polaroid = /\bpolaroid\b/.test(clause);
  const wooden = /\bwood(?:en)?\b/.test(clause);
  const color = colourIn(clause) ?? (wooden ? 0x7a4b26 : polaroid ? 0xf8f6f0 : 0xffffff);
  drawFrame(canvas, color, polaroid ? 0.16 : 0.05, wooden);
  return undefined;
}

function drawFrame(canvas: Canvas, color: Color, foot: number, bevel: boolean): void {
  const { width, height } = canvas;
  const side = Math.min(width, height);
  const line = side * 0.05;
  const bottom = side * foot;
  const bars = [
    rectangle(0, 0, width, line),
    rectangle(0, height - bottom, width, bottom),
    rectangle(0, 0, line, height),
    rectangle(width - line, 0, line, height),
  ];
  fillContours(canvas, bars, solid(color));
  const inner = [
    rectangle(line, line, width - line * 2, line * 0.12),
    rectangle(line, line, line * 0.12, height - line - bottom),
  ];
  fillContours(canvas, inner, solid(0x000000, 0.35));
  if (bevel)
    fillContours(canvas, [rectangle(line * 0.35, line * 0.35, width - line * 0.7, line * 0.08)], solid(0xffffff, 0.35));
}

function swap(call: EditCall): undefined {
  const [, first = '', second = ''] = call.match;
  const a = colourOf(first);
  const b = colourOf(second);
  const places = /\b(?:position|place|location|block|cube|ball|box|car|object|shape|square|circle)s?\b/.test(
    call.clause,
  );
  const onlyColours = /\bcolou?rs?\b/.test(call.clause);
  if (places && !onlyColours && swapPlaces(call.canvas, colourMatch(a), colourMatch(b))) return undefined;
  recolour(call.canvas, [
    { from: colourMatch(a), to: b },
    { from: colourMatch(b), to: a },
  ]);
  return undefined;
}

/**
 * One thing was named: the patch of its colour that it can be. What stands or drives on the ground is the lowest of the large ones; else
 * the largest. Undefined for plurals and for no thing at all: then everything of the colour is meant.
 */
function patchOf(canvas: Canvas, match: ColourMatch, thing: string): RegionRow | undefined {
  if (!/\w{3}/.test(thing) || /\b(?:\w+s|colou?r|parts?|areas?|everything|pixels?)\b/i.test(thing)) return undefined;
  const patches = findPatches(canvas, match);
  const [largest] = patches;
  if (largest === undefined) return undefined;
  const grounded =
    understand(thing).subjects.some(({ kind }) => /ground|road/.test(figureOf(kind)?.habitat ?? '')) ||
    /\b(?:car|truck|bus|bike|bicycle|van|dog|cat|ball)\b/i.test(thing);
  const large = patches.filter((patch) => patch.pixels > largest.pixels * 0.12);
  const chosen = grounded
    ? large.reduce((low, patch) => (patch.top + patch.height > low.top + low.height ? patch : low))
    : largest;
  return (y, _picture, out) => {
    out.fill(0);
    if (y < chosen.top - 4 || y >= chosen.top + chosen.height + 4) return;
    out.fill(255, Math.max(0, chosen.left - 4), Math.min(out.length, chosen.left + chosen.width + 4));
  };
}

/** "make the red car blue", "replace red with blue": the first colour becomes the second. */
function change(call: EditCall): undefined {
  const [, from = '', thing = '', to = ''] = call.match;
  const match = colourMatch(colourOf(from));
  const one = patchOf(call.canvas, match, thing);
  recolour(call.canvas, [{ from: match, to: colourOf(to), ...(one === undefined ? {} : { region: one }) }]);
  return undefined;
}

/** What a thing's own colour is, when the words give only the new one. */
const ownColours: Readonly<Record<string, string>> = {
  grass: 'green',
  lawn: 'green',
  meadow: 'green',
  tree: 'green',
  trees: 'green',
  leaves: 'green',
  forest: 'green',
  sea: 'blue',
  ocean: 'blue',
  water: 'blue',
  lake: 'blue',
};

/** "make the grass yellow", "turn the sky green", "make the car blue": the new colour alone is named. */
function changeThing(call: EditCall): undefined {
  const [, thing = '', to = ''] = call.match;
  const own = ownColours[thing.trim().toLowerCase().split(' ').at(-1) ?? ''];
  if (own !== undefined) {
    recolour(call.canvas, [{ from: colourMatch(colourOf(own), 2.2), to: colourOf(to) }]);
    return undefined;
  }
  const region = /\bsky\b/i.test(thing) ? call.sky().readRow : estimateSubject(call.canvas).readRow;
  const before = new Canvas(call.canvas.width, call.canvas.height, call.canvas.data.slice());
  const main = /\bsky\b/i.test(thing) ? undefined : mainColour(before, region);
  recolour(call.canvas, [
    {
      from: main === undefined ? colourful : colourMatch(main, 1.5),
      to: colourOf(to),
      region: (y, _picture, out) => region(y, before, out),
    },
  ]);
  return undefined;
}

/** The hue that most of a region's strong colours have; undefined when it has none. */
function mainColour(canvas: Canvas, region: RegionRow): Color | undefined {
  const bins = 30;
  const weights = new Float64Array(bins);
  const step = Math.max(1, Math.floor(Math.max(canvas.width, canvas.height) / 256));
  const share = new Uint8Array(canvas.width);
  for (let y = 0; y < canvas.height; y += step) {
    region(y, canvas, share);
    for (let x = 0; x < canvas.width; x += step) {
      const at = (y * canvas.width + x) * 4;
      const [hue, saturation, value] = hsvOf(canvas.data[at] ?? 0, canvas.data[at + 1] ?? 0, canvas.data[at + 2] ?? 0);
      const bin = Math.floor(hue * bins) % bins;
      if (saturation > 0.25 && value > 0.15) weights[bin] = (weights[bin] ?? 0) + saturation * (share[x] ?? 0);
    }
  }
  const most = Math.max(...weights);
  if (most === 0) return undefined;
  return rgb(...rgbOf((weights.indexOf(most) + 0.5) / bins, 0.8, 0.8));
}

/** Greys stay: windows, tyres and shadows are not what is painted. */
function colourful(r: number, g: number, b: number): number {
  const most = Math.max(r, g, b);
  return Math.min(1, Math.max(0, (most - Math.min(r, g, b) - 14) / 22));
}

const things = String.raw`([\w' -]{0,40}?)`;

export const contentRules: readonly EditRule[] = [
  {
    id: 'text',
    words: new RegExp(
      String.raw`(?:\b(?:text|words?|caption|title|headline|label|sign|banner|slogan|logo|watermark|says?|saying|reads?|reading|writ(?:e|ing|ten)|lettering|letters|print|heading|subtitle|quote)\b[^"“«'\n.;]{0,40}${quoted}|\b(?:add|put|place)\s+${quoted})`,
      'gi',
    ),
    says: 'text “$1”',
    repeats: true,
    rank: 2,
    apply: writeText,
  },
  {
    id: 'text',
    words:
      /\b(?:add|write|put|insert)(?: the)? (?:text|words?|caption|title|headline):? ([^"“«'\n.,;]{1,80}?)(?= (?:at|in|on|to|near|across|over) (?:the )?|[\n.,;]|$)/gi,
    says: 'text “$1”',
    rank: 2,
    apply: writeText,
  },
  {
    id: 'swap',
    words: new RegExp(
      String.raw`\b(?:swap|switch|exchange|interchange)\b[^.;]{0,60}?\b(${colourWord})\b[^.;]{0,60}?\b(?:and|with|for|&)\b[^.;]{0,60}?\b(${colourWord})\b(?:[ \w]{0,30}\b(?:blocks?|cubes?|balls?|box(?:es)?|cars?|objects?|shapes?|squares?|circles?|colou?rs?)\b)?`,
      'gi',
    ),
    says: '$1 and $2 swapped',
    apply: swap,
  },
  {
    id: 'recolour',
    words: new RegExp(
      String.raw`\b(?:make|turn|change|paint|recolou?r|colou?r|replace|convert|dye)\b (?:all |the |every )*(${colourWord})\b${things}(?: (?:to|into|with|in|by))?(?: an?| the)? (${colourWord})\b`,
      'gi',
    ),
    says: '$1 made $3',
    repeats: true,
    apply: change,
  },
  {
    id: 'recolour-thing',
    words: new RegExp(
      String.raw`\b(?:make|turn|change|paint|recolou?r|colou?r|dye)\b (?:all )?(?:the|his|her|its|their|this)((?: (?!background|picture|image|photo|text)[\w-]+){1,3}?)(?:['’]s)?(?: colou?r)?(?: (?:to|into|in))? (${colourWord})\b`,
      'gi',
    ),
    says: '$1 made $2',
    repeats: true,
    apply: changeThing,
  },
  {
    id: 'frame',
    words:
      /\b(?:(?:photo |picture |polaroid |wooden |white |black |gold(?:en)? |thin |thick )*(?:frame|border)|polaroid)\b/gi,
    says: 'a frame',
    rank: 1,
    apply: frame,
  },
];
