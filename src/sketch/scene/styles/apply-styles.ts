import type { Understanding } from '../../prompt/understand.ts';
import type { GradeOptions } from '../finish.ts';
import { grade } from '../finish.ts';
import type { Picture } from '../picture.ts';
import type { Stage } from '../stage.ts';
import { inkSketch } from './ink-sketch.ts';
import { oilPaint } from './oil.ts';
import { pixelArt } from './pixel-art.ts';
import { watercolor } from './watercolor.ts';

type StyleName = Understanding['styles'] extends ReadonlySet<infer Name> ? Name : never;

/** Repainting by style; all that are named apply, in this order. */
const repaints: readonly { readonly style: StyleName; readonly apply: (stage: Stage) => void }[] = [
  { style: 'oil', apply: oilPaint },
  { style: 'watercolor', apply: watercolor },
  { style: 'ink', apply: (stage) => inkSketch(stage, 0.16) },
];

const plain: GradeOptions = { vignette: 0.26, grain: 4, contrast: 0.24, saturation: 1.06 };

/** The last wash over a picture by style; the first row that is named wins. */
const grades: readonly { readonly style: StyleName; readonly grade: GradeOptions }[] = [
  { style: 'mono', grade: { vignette: 0.42, grain: 11, contrast: 0.6, saturation: 0 } },
  {
    style: 'vintage',
    grade: { vignette: 0.5, grain: 10, contrast: 0.12, saturation: 0.66, shadows: [30, 16, 4], lights: [4, -6, -34] },
  },
  { style: 'ink', grade: { vignette: 0.1, grain: 3, contrast: 0.1, saturation: 0.85 } },
  { style: 'watercolor', grade: { vignette: 0, grain: 3, contrast: 0.1, saturation: 1.05 } },
  { style: 'oil', grade: { vignette: 0.3, grain: 3, contrast: 0.25, saturation: 1.16 } },
  {
    style: 'neon',
    grade: { vignette: 0.45, grain: 5, contrast: 0.4, saturation: 1.2, shadows: [6, 0, 18], lights: [4, -4, 4] },
  },
  { style: 'anime', grade: { vignette: 0.08, grain: 0, contrast: 0.2, saturation: 1.22, lights: [0, 2, 6] } },
  { style: 'pastel', grade: { vignette: 0, grain: 3, contrast: 0, saturation: 0.84, shadows: [38, 34, 40] } },
  {
    style: 'film',
    grade: { vignette: 0.36, grain: 9, contrast: 0.3, saturation: 0.88, shadows: [2, 6, 10], lights: [4, 0, -10] },
  },
  {
    style: 'photo',
    grade: { vignette: 0.34, grain: 5, contrast: 0.38, saturation: 1.06, shadows: [0, 2, 8], lights: [5, 1, -8] },
  },
];

/** What is done to the finished picture as a whole. */
export function applyStyles(picture: Picture): void {
  const { facts, stage } = picture;
  const sheet = facts.format !== null && ['logo', 'menu', 'infographic', 'diorama', 'icon'].includes(facts.format);
  for (const row of repaints) if (facts.styles.has(row.style)) row.apply(stage);
  if (facts.styles.has('pixel')) {
    pixelArt(stage);
    return;
  }
  if (stage.finish === 'flat' && !facts.styles.has('mono') && !facts.styles.has('vintage')) return;
  const chosen = grades.find((row) => facts.styles.has(row.style))?.grade ?? plain;
  grade(
    stage.canvas,
    sheet
      ? { ...chosen, vignette: facts.styles.has('vintage') ? 0.2 : 0, grain: 2, contrast: 0.1, saturation: 1 }
      : chosen,
  );
}
