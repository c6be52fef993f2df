import type { Canvas } from '../raster/canvas.ts';
import { fillContours } from '../raster/canvas.ts';
import { linear } from '../raster/paint.ts';
import type { EditCall, EditRule } from './edit-rule.ts';
import { findWindows } from './find-blobs.ts';
import { addMoon, addStars, addSun, lightWindows } from './night-lights.ts';
import { type Light, lights, relight } from './relight.ts';
import { thumbnail } from './soft-copy.ts';
import { vignette } from './vignette.ts';

const time = (light: Light) => (call: EditCall) => {
  relight(call.canvas, light, call.sky());
  return undefined;
};

function night(call: EditCall): undefined {
  const { canvas, random } = call;
  const sky = call.sky();
  const windows = findWindows(canvas, sky.horizon * canvas.height);
  relight(canvas, nightFor(canvas), sky);
  if (sky.coverage > 0) addStars(canvas, sky, random.fork('stars'), 1);
  if (sky.coverage > 0.12 && !/\bmoon\b/i.test(call.request.prompt)) {
    const { x, y, side } = skyPlace(call);
    addMoon(canvas, x, y, side * 0.04);
  }
  lightWindows(canvas, windows, random.fork('windows'));
  vignette(canvas, 0.3);
  return undefined;
}

/** A picture that is dark already loses less light: its night is to be seen too. */
function nightFor(canvas: Canvas): Light {
  const { small } = thumbnail(canvas, 64);
  let sum = 0;
  for (let at = 0; at < small.data.length; at += 4) {
    sum += 0.2126 * (small.data[at] ?? 0) + 0.7152 * (small.data[at + 1] ?? 0) + 0.0722 * (small.data[at + 2] ?? 0);
  }
  const exposure = Math.min(0.95, Math.max(0.44, (58 * small.words.length) / Math.max(1, sum)));
  const { night } = lights;
  return { ...night, ground: { ...night.ground, exposure }, indoors: { ...night.indoors, exposure } };
}

function sunset(call: EditCall): undefined {
  const { canvas, random } = call;
  const sky = call.sky();
  relight(canvas, lights.sunset, sky);
  const side = Math.min(canvas.width, canvas.height);
  if (sky.coverage > 0.08) {
    const x = canvas.width * random.between(0.3, 0.7);
    addSun(canvas, x, canvas.height * sky.horizon * 0.86, side * 0.045, 0xfff0b8);
  } else {
    lightFromCorner(canvas, 0xff9a4d, 0.5);
  }
  return undefined;
}

/** A soft light from the upper left, for pictures without a sky to hold its source. */
export function lightFromCorner(canvas: Canvas, color: number, strength: number): void {
  const { width, height } = canvas;
  fillContours(
    canvas,
    [Float32Array.of(0, 0, width, 0, width, height, 0, height)],
    linear(0, 0, width * 0.7, height * 0.8, [
      [0, color, strength],
      [1, color, 0],
    ]),
    { blend: 'screen' },
  );
}

function sunRays({ canvas, random, amount }: EditCall): undefined {
  const { width, height } = canvas;
  const reach = Math.hypot(width, height) * 1.1;
  const x = width * random.between(0.08, 0.3);
  const y = -height * 0.08;
  for (let i = 0; i < 11; i++) {
    const turn = 0.12 + (i / 11) * 1.4 + random.between(-0.04, 0.04);
    const half = random.between(0.012, 0.05);
    const points = Float32Array.of(
      ...[x, y, x + Math.cos(turn - half) * reach, y + Math.sin(turn - half) * reach],
      ...[x + Math.cos(turn + half) * reach, y + Math.sin(turn + half) * reach],
    );
    const farX = x + Math.cos(turn) * reach;
    const farY = y + Math.sin(turn) * reach;
    const alpha = random.between(0.16, 0.34) * amount;
    fillContours(
      canvas,
      [points],
      linear(x, y, farX, farY, [
        [0, 0xffe9b0, alpha],
        [0.55, 0xffdf9a, alpha * 0.4],
        [1, 0xffdf9a, 0],
      ]),
      { blend: 'screen' },
    );
  }
  lightFromCorner(canvas, 0xffdf9a, 0.28 * amount);
  return undefined;
}

