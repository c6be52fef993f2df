import { understand } from '../../prompt/understand.ts';
import { fillContours } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { lumaOf, mix } from '../../raster/color.ts';
import { linear, solid } from '../../raster/paint.ts';
import { ellipse, polygon, rectangle, roundedRectangle } from '../../raster/shapes.ts';
import { lookOf } from '../compose/place-figures.ts';
import { figureOf } from '../figures/registry.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';
import { stepIcons } from './step-icons.ts';

interface Scheme {
  readonly ground: Color;
  readonly text: Color;
  readonly accent: Color;
  readonly card: Color;
}

function schemeOf(picture: Picture): Scheme {
  const named = [...picture.facts.colors].sort((a, b) => lumaOf(a) - lumaOf(b));
  const dark = named[0] ?? picture.random.fork('scheme').pick([0x1b2b52, 0x1f3d3a, 0x33254a]);
  const accent =
    named.find(
      (color) =>
        Math.max((color >> 16) & 255, color & 255) - Math.min((color >> 8) & 255, color & 255) > 40 && color !== dark,
    ) ?? 0xd2574a;
  return { ground: mix(dark, 0x000010, 0.1), text: 0xf4f5f7, accent, card: mix(dark, 0xffffff, 0.12) };
}

/** A titled chart of numbered steps, each with an icon; names and labels below. */
export function composeInfographic(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const scheme = schemeOf(picture);
  const margin = stage.mean * 0.055;
  const title = facts.topic ?? facts.quotes[0] ?? 'How it works';
  const steps = facts.steps.length > 0 ? facts.steps : defaultSteps(picture);
  const labels = facts.quotes.filter((quote) => quote !== title);
  const headHeight = Math.min(stage.height * 0.18, stage.mean * 0.15);
  const footHeight =
    facts.names.length > 0 || labels.length > 0 ? Math.min(stage.height * 0.17, stage.mean * 0.16) : margin * 0.5;
  const area = {
    left: margin,
    top: margin + headHeight,
    width: stage.width - margin * 2,
    height: stage.height - margin * 2 - headHeight - footHeight,
  };
  return [
    { name: 'ground', paint: () => paintStarryGround(picture, scheme) },
    {
      name: 'title',
      paint: () => {
        const y = margin + headHeight * 0.38;
        letter(stage, title.toUpperCase(), {
          x: stage.width / 2,
          y,
          size_px: headHeight * 0.5,
          width_max: stage.width - margin * 2,
          paint: scheme.text,
        });
        fillContours(
          stage.canvas,
          [
            roundedRectangle(
              stage.width / 2 - stage.mean * 0.06,
              y + headHeight * 0.34,
              stage.mean * 0.12,
              Math.max(2, stage.mean * 0.007),
              9,
            ),
          ],
          solid(scheme.accent),
        );
      },
    },
    { name: 'steps', paint: () => paintSteps(picture, scheme, steps, area) },
    {
      name: 'names',
      paint: () =>
        paintFoot(picture, scheme, labels, stage.height - margin - footHeight * 0.9, footHeight * 0.9, margin),
    },
  ];
}

const defaultSteps = (picture: Picture): string[] => {
  const found = picture.facts.subjects.map((subject) => subject.name);
  return found.length >= 3 ? found.slice(0, 6) : ['Discover', 'Plan', 'Build', 'Launch'];
};

function paintStarryGround(picture: Picture, scheme: Scheme): void {
  const { stage } = picture;
  fillContours(
    stage.canvas,
    [rectangle(0, 0, stage.width, stage.height)],
    linear(0, 0, 0, stage.height, [
      [0, mix(scheme.ground, 0x000008, 0.25)],
      [1, mix(scheme.ground, 0xffffff, 0.07)],
    ]),
  );
  const random = stage.random.fork('dots');
  for (let i = 0; i < 130; i++)
    fillContours(
      stage.canvas,
      [
        ellipse(
          random.next() * stage.width,
          random.next() * stage.height,
          Math.max(0.7, stage.mean * random.between(0.0006, 0.0019)),
        ),
      ],
      solid(0xffffff, random.between(0.2, 0.7)),
    );
}

