import type { Pixels } from '../../contracts/media.ts';
import type { Understanding } from '../prompt/understand.ts';
import { understand } from '../prompt/understand.ts';
import { Canvas } from '../raster/canvas.ts';
import type { Color } from '../raster/color.ts';
import { Noise } from '../raster/noise.ts';
import { hash2, Random } from '../raster/random.ts';
import type { Atmosphere, Hour } from './atmosphere.ts';
import { atmosphereOf, hourOf, lightOf } from './atmosphere.ts';
import { chooseComposer } from './compose/choose-composer.ts';
import { describe } from './describe.ts';
import type { Luminary } from './layers/sky.ts';
import type { Picture } from './picture.ts';
import type { Finish, Stage } from './stage.ts';
import { applyStyles } from './styles/apply-styles.ts';

export interface SceneRequest {
  readonly prompt: string;
  readonly negative_prompt?: string;
  /** 0 .. 2^32 - 1. */
  readonly seed: number;
  /** Pixels, 64 .. 16384, 4096 x 4096 in all. */
  readonly width: number;
  readonly height: number;
  /** Pictures of one set share their palette and cast; only the composition changes with the index. */
  readonly set?: { readonly index: number; readonly count: number };
  /** Packed 0xRRGGBB colours that the picture should keep to. */
  readonly palette_hint?: readonly Color[];
}

export interface SceneHooks {
  /** Called after each layer, for previews. */
  readonly onLayer?: (canvas: Canvas, done: number, total: number) => void;
}

export interface SceneResult {
  readonly pixels: Pixels;
  readonly understood: string[];
}

/** Paints a prompt. Pure and synchronous: the same request gives the same bytes on every machine. */
export function paintScene(request: SceneRequest, hooks: SceneHooks = {}): SceneResult {
  const facts = withHints(understand(request.prompt, request.negative_prompt), request.palette_hint);
  const canvas = new Canvas(request.width, request.height);
  const shared = new Random(hash2(request.seed, facts.hash));
  const random = request.set
    ? new Random(hash2(hash2(request.seed, facts.hash), request.set.index + 1))
    : shared.fork('composition');
  const picture = pictureOf(facts, canvas, shared, random);
  const layers = chooseComposer(facts)(picture);
  const total = layers.length + 1;
  layers.forEach((layer, index) => {
    layer.paint();
    hooks.onLayer?.(canvas, index + 1, total);
  });
  applyStyles(picture);
  hooks.onLayer?.(canvas, total, total);
  return {
    pixels: { data: canvas.data, width: request.width, height: request.height },
    understood: describe(facts, picture.hour),
  };
}

function withHints(facts: Understanding, hint: readonly Color[] | undefined): Understanding {
  return hint && hint.length > 0 ? { ...facts, colors: [...facts.colors, ...hint] } : facts;
}

function finishOf(facts: Understanding): Finish {
  if (facts.styles.has('flat') || facts.styles.has('pixel')) return 'flat';
  return facts.styles.has('anime') ? 'cel' : 'soft';
}

function pictureOf(facts: Understanding, canvas: Canvas, shared: Random, random: Random): Picture {
  const { width, height } = canvas;
  const hour = hourOf(facts, shared.fork('hour'));
  const air = atmosphereOf(hour, facts, shared.fork('air'));
  const side = facts.light_side ?? (random.chance(0.5) ? -1 : 1);
  const stage: Stage = {
    canvas,
    width,
    height,
    short: Math.min(width, height),
    mean: Math.sqrt(width * height),
    light: lightOf(air, side),
    finish: finishOf(facts),
    noise: new Noise(Math.floor(random.next() * 4294967296)),
    random,
  };
  const horizon = Math.round(height * horizonShare(facts, random));
  return {
    facts,
    stage,
    air,
    hour,
    horizon,
    side,
    random,
    cast: shared.fork('cast'),
    luminary: luminaryOf(facts, stage, air, hour, horizon, side),
  };
}

function horizonShare(facts: Understanding, random: Random): number {
  if (facts.places.includes('street')) return random.between(0.46, 0.54);
  if (facts.places.includes('space') && !facts.places.includes('moon_surface')) return 0.8;
  if (facts.places.includes('meadow')) return random.between(0.4, 0.48);
  return facts.subjects.length > 0 ? random.between(0.54, 0.64) : random.between(0.56, 0.7);
}

/** The sun or the moon, where this hour has one in view. */
function luminaryOf(
  facts: Understanding,
  stage: Stage,
  air: Atmosphere,
  hour: Hour,
  horizon: number,
  side: number,
): Luminary | null {
  const random = stage.random.fork('sun');
  const night = hour === 'night' || hour === 'dusk';
  const wanted = facts.sky.has('sun') || facts.sky.has('moon');
  if (
    hour === 'space' ||
    (!wanted && (hour === 'storm' || hour === 'overcast' || (hour === 'neon' && random.chance(0.5))))
  )
    return null;
  const kind = night || facts.sky.has('moon') ? (random.chance(0.25) ? 'crescent' : 'moon') : 'sun';
  const low = kind === 'sun' ? Math.max(0.05, air.height) : random.between(0.55, 0.8);
  // A low sun must clear the mountains in front of it to be seen at all.
  const lift = kind === 'sun' && low < 0.4 && facts.places.includes('mountains') ? stage.mean * 0.3 : stage.mean * 0.02;
  const radius =
    stage.mean * (kind === 'sun' ? (air.height < 0.35 ? 0.052 : 0.034) : 0.045) * random.between(0.85, 1.2);
  return {
    kind,
    radius,
    x: stage.width * (0.5 + side * random.between(0.1, 0.34)),
    y: Math.max(radius * 1.5, horizon * (1 - low) - lift),
  };
}
