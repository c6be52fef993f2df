import { fillContours } from '../../raster/canvas.ts';
import type { Color } from '../../raster/color.ts';
import { hsl, mix } from '../../raster/color.ts';
import { linear, solid } from '../../raster/paint.ts';
import { hashText } from '../../raster/random.ts';
import { blob, ellipse, polygon, rectangle } from '../../raster/shapes.ts';
import { paintPaper } from '../layers/paper.ts';
import { letter } from '../lettering.ts';
import { Pen } from '../pen.ts';
import type { Layer, Picture } from '../picture.ts';

/** Five colours: those named, else a harmony turned by the words themselves, so that each prompt has its own. */
export function harmonyOf(picture: Picture): Color[] {
  const { facts } = picture;
  const hue = (hashText(facts.unknown.join(' ') || String(facts.hash)) % 1000) / 1000;
  const random = picture.random.fork('harmony');
  const spread = random.pick([0.08, 0.33, 0.45, 0.16]);
  const made = [
    hsl(hue, 0.62, 0.52),
    hsl(hue + spread, 0.68, 0.6),
    hsl(hue + 0.5, 0.6, 0.55),
    hsl(hue + spread * 2, 0.5, 0.34),
    hsl(hue + 0.06, 0.45, 0.86),
  ];
  const [first, second] = facts.colors;
  if (first === undefined) return made;
  if (second === undefined)
    return [
      first,
      mix(first, 0xffffff, 0.45),
      mix(first, 0x181428, 0.45),
      mix(first, 0xf2d8a8, 0.6),
      mix(first, 0xfaf6ee, 0.85),
    ];
  return [...facts.colors, mix(first, second, 0.5), mix(second, 0x181428, 0.5), mix(first, 0xfaf6ee, 0.85)].slice(0, 6);
}

type Motif = (picture: Picture, pen: Pen, colors: readonly Color[]) => void;

const motifs: readonly [Motif, ...Motif[]] = [discs, waves, planes, stones];

/** Shapes of light and colour: what is painted when a prompt names no thing that can be drawn, or asks for it. */
export function composeAbstract(picture: Picture): Layer[] {
  const { stage, facts } = picture;
  const colors = harmonyOf(picture);
  const pen = Pen.at(stage, stage.width / 2, stage.height / 2, stage.mean);
  const motif = motifs[(facts.hash + picture.random.fork('motif').whole(0, 1)) % motifs.length] ?? discs;
  const light = mix(colors[4] ?? 0xf2eadc, 0xfaf4ea, 0.45);
  const layers: Layer[] = [
    {
      name: 'ground',
      paint: () => {
        paintPaper(stage, light, 0.25);
        fillContours(
          stage.canvas,
          [rectangle(0, 0, stage.width, stage.height)],
          linear(0, 0, stage.width, stage.height, [
            [0, colors[1] ?? light, 0.35],
            [0.5, light, 0],
            [1, colors[2] ?? light, 0.3],
          ]),
        );
      },
    },
    { name: 'forms', paint: () => motif(picture, pen, colors) },
  ];
  const [text] = facts.quotes;
  if (text !== undefined)
    layers.push({
      name: 'text',
      paint: () =>
        letter(stage, text, {
          x: stage.width / 2,
          y: stage.height / 2,
          size_px: stage.short * 0.16,
          width_max: stage.width * 0.86,
          height_max: stage.height * 0.5,
          wrap: true,
          paint: 0x1c1a22,
        }),
    });
  return layers;
}

const pickOf = (colors: readonly Color[], i: number): Color => colors[i % colors.length] ?? 0x888888;