/** Where in the sky something is put: by words, else right of the middle. */
function skyPlace(call: EditCall): { readonly x: number; readonly y: number; readonly side: number } {
  const { canvas, clause } = call;
  const sky = call.sky();
  const x = /\bleft\b/.test(clause) ? 0.22 : /\b(?:middle|cent(?:er|re))\b/.test(clause) ? 0.5 : 0.76;
  const depth = sky.coverage === 0 ? 0.18 : Math.max(0.1, sky.horizon * 0.36);
  return { x: canvas.width * x, y: canvas.height * depth, side: Math.min(canvas.width, canvas.height) };
}

export const lightRules: readonly EditRule[] = [
  {
    id: 'time',
    rank: -1,
    words:
      /\b(?:at night|night[ -]?time|into (?:a )?night|to night|by night|night (?:scene|sky|version|time|mode)|a night|midnight|nighttime|moonlit|moonlight|night)\b/gi,
    says: 'night',
    apply: night,
  },
  {
    id: 'time',
    rank: -1,
    words: /\b(?:golden[ -]hour|golden (?:light|sun(?:light|rise|shine)?)|warm sunlight)\b/gi,
    says: 'golden hour',
    apply: (call) => {
      relight(call.canvas, lights.golden, call.sky());
      lightFromCorner(call.canvas, 0xffcf70, 0.34);
      return undefined;
    },
  },
  { id: 'time', rank: -1, words: /\b(?:sun[ -]?set|dusk|evening|twilight)\b/gi, says: 'sunset', apply: sunset },
  {
    id: 'time',
    rank: -1,
    words: /\b(?:sun[ -]?rise|dawn|early morning|morning)\b/gi,
    says: 'dawn',
    apply: time(lights.dawn),
  },
  {
    id: 'time',
    rank: -1,
    words:
      /\b(?:day[ -]?time|at day|by day|broad daylight|daylight|into (?:a )?day|midday|noon|sunny(?: day)?|blue sky|clear sky)\b/gi,
    says: 'daylight',
    apply: time(lights.day),
  },
  {
    id: 'time',
    rank: -1,
    words: /\b(?:storm(?:y)?|thunder(?:storm)?|overcast|cloudy|gloomy)\b/gi,
    says: 'heavy sky',
    apply: time(lights.storm),
  },
  {
    id: 'sun-rays',
    words:
      /\b(?:(?:sun|light|god)[ -]?(?:rays|beams|shafts)|sunbeams|rays of (?:sun|light)|crepuscular rays|sunshine|volumetric light(?:ing)?)\b/gi,
    says: 'rays of light',
    apply: sunRays,
  },
  {
    id: 'stars',
    words: /\b(?:starry|stars|milky way|star[ -]?field)\b/gi,
    says: 'stars',
    apply: ({ canvas, sky, random, amount }) => {
      addStars(canvas, sky(), random, 1.4 * amount);
      return undefined;
    },
  },
  {
    id: 'moon',
    words: /\b(?:(?:full |crescent |half |big |bright |large |huge )*moon)\b/gi,
    says: 'a moon',
    apply: (call) => {
      const { x, y, side } = skyPlace(call);
      addMoon(call.canvas, x, y, side * (/\b(?:big|huge|large)\b/.test(call.clause) ? 0.12 : 0.07));
      return undefined;
    },
  },
  {
    id: 'sun',
    words: /\b(?:add|put|with|draw|place|insert|bright|a|big) (?:a |the |an )?(?:big |bright |large |huge )*sun\b/gi,
    says: 'a sun',
    apply: (call) => {
      const { x, y, side } = skyPlace(call);
      addSun(call.canvas, x, y, side * 0.06);
      return undefined;
    },
  },
];
