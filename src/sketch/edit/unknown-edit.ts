import { fillContours } from '../raster/canvas.ts';
import { hsl } from '../raster/color.ts';
import { radial } from '../raster/paint.ts';
import { hashText } from '../raster/random.ts';
import { addFigures } from './add-figures.ts';
import type { EditCall } from './edit-rule.ts';
import { applyGrade } from './grade.ts';
import { paintPart } from './paint-part.ts';
import { pastePicture } from './paste-picture.ts';
import { type Scatter, scatter } from './scatter.ts';
import { ellipse } from './shapes.ts';

/**
 * Words that no rule knows still change the picture, gently, and never the same way for two prompts: what they name is drawn in when
 * the painter can; inside a mask the scene of the words is painted; without one the colours turn towards a hue drawn from the words, light leaks in from a corner, and a few
 * sparks of that hue float by. Returns what to say about it.
 */
export function unknownEdit(call: EditCall): string {
  const { canvas, area, random } = call;
  // "The person's hair" speaks of who is there already; "a dog" of somebody new.
  const newcomers = call.open !== undefined || !/\b(?:the|this|his|her|their|my|its)\b/i.test(call.clause);
  if (newcomers && addFigures(call, call.clause)) return 'what the words name, drawn in';
  if (call.open !== undefined) {
    pastePicture(canvas, paintPart(call, call.clause, area.width, area.height), area.left, area.top);
    return 'the scene of the words, inside the mask';
  }
  const hue = (hashText(call.clause.trim().toLowerCase()) % 360) / 360;
  applyGrade(canvas, {
    contrast: 1.06,
    saturation: 1.1,
    tint: 0.1,
    shadows: hsl(hue + 0.5, 0.5, 0.16),
    highlights: hsl(hue, 0.8, 0.86),
  });
  const side = Math.max(canvas.width, canvas.height);
  const x = random.chance(0.5) ? canvas.width * 0.92 : canvas.width * 0.08;
  const y = canvas.height * random.between(0, 0.25);
  const glow = radial(x, y, side * 0.6, [
    [0, hsl(hue, 0.9, 0.7), 0.55],
    [0.4, hsl(hue + 0.04, 0.9, 0.6), 0.2],
    [1, hsl(hue, 0.9, 0.6), 0],
  ]);
  fillContours(canvas, [ellipse(x, y, side * 0.6, side * 0.6, 64)], glow, { blend: 'screen' });
  const sparks: Scatter = {
    count: 26,
    size: [4, 15],
    colors: [hsl(hue, 0.9, 0.82), 0xffffff],
    opacity: [0.4, 0.8],
    shape: 'spark',
  };
  scatter(canvas, sparks, random, 1);
  return 'instruction not known: colours and light changed gently';
}
