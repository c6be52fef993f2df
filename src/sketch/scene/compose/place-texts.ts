import { fillContours } from '../../raster/canvas.ts';
import { mix } from '../../raster/color.ts';
import { glow } from '../../raster/glow.ts';
import { linear, solid } from '../../raster/paint.ts';
import { rectangle, roundedRectangle } from '../../raster/shapes.ts';
import { letter } from '../lettering.ts';
import type { Layer, Picture } from '../picture.ts';
import { labelled } from './place-figures.ts';

/** Where the quoted texts of a scene go: a poster's title and foot, a neon sign, a sign board. */
export function placeTexts(picture: Picture): Layer[] {
  const { facts } = picture;
  const poster = facts.format === 'poster';
  const onThings = !poster && facts.subjects.some((subject) => labelled.has(subject.kind));
  const [first, ...rest] = onThings ? facts.quotes.slice(1) : facts.quotes;
  const title = first ?? (poster ? facts.topic : null);
  if (title === null || title === undefined) return [];
  if (poster) return [{ name: 'title', paint: () => paintPosterTitle(picture, title, rest) }];
  return [
    {
      name: 'sign',
      paint: () =>
        facts.styles.has('neon') ? paintNeonText(picture, [title, ...rest]) : paintBoard(picture, [title, ...rest]),
    },
  ];
}

function paintPosterTitle(picture: Picture, title: string, rest: readonly string[]): void {
  const { stage, air } = picture;
  const { width, height } = stage;
  const dark = mix(air.sky[0], 0x08081a, 0.55);
  fillContours(
    stage.canvas,
    [rectangle(0, 0, width, height * 0.3)],
    linear(0, 0, 0, height * 0.3, [
      [0, dark, 0.7],
      [1, dark, 0],
    ]),
  );
  const size = letter(stage, title.toUpperCase(), {
    x: width / 2,
    y: height * 0.13,
    size_px: stage.mean * 0.16,
    width_max: width * 0.88,
    height_max: height * 0.2,
    wrap: title.length > 16,
    paint: 0xfdf8ee,
  });
  fillContours(
    stage.canvas,
    [
      rectangle(
        width / 2 - size * 0.6,
        height * (title.length > 16 ? 0.24 : 0.13) + size * 0.72,
        size * 1.2,
        Math.max(2, size * 0.05),
      ),
    ],
    solid(air.sky[3]),
  );
  if (rest.length === 0) return;
  fillContours(
    stage.canvas,
    [rectangle(0, height * 0.84, width, height * 0.16)],
    linear(0, height * 0.84, 0, height, [
      [0, dark, 0],
      [1, dark, 0.85],
    ]),
  );
  rest.slice(0, 3).forEach((text, i) => {
    letter(stage, text, {
      x: width / 2,
      y: height * (0.94 - (rest.length - 1 - i) * 0.05),
      size_px: stage.mean * 0.05,
      width_max: width * 0.86,
      paint: 0xfdf8ee,
    });
  });
}

function paintNeonText(picture: Picture, texts: readonly string[]): void {
  const { stage } = picture;
  texts.slice(0, 3).forEach((text, i) => {
    const color = [0xff4fc0, 0x39f2ff, 0xffd23d][i] ?? 0xff4fc0;
    const y = stage.height * (0.12 + i * 0.1);
    glow(stage.canvas, stage.width / 2, y, Math.min(stage.width * 0.5, stage.mean * 0.42), color, 0.6);
    const options = {
      x: stage.width / 2,
      y,
      size_px: stage.mean * (i === 0 ? 0.13 : 0.07),
      width_max: stage.width * 0.84,
    };
    letter(stage, text, { ...options, paint: color, opacity: 0.95 });
    letter(stage, text, { ...options, paint: 0xffffff, weight: 'regular', opacity: 0.75 });
  });
}

/** A painted board that hangs into the view from the top. */
function paintBoard(picture: Picture, texts: readonly string[]): void {
  const { stage, air } = picture;
  const lines = texts.slice(0, 3);
  const wide = Math.min(stage.width * 0.8, stage.mean * 0.68);
  const line = Math.min(stage.mean * 0.1, stage.height * 0.12);
  const tall = line * (1.35 + (lines.length - 1) * 0.7);
  const [x, y] = [stage.width / 2 - wide / 2, stage.height * 0.055];
  const wood = mix(0x5a3a26, air.tint, 0.08);
  for (const at of [0.15, 0.85])
    fillContours(stage.canvas, [rectangle(x + wide * at, -2, Math.max(2, wide * 0.012), y + 4)], solid(0x2a1c16));
  fillContours(stage.canvas, [roundedRectangle(x + 4, y + 6, wide, tall, line * 0.18)], solid(0x0c0810, 0.35));
  fillContours(
    stage.canvas,
    [roundedRectangle(x, y, wide, tall, line * 0.18)],
    linear(0, y, 0, y + tall, [
      [0, mix(wood, 0xffffff, 0.16)],
      [1, wood],
    ]),
  );
  fillContours(
    stage.canvas,
    [roundedRectangle(x + line * 0.1, y + line * 0.1, wide - line * 0.2, tall - line * 0.2, line * 0.12)],
    solid(0xf4ead2),
  );
  lines.forEach((text, i) => {
    letter(stage, text, {
      x: stage.width / 2,
      y: y + line * (0.68 + i * 0.7),
      size_px: line * (i === 0 ? 0.72 : 0.46),
      width_max: wide * 0.88,
      paint: wood,
      family: 'serif',
    });
  });
}
