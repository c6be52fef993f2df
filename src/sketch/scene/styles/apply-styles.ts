import { grade } from '../finish.ts';
import type { Picture } from '../picture.ts';

/** What is done to the finished picture as a whole. */
export function applyStyles(picture: Picture): void {
  const { facts, stage } = picture;
  const flat = stage.finish === 'flat';
  grade(stage.canvas, {
    vignette: flat ? 0 : 0.3,
    grain: flat ? 0 : 4,
    contrast: 0.25,
    saturation: facts.styles.has('mono') ? 0 : 1.06,
  });
}
