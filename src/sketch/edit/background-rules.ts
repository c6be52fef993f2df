import { Canvas, fillContours } from '../raster/canvas.ts';
import { mix } from '../raster/color.ts';
import { linear } from '../raster/paint.ts';
import { colourOf, colourWord } from './colour-match.ts';
import { type EditCall, type EditRule, unitOf } from './edit-rule.ts';
import { estimateSubject } from './estimate-subject.ts';
import { fillHole } from './fill-hole.ts';
import { paintPart } from './paint-part.ts';
import { rectangle } from './shapes.ts';

/** Puts `behind` wherever the subject is not. */
function changeBackground(canvas: Canvas, behind: Canvas): void {
  const { width, height, data } = canvas;
  const subject = estimateSubject(canvas);
  const share = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    subject.readRow(y, canvas, share);
    for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
      const k = (share[x] ?? 0) / 255;
      for (let channel = 0; channel < 3; channel++) {
        const ground = behind.data[at + channel] ?? 0;
        data[at + channel] = ground + ((data[at + channel] ?? 0) - ground) * k + 0.5;
      }
      data[at + 3] = 255;
    }
  }
}

function transparentBackground({ canvas }: EditCall): undefined {
  const { width, height, data } = canvas;
  const subject = estimateSubject(canvas);
  const share = new Uint8Array(width);
  for (let y = 0; y < height; y++) {
    subject.readRow(y, canvas, share);
    for (let x = 0; x < width; x++) data[(y * width + x) * 4 + 3] = share[x] ?? 255;
  }
  return undefined;
}

/** A studio's paper: lighter behind the subject than in the corners. */
function plainBackground(call: EditCall): undefined {
  const said = call.match[1] ?? call.match[2];
  const color = said === undefined ? 0xf4f4f2 : colourOf(said);
  const { width, height } = call.canvas;
  const paper = new Canvas(width, height, color);
  const shade = linear(0, 0, 0, height, [
    [0, mix(color, 0xffffff, 0.1)],
    [0.6, color],
    [1, mix(color, 0x000000, 0.1)],
  ]);
  fillContours(paper, [rectangle(0, 0, width, height)], shade);
  changeBackground(call.canvas, paper);
  return undefined;
}

function sceneBackground(call: EditCall): undefined {
  const scene = call.match.slice(1).find((group) => group !== undefined) ?? call.clause;
  changeBackground(call.canvas, paintPart(call, scene, call.canvas.width, call.canvas.height));
  return undefined;
}

/** What the mask opens is painted over from around it; without a mask, the subject is. */
function removeThing(call: EditCall): undefined {
  const { canvas, area } = call;
  const { width } = canvas;
  if (call.open !== undefined) {
    fillHole(canvas, area, call.open);
    return undefined;
  }
  const subject = estimateSubject(canvas);
  const { left, top, right, bottom } = subject.bounds;
  const box = {
    left: Math.floor(left * width),
    top: Math.floor(top * canvas.height),
    width: Math.ceil((right - left) * width),
    height: Math.ceil((bottom - top) * canvas.height),
  };
  // Marked in coarse cells and a cell further, or the soft rim of the thing would be smeared into what replaces it.
  const cell = Math.max(2, Math.round(6 * unitOf(canvas)));
  const columns = Math.ceil(width / cell) + 2;
  const inside = new Uint8Array(columns * (Math.ceil(canvas.height / cell) + 2));
  const share = new Uint8Array(width);
  for (let y = 0; y < canvas.height; y++) {
    subject.readRow(y, canvas, share);
    const row = Math.floor(y / cell) * columns;
    for (let x = 0; x < width; x++) {
      if ((share[x] ?? 0) < 12) continue;
      const at = row + Math.floor(x / cell);
      for (const down of [0, columns, columns * 2]) inside.fill(1, at + down, at + down + 3);
    }
  }
  fillHole(canvas, box, (x, y) => inside[(Math.floor(y / cell) + 1) * columns + Math.floor(x / cell) + 1] === 1);
  return undefined;
}

const colour = `((?:${colourWord}))`;
const verbs = '(?:change|replace|swap|make|turn|set|put|switch)';

export const backgroundRules: readonly EditRule[] = [
  {
    id: 'background',
    words:
      /\b(?:transparent background|background transparent|(?:remove|delete|erase|cut out) (?:the )?background(?=[^.]{0,60}\btransparent))\b/gi,
    says: 'background made transparent',
    apply: transparentBackground,
  },
  {
    id: 'background',
    words: new RegExp(
      String.raw`\b${verbs}\b[^.;,]{0,60}?\bbackground\b (?:to |with |into |for )?(?:an? |the )?(?:plain |solid |simple |pure |clean )*${colour}(?: background| backdrop| colou?r)?(?=\s*(?:[.;,]|$|and\b))|\b(?:plain |solid |simple |pure |clean |on an? )*${colour} (?:studio )?(?:background|backdrop)\b`,
      'gi',
    ),
    says: 'plain background',
    apply: plainBackground,
  },
  {
    id: 'background',
    words:
      /\b(?:remove|delete|erase|clear)(?: the)? background\b|\b(?:plain|studio|neutral|clean|solid) (?:background|backdrop)\b/gi,
    says: 'background removed',
    apply: plainBackground,
  },
  {
    id: 'background',
    words: new RegExp(
      String.raw`\b${verbs}\b[^.;,]{0,60}?\bbackground\b (?:to|with|into|for|of) ([^.;\n]{3,160})|\b(?:place|put|set|move)\b (?:it|him|her|them|this|the [\w ]{2,30}?)(?: in(?:to|side)?| on(?:to)?| at) (?:front of )?((?!background|(?:the )?(?:top|bottom|left|right|cent|first|second|third|other|image|picture|photo|middle|corner|foreground))[^.;,\n]{3,120})|\b(?:photo|picture|image) of (?:the |this |him|her|them)[^.;\n]{0,40}?\b(?:down|in|at|on|through|along|standing|walking) ([^.;\n]{3,120})|\b(?:in front of|with) ([^.;,\n]{3,80}) in the background`,
      'gi',
    ),
    says: 'a new scene behind: $1',
    // With several pictures, "put the cat in the scene" speaks of the pictures.
    accepts: (match, pictures) => pictures < 2 || /\bbackground\b/i.test(match[0]),
    apply: sceneBackground,
  },
  {
    id: 'remove',
    words: /\b(?:remove|erase|delete|get rid of|take away|clean up)\b(?! (?:the )?(?:background|colou?r))/gi,
    says: 'painted over from what surrounds it',
    apply: removeThing,
  },
];