function discs(picture: Picture, pen: Pen, colors: readonly Color[]): void {
  const random = picture.random.fork('discs');
  const [w, h] = [picture.stage.width / pen.scale, picture.stage.height / pen.scale];
  for (let i = 0; i < 15; i++) {
    const r = 0.26 * random.next() ** 1.8 + 0.02;
    const [x, y] = [random.between(-0.46, 0.46) * w, random.between(-0.46, 0.46) * h];
    pen.shadow(x + 0.015, y + 0.02, r * 1.15, 0.3, 1);
    pen.form(ellipse(x, y, r), pickOf(colors, i), {
      puff: i % 3 === 0 ? 1.8 : 0.3,
      gloss: i % 3 === 0 ? 0.7 : 0,
      opacity: i % 4 === 1 ? 0.75 : 1,
    });
    if (i % 4 === 2) pen.form(ellipse(x, y, r * 0.55), pickOf(colors, i + 2), { puff: 0.6 });
  }
  for (let i = 0; i < 7; i++) {
    const a = random.between(0, 6.3);
    const [x, y] = [random.between(-0.4, 0.4) * w, random.between(-0.4, 0.4) * h];
    pen.line(
      [x, y, x + Math.cos(a) * 0.2, y + Math.sin(a) * 0.2, x + Math.cos(a + 0.5) * 0.42, y + Math.sin(a + 0.5) * 0.42],
      [0.002, 0.009, 0.002],
      0x24222c,
    );
  }
}

function waves(picture: Picture, pen: Pen, colors: readonly Color[]): void {
  const { stage } = picture;
  const random = picture.random.fork('waves');
  const [w, h] = [stage.width / pen.scale, stage.height / pen.scale];
  const bands = 9;
  pen.form(ellipse(random.between(-0.25, 0.25) * w, -h * 0.2, 0.15), pickOf(colors, 1), { puff: 1.6, gloss: 0.4 });
  for (let k = 0; k < bands; k++) {
    const base = -h * 0.24 + (k / bands) * h * 0.8;
    const points: number[] = [];
    const shift = random.between(0, 8);
    for (let i = 0; i <= 28; i++)
      points.push((i / 28 - 0.5) * w * 1.1, base + (stage.noise.at((i / 28) * 2.4 * w + shift, k * 1.7) - 0.5) * 0.42);
    points.push(w * 0.6, h, -w * 0.6, h);
    pen.form(polygon(points), mix(pickOf(colors, k), k % 2 === 0 ? 0xffffff : 0x1a1430, 0.12), { puff: 0.7 });
  }
}

function planes(picture: Picture, pen: Pen, colors: readonly Color[]): void {
  const random = picture.random.fork('planes');
  const [w, h] = [picture.stage.width / pen.scale, picture.stage.height / pen.scale];
  for (let i = 0; i < 16; i++) {
    const plane = pen.within({
      x: random.between(-0.45, 0.45) * w,
      y: random.between(-0.45, 0.45) * h,
      turn: random.pick([0, 0.4, -0.4, 0.78]) + random.between(-0.06, 0.06),
    });
    const [a, b] = [random.between(0.06, 0.36), random.between(0.03, 0.24)];
    plane.shadow(0.015, 0.02, a * 0.9, 0.28, b / a);
    plane.form(
      i % 5 === 4 ? polygon([-a * 0.6, b, 0, -b, a * 0.6, b]) : rectangle(-a / 2, -b / 2, a, b),
      pickOf(colors, i),
      { puff: 0.25, opacity: i % 3 === 0 ? 0.8 : 1 },
    );
    if (i % 4 === 0) plane.line([-a * 0.7, b * 0.7, a * 0.7, -b * 0.7], 0.006, 0x24222c);
  }
  pen.fill(ellipse(random.between(-0.2, 0.2) * w, random.between(-0.2, 0.2) * h, 0.07), solid(0x24222c));
}

function stones(picture: Picture, pen: Pen, colors: readonly Color[]): void {
  const random = picture.random.fork('stones');
  const [w, h] = [picture.stage.width / pen.scale, picture.stage.height / pen.scale];
  for (let i = 0; i < 11; i++) {
    const r = random.between(0.07, 0.22);
    const [x, y] = [random.between(-0.42, 0.42) * w, random.between(-0.42, 0.42) * h];
    const points: number[] = [];
    for (let k = 0; k < 8; k++) {
      const far = r * random.between(0.72, 1.15);
      points.push(x + Math.cos((k / 8) * 6.2832) * far, y + Math.sin((k / 8) * 6.2832) * far * 0.85);
    }
    pen.shadow(x + 0.02, y + 0.03, r * 1.3, 0.4, 0.9);
    pen.form(blob(points), pickOf(colors, i), {
      puff: 1.3,
      gloss: i % 2 === 0 ? 0.7 : 0.1,
      grain: i % 3 === 0 ? 20 : 5,
    });
  }
}
