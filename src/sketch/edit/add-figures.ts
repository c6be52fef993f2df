import { type Subject, type Understanding, understand } from '../prompt/understand.ts';
import { type Canvas, fillContours } from '../raster/canvas.ts';
import { Noise } from '../raster/noise.ts';
import { radial } from '../raster/paint.ts';
import { atmosphereOf, type Hour, lightOf } from '../scene/atmosphere.ts';
import type { Figure } from '../scene/figures/figure.ts';
import { figureOf } from '../scene/figures/registry.ts';
import { Pen } from '../scene/pen.ts';
import type { Stage } from '../scene/stage.ts';
import type { EditCall } from './edit-rule.ts';
import type { Box } from './fill-hole.ts';
import { ellipse } from './shapes.ts';
import { thumbnail } from './soft-copy.ts';

interface Guest {
  readonly subject: Subject;
  readonly figure: Figure;
}

const guestsMax = 8;

/** The things that words name and the painter can draw, each as often as asked. */
export function guestsOf(words: string): Guest[] {
  return understand(words)
    .subjects.flatMap((subject) => {
      const figure = figureOf(subject.kind);
      return figure === undefined ? [] : Array.from({ length: subject.count }, () => ({ subject, figure }));
    })
    .slice(0, guestsMax);
}

/**
 * Draws figures into a picture in a light like its own. Inside a mask they fill its bounds; else they stand in front, left or right
 * when the words say so, and fliers are in the sky. Returns false when nothing in the words can be drawn.
 */
export function addFigures(call: EditCall, words: string): boolean {
  const guests = guestsOf(words);
  const { canvas, area, clause, random, open } = call;
  if (guests.length === 0) return false;
  const facts = understand(words);
  const stage = stageOf(canvas, facts, call);
  const share = area.width / guests.length;
  const side = /\bleft\b/.test(clause)
    ? 0.27
    : /\bright\b/.test(clause)
      ? 0.73
      : /\b(?:middle|cent)/.test(clause)
        ? 0.5
        : 0.62;
  for (const [index, { subject, figure }] of guests.entries()) {
    const flying = figure.habitat === 'air' && open === undefined;
    const cell: Box = { left: area.left + share * index, top: area.top, width: share, height: area.height };
    const fill = open === undefined ? (flying ? 0.2 : 0.24 + 0.2 * Math.min(1.3, figure.tall)) : 0.92;
    const height = Math.min(cell.height * fill, (cell.width * (open === undefined ? 0.8 : 0.96)) / figure.aspect);
    const x = guests.length === 1 && open === undefined ? area.left + area.width * side : cell.left + cell.width / 2;
    const foot = flying
      ? area.top + area.height * random.between(0.22, 0.34) + height / 2
      : area.top + area.height * (open === undefined ? 0.93 : 0.97);
    if (!flying) groundShadow(canvas, x, foot, (height * figure.aspect) / 2);
    figure.paint(Pen.at(stage, x, foot, height, random.chance(0.5)), {
      colors: subject.colors,
      traits: new Set([...subject.traits, ...facts.symbols]),
      neon: facts.styles.has('neon'),
      random: random.fork(`${subject.kind}${index}`),
    });
  }
  return true;
}

function groundShadow(canvas: Canvas, x: number, y: number, reach: number): void {
  const squash = 0.16;
  const paint = radial(
    x,
    y,
    reach * 1.15,
    [
      [0, 0x05080c, 0.42],
      [0.5, 0x05080c, 0.24],
      [1, 0x05080c, 0],
    ],
    squash,
  );
  fillContours(canvas, [ellipse(x, y, reach * 1.15, reach * 1.15 * squash, 48)], paint);
}

/** Night, warm or plain daylight, by the average of what is there. */
function stageOf(canvas: Canvas, facts: Understanding, { random }: EditCall): Stage {
  const { width, height } = canvas;
  const air = atmosphereOf(hourOfPicture(canvas), facts, random.fork('air'));
  return {
    canvas,
    width,
    height,
    short: Math.min(width, height),
    mean: Math.sqrt(width * height),
    light: lightOf(air, -1),
    finish: 'soft',
    noise: new Noise(random.whole(0, 0x7fffffff)),
    random: random.fork('stage'),
  };
}

function hourOfPicture(canvas: Canvas): Hour {
  const { small } = thumbnail(canvas, 48);
  const sums = [0, 0, 0];
  for (let at = 0; at < small.data.length; at += 4) {
    for (let channel = 0; channel < 3; channel++)
      sums[channel] = (sums[channel] ?? 0) + (small.data[at + channel] ?? 0);
  }
  const [r = 0, g = 0, b = 0] = sums.map((sum) => sum / small.words.length);
  if ((r + g + b) / 3 < 62) return 'night';
  return r > b + 34 ? 'golden' : 'day';
}
