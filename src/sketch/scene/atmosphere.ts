import type { Understanding } from '../prompt/understand.ts';
import type { Color } from '../raster/color.ts';
import { mix, saturate } from '../raster/color.ts';
import type { Random } from '../raster/random.ts';
import type { Light } from './stage.ts';

/** The colours of an hour and its weather: the palette that every outdoor layer draws from. */
export interface Atmosphere {
  /** Sky from the top of the frame down to the horizon. */
  readonly sky: readonly [Color, Color, Color, Color];
  readonly sun: Color;
  /** Height of the sun or moon over the horizon, as a share of the sky; below 0 it has set. */
  readonly height: number;
  /** What distance fades into. */
  readonly haze: Color;
  readonly cloudLit: Color;
  readonly cloudShade: Color;
  /** 0 .. 1. */
  readonly clouds: number;
  readonly stars: number;
  readonly tint: Color;
  readonly lit: Color;
  readonly shade: Color;
}

export type Hour = 'dawn' | 'day' | 'golden' | 'sunset' | 'dusk' | 'night' | 'storm' | 'overcast' | 'neon' | 'space';

const hours: Readonly<Record<Hour, Atmosphere>> = {
  dawn: {
    sky: [0x6d93c4, 0xa9b9d6, 0xf3c9b8, 0xffe2a8],
    sun: 0xfff0c0,
    height: 0.2,
    haze: 0xf2d3c0,
    cloudLit: 0xffe6c8,
    cloudShade: 0xb79ab2,
    clouds: 0.45,
    stars: 0,
    tint: 0xfff0dc,
    lit: 0xffe3a6,
    shade: 0x8f86a8,
  },
  day: {
    sky: [0x2f76c4, 0x5c9fdd, 0x9cc9ea, 0xdcecf2],
    sun: 0xfffbe6,
    height: 0.8,
    haze: 0xc3d9e8,
    cloudLit: 0xffffff,
    cloudShade: 0xa9bccf,
    clouds: 0.5,
    stars: 0,
    tint: 0xffffff,
    lit: 0xfff6d8,
    shade: 0x8390b4,
  },
  golden: {
    sky: [0x5d8dc0, 0x9cb4c8, 0xf0cf9c, 0xffdf9a],
    sun: 0xfff2c4,
    height: 0.3,
    haze: 0xf3d6a2,
    cloudLit: 0xfff0c9,
    cloudShade: 0xc09a86,
    clouds: 0.45,
    stars: 0,
    tint: 0xffeccb,
    lit: 0xffdf96,
    shade: 0x8a7896,
  },
  sunset: {
    sky: [0x33306e, 0x80457f, 0xe8694f, 0xffb54d],
    sun: 0xfff0b8,
    height: 0.14,
    haze: 0xe88a5c,
    cloudLit: 0xffa257,
    cloudShade: 0x6a3a6c,
    clouds: 0.62,
    stars: 0.12,
    tint: 0xffd6b0,
    lit: 0xffb25e,
    shade: 0x6f5a8e,
  },
  dusk: {
    sky: [0x1a2350, 0x3a4380, 0x8a6296, 0xe79a82],
    sun: 0xffe3c0,
    height: -0.1,
    haze: 0x7f6a98,
    cloudLit: 0xd98a92,
    cloudShade: 0x3d3d6c,
    clouds: 0.5,
    stars: 0.45,
    tint: 0xaaa6d2,
    lit: 0xf0b5a4,
    shade: 0x5d5a8e,
  },
  night: {
    sky: [0x070c22, 0x0f1c42, 0x1d3564, 0x3b5b86],
    sun: 0xf2f0dc,
    height: 0.62,
    haze: 0x28426c,
    cloudLit: 0x54709c,
    cloudShade: 0x141f42,
    clouds: 0.3,
    stars: 1,
    tint: 0x6f88bc,
    lit: 0xb9d0f2,
    shade: 0x46527e,
  },
  storm: {
    sky: [0x232b38, 0x3b4756, 0x5f6c78, 0x98a098],
    sun: 0xe8e8d8,
    height: 0.5,
    haze: 0x77838a,
    cloudLit: 0x97a1a8,
    cloudShade: 0x2a323e,
    clouds: 1,
    stars: 0,
    tint: 0xb6bec8,
    lit: 0xdfe4da,
    shade: 0x636c82,
  },
  overcast: {
    sky: [0x93a1ae, 0xa9b5bf, 0xc2cacd, 0xdadcd8],
    sun: 0xf6f4ea,
    height: 0.6,
    haze: 0xc6cccd,
    cloudLit: 0xe8eaea,
    cloudShade: 0x96a1ab,
    clouds: 0.9,
    stars: 0,
    tint: 0xe6e9ee,
    lit: 0xf7f5ec,
    shade: 0x8089a0,
  },
  neon: {
    sky: [0x0b0822, 0x25104c, 0x6b1c74, 0xd63a86],
    sun: 0xff6fae,
    height: 0.2,
    haze: 0x5a2170,
    cloudLit: 0xb8378f,
    cloudShade: 0x1d0f42,
    clouds: 0.45,
    stars: 0.35,
    tint: 0x9a8fd0,
    lit: 0x54e6f2,
    shade: 0x4c3a86,
  },
  space: {
    sky: [0x04050f, 0x070a1c, 0x0b1026, 0x101633],
    sun: 0xfff8e6,
    height: 0.7,
    haze: 0x161c3a,
    cloudLit: 0x7a4aa8,
    cloudShade: 0x0a1030,
    clouds: 0,
    stars: 1,
    tint: 0xe8ecf6,
    lit: 0xffffff,
    shade: 0x3e4468,
  },
};

