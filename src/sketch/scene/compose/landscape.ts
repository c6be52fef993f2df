import type { PlaceKind } from '../../prompt/vocabulary.ts';
import { blurCanvas } from '../../raster/blur.ts';
import { glow } from '../../raster/glow.ts';
import { figureOf } from '../figures/registry.ts';
import { paintNebula } from '../layers/nebula.ts';
import { paintRainbow } from '../layers/rainbow.ts';
import { paintAurora, paintClouds, paintLuminary, paintRays, paintSky, paintStars } from '../layers/sky.ts';
import { paintUnderwater } from '../layers/underwater.ts';
import { paintWaterfall } from '../layers/waterfall.ts';
import { paintFog, paintLightning, paintRain, paintSnow, paintSparkles } from '../layers/weather.ts';
import type { Layer, Picture } from '../picture.ts';
import { castOf, placeFigures } from './place-figures.ts';
import { placeTexts } from './place-texts.ts';
import { backdrops, grounds, paintForeground, plainGround } from './terrain.ts';

/** Sky, backdrop, ground, figures, weather: a view out of doors. */
export function composeLandscape(picture: Picture): Layer[] {
  const { stage, air, facts, horizon } = picture;
  const behind = facts.places.filter((place) => backdrops[place] !== undefined);
  if (picture.facts.styles.has('neon') && facts.places.length === 0 && picture.random.fork('roof').chance(0.45))
    behind.push('city');
  const ground = groundOf(picture, behind);
  const layers: Layer[] = [{ name: 'sky', paint: () => paintOverhead(picture) }];
  if (facts.places.includes('underwater') || swims(picture)) {
    return [
      { name: 'underwater', paint: () => paintUnderwater(picture) },
      ...placeFigures(picture),
      ...placeTexts(picture),
    ];
  }
  const depth: readonly PlaceKind[] = ['mountains', 'hills', 'forest', 'city', 'village'];
  for (const place of [...behind].sort((a, b) => depth.indexOf(a) - depth.indexOf(b))) {
    layers.push({ name: place, paint: () => backdrops[place]?.(picture) });
  }
  if (ground !== null || hourHasGround(picture))
    layers.push({
      name: ground ?? 'ground',
      paint: () => (ground ? grounds[ground]?.(picture) : plainGround(picture)),
    });
  if (facts.symbols.has('waterfall'))
    layers.push({ name: 'waterfall', paint: () => paintWaterfall(stage, air, horizon) });
  if (facts.weather.has('fog')) layers.push({ name: 'fog', paint: () => paintFog(stage, horizon, air.haze, 0.9) });
  const blur = focusOf(picture);
  if (blur > 0) layers.push({ name: 'focus', paint: () => blurCanvas(stage.canvas, blur) });
  layers.push(...placeFigures(picture));
  if (ground === 'meadow' && castOf(facts).some(({ figure }) => figure.habitat === 'ground')) {
    layers.push({ name: 'foreground', paint: () => paintForeground(picture) });
  }
  const light = picture.luminary;
  if (facts.sky.has('god_rays') && light) {
    layers.push({ name: 'rays', paint: () => paintRays(stage, light.x, Math.min(light.y, horizon * 0.6), air.sun, 1) });
  }
  if (facts.symbols.has('dew') || facts.styles.has('surreal')) {
    layers.push({ name: 'sparkles', paint: () => paintSparkles(stage, horizon * 0.9, 70, air.sun, 0.009) });
  }
  if (facts.weather.has('rain') || picture.hour === 'storm')
    layers.push({ name: 'rain', paint: () => paintRain(stage, 1) });
  if (facts.weather.has('snow')) layers.push({ name: 'snow', paint: () => paintSnow(stage, 1) });
  layers.push(...placeTexts(picture));
  return layers;
}

/** Radius in pixels by which the background is out of focus: photographs of someone near. */
function focusOf(picture: Picture): number {
  const { facts, stage } = picture;
  const near = castOf(facts).some(({ figure }) => figure.habitat === 'ground' || figure.habitat === 'road');
  if (!near) return 0;
  if (facts.styles.has('dof')) return stage.mean * 0.011;
  return facts.styles.has('photo') ? stage.mean * 0.0042 : 0;
}

/** A fish with no shore, boat or dish in sight is seen where it lives. */
const swims = (picture: Picture): boolean => {
  const [first] = picture.facts.subjects;
  return picture.facts.places.length === 0 && first?.kind === 'fish';
};

/** Deep space has no ground unless someone has to stand on it. */
const hourHasGround = (picture: Picture): boolean => picture.hour !== 'space';

function groundOf(picture: Picture, behind: readonly PlaceKind[]): PlaceKind | null {
  const { facts, random } = picture;
  const named = facts.places.find((place) => grounds[place] !== undefined);
  if (named) return named;
  if (picture.hour === 'space')
    return castOf(facts).some(({ figure }) => figure.habitat === 'ground' && figure !== figureOf('rocket'))
      ? 'moon_surface'
      : null;
  const kinds = new Set<string>(facts.subjects.map((subject) => subject.kind));
  if (['boat', 'whale', 'lighthouse', 'bridge'].some((kind) => kinds.has(kind))) return 'sea';
  if (['car', 'bicycle', 'umbrella'].some((kind) => kinds.has(kind)) && !behind.includes('mountains')) return 'street';
  if (facts.styles.has('neon') && !behind.includes('city')) return 'street';
  if (behind.includes('city')) return facts.subjects.length > 0 ? 'rooftop' : 'lake';
  if (behind.includes('mountains'))
    return facts.subjects.length > 0 ? 'meadow' : random.pick(['lake', 'meadow', 'lake']);
  if (behind.includes('hills') || behind.includes('village') || facts.subjects.length > 0) return 'meadow';
  return null;
}

function paintOverhead(picture: Picture): void {
  const { stage, air, facts, horizon, luminary, hour } = picture;
  paintSky(stage, air, horizon);
  if (air.stars > 0) paintStars(stage, facts.weather.size > 0 ? air.stars * 0.5 : air.stars, horizon);
  if (hour === 'space' || facts.sky.has('milky'))
    paintNebula(
      stage,
      stage.random.pick([0x7a3ad8, 0x2f6ad8, 0xb83a8a]),
      stage.random.pick([0xe0508a, 0x2fb0c0, 0xf08a4a]),
      hour === 'space' ? 0.5 : 0.35,
    );
  if (facts.sky.has('aurora')) paintAurora(stage, horizon);
  if (luminary) paintLuminary(stage, air, luminary);
  const amount = facts.sky.has('clouds') ? Math.max(0.75, air.clouds) : air.clouds;
  if (!facts.sky.has('aurora') && hour !== 'space')
    paintClouds(stage, air, horizon, luminary?.x ?? stage.width / 2, amount);
  if (luminary?.kind === 'sun') {
    glow(stage.canvas, luminary.x, luminary.y, luminary.radius * 5, air.sun, 0.55);
    glow(stage.canvas, luminary.x, luminary.y, luminary.radius * 1.6, air.sun, 0.8);
  }
  if (hour === 'storm') paintLightning(stage, horizon);
  if (!facts.sky.has('rainbow')) return;
  const x = stage.width * stage.random.fork('rainbow').between(0.35, 0.65);
  const radius = Math.min(horizon * 0.92, stage.width * 0.6);
  paintRainbow(stage.canvas, { x, y: horizon, radius }, { strength: 0.5, blend: 'normal' });
}