function paintSteps(
  picture: Picture,
  scheme: Scheme,
  steps: readonly string[],
  area: { left: number; top: number; width: number; height: number },
): void {
  const { stage, facts } = picture;
  const shape = area.width / Math.max(1, area.height);
  let columns = 1;
  let best = Infinity;
  for (let c = 1; c <= steps.length; c++) {
    const rows = Math.ceil(steps.length / c);
    const off = Math.abs(Math.log((area.width / c / (area.height / rows)) * 1.12)) + (c * rows - steps.length) * 0.2;
    if (off < best) [best, columns] = [off, c];
  }
  if (shape > 6) columns = steps.length;
  const rows = Math.ceil(steps.length / columns);
  const gap = stage.mean * 0.022;
  const cell = { width: (area.width - gap * (columns - 1)) / columns, height: (area.height - gap * (rows - 1)) / rows };
  steps.forEach((step, i) => {
    const x = area.left + (i % columns) * (cell.width + gap);
    const y = area.top + Math.floor(i / columns) * (cell.height + gap);
    const size = Math.min(cell.width, cell.height);
    fillContours(
      stage.canvas,
      [roundedRectangle(x, y, cell.width, cell.height, size * 0.07)],
      linear(x, y, x, y + cell.height, [
        [0, mix(scheme.card, 0xffffff, 0.08)],
        [1, scheme.card],
      ]),
    );
    const icon = stepIcons.find((row) => row.words.test(step));
    const pen = Pen.at(
      stage,
      x + cell.width / 2,
      y + cell.height * 0.68,
      Math.min(cell.height * 0.56, cell.width * 0.62),
    );
    if (icon) icon.paint(pen, scheme);
    else paintSubjectIcon(picture, pen, step, scheme);
    const badge = size * 0.085;
    fillContours(stage.canvas, [ellipse(x + size * 0.13, y + size * 0.13, badge)], solid(scheme.accent));
    letter(stage, String(i + 1), {
      x: x + size * 0.13,
      y: y + size * 0.13,
      size_px: badge * 1.2,
      width_max: badge * 1.5,
      paint: 0xffffff,
    });
    letter(stage, step, {
      x: x + cell.width / 2,
      y: y + cell.height * 0.86,
      size_px: Math.min(cell.height * 0.12, stage.mean * 0.034),
      width_max: cell.width * 0.9,
      paint: scheme.text,
    });
    if (facts.styles.has('flat') && (i + 1) % columns !== 0 && i + 1 < steps.length) {
      const [ax, ay, a] = [x + cell.width + gap / 2, y + cell.height / 2, gap * 0.42];
      fillContours(
        stage.canvas,
        [polygon([ax - a * 0.7, ay - a, ax + a * 0.8, ay, ax - a * 0.7, ay + a])],
        solid(scheme.accent),
      );
    }
  });
}

function paintSubjectIcon(picture: Picture, pen: Pen, step: string, scheme: Scheme): void {
  // A step that names nothing to draw shows what the chart is about.
  const subject = [...understand(step).subjects, ...picture.facts.subjects].find((one) => figureOf(one.kind));
  const figure = subject ? figureOf(subject.kind) : undefined;
  if (subject && figure) {
    figure.paint(pen.within({ scale: Math.min(0.95, 1.1 / figure.aspect) }), lookOf(picture, subject, 0));
    return;
  }
  pen.fill(ellipse(0, -0.5, 0.36), scheme.accent, { opacity: 0.25 });
  pen.form(ellipse(0, -0.5, 0.24), scheme.accent, { puff: 1.2 });
}

/** Silhouettes with names at the left, a pin with its label at the right. */
function paintFoot(
  picture: Picture,
  scheme: Scheme,
  labels: readonly string[],
  top: number,
  tall: number,
  margin: number,
): void {
  const { stage, facts } = picture;
  const cells = facts.names.length + labels.length;
  if (cells === 0) return;
  const wide = Math.min((stage.width - margin * 2) / cells, stage.mean * 0.3);
  let x = stage.width / 2 - (wide * cells) / 2 + wide / 2;
  for (const name of facts.names) {
    const pen = Pen.at(stage, x, top + tall * 0.66, tall * 0.62);
    pen.fill(ellipse(0, -0.72, 0.2), 0xc9ccd0);
    pen.fill(polygon([-0.38, 0, -0.34, -0.28, -0.18, -0.44, 0.18, -0.44, 0.34, -0.28, 0.38, 0]), 0xc9ccd0);
    pen.fill(roundedRectangle(-0.13, -0.78, 0.26, 0.12, 0.05), scheme.ground);
    letter(stage, name, { x, y: top + tall * 0.84, size_px: tall * 0.19, width_max: wide * 0.92, paint: scheme.text });
    x += wide;
  }
  for (const label of labels) {
    const pen = Pen.at(stage, x, top + tall * 0.66, tall * 0.62);
    pen.form(ellipse(0, -0.38, 0.38), 0xc9ccd0, { puff: 1.4 });
    for (const [cx, cy, r] of [
      [-0.12, -0.5, 0.08],
      [0.15, -0.3, 0.1],
      [-0.08, -0.2, 0.06],
    ] as const)
      pen.fill(ellipse(cx, cy, r), 0x9a9ea6);
    pen.fill(polygon([0.06, -0.42, -0.07, -0.72, 0.19, -0.72]), scheme.accent);
    pen.fill(ellipse(0.06, -0.78, 0.14), scheme.accent);
    pen.fill(ellipse(0.06, -0.78, 0.055), 0xffffff);
    letter(stage, label, { x, y: top + tall * 0.84, size_px: tall * 0.19, width_max: wide * 0.95, paint: scheme.text });
    x += wide;
  }
}