/** Formats that are printed or laid out, not seen at an hour of the day. */
const sheets = new Set(['logo', 'menu', 'infographic', 'mandala', 'diorama', 'pattern', 'icon']);

/** The hour that a prompt asks for, or one that suits its weather, place and style; daylight has its chances too. */
export function hourOf(facts: Understanding, random: Random): Hour {
  if (facts.format !== null && sheets.has(facts.format)) return 'day';
  if (facts.places.includes('space') || facts.places.includes('moon_surface')) return 'space';
  if (facts.weather.has('storm')) return 'storm';
  if (facts.time !== null) return facts.time;
  if (facts.sky.has('aurora') || facts.sky.has('milky') || facts.sky.has('moon')) return 'night';
  if (facts.styles.has('neon')) return 'neon';
  if (facts.weather.has('rain')) return 'overcast';
  if (facts.weather.has('fog')) return random.pick(['dawn', 'overcast']);
  if (facts.weather.has('snow')) return random.pick(['day', 'dusk', 'overcast']);
  if (facts.mood.has('dark')) return random.pick(['dusk', 'night', 'storm']);
  if (facts.mood.has('epic')) return random.pick(['golden', 'sunset', 'day']);
  return random.pick(['day', 'day', 'golden', 'day', 'dawn']);
}

export function atmosphereOf(hour: Hour, facts: Understanding, random: Random): Atmosphere {
  const base = hours[hour];
  const warm = random.between(-1, 1);
  const turn = (color: Color): Color => mix(color, warm > 0 ? 0xff9a6a : 0x6a86ff, Math.abs(warm) * 0.1);
  const [a, b, c, d] = base.sky;
  const neon = facts.styles.has('neon') && hour !== 'neon';
  const pastel = facts.styles.has('pastel') || facts.mood.has('calm');
  const tone = (color: Color): Color => {
    const lively = neon ? mix(saturate(color, 1.3), 0xa02a9c, 0.22) : turn(color);
    return pastel ? mix(saturate(lively, 0.92), 0xfff4ea, 0.1) : lively;
  };
  return { ...base, sky: [tone(a), tone(b), tone(c), tone(d)], haze: tone(base.haze) };
}

/** `side` -1 = from the left, 1 = from the right. */
export function lightOf(atmosphere: Atmosphere, side: number, depth = 1): Light {
  const high = Math.max(0.1, Math.min(0.9, atmosphere.height));
  return {
    x: side * (1 - high * 0.55),
    y: -0.35 - high * 0.6,
    z: 0.62,
    tint: atmosphere.tint,
    lit: atmosphere.lit,
    shade: atmosphere.shade,
    depth,
  };
}
