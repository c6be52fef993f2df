import { colorWords } from '../prompt/vocabulary.ts';
import { blueOf, type Color, greenOf, redOf } from '../raster/color.ts';

/** All colour words, longest first, for use inside a pattern. */
export const colourWord = `(?:${Object.keys(colorWords)
  .sort((a, b) => b.length - a.length)
  .join('|')})`;

export const colourOf = (word: string): Color => colorWords[word.toLowerCase()] ?? 0x808080;

const anyColour = new RegExp(String.raw`\b${colourWord}\b`, 'i');

/** The first colour that words name. */
export function colourIn(words: string): Color | undefined {
  const said = anyColour.exec(words)?.[0];
  return said === undefined ? undefined : colourOf(said);
}

/** Hue in turns, saturation and value 0 .. 1. */
export function hsvOf(r: number, g: number, b: number): [number, number, number] {
  const most = Math.max(r, g, b);
  const span = most - Math.min(r, g, b);
  if (span === 0) return [0, 0, most / 255];
  const sector = most === r ? (g - b) / span + (g < b ? 6 : 0) : most === g ? (b - r) / span + 2 : (r - g) / span + 4;
  return [sector / 6, span / most, most / 255];
}

export function rgbOf(hue: number, saturation: number, value: number): [number, number, number] {
  const channel = (n: number) => {
    const k = (n + hue * 6) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** How much a pixel is "red", "white" …: 0 .. 1, soft at the limits. */
export type ColourMatch = (r: number, g: number, b: number) => number;

const ramp = (value: number, none: number, all: number): number =>
  Math.min(1, Math.max(0, (value - none) / (all - none)));

/** `wide` above 1 takes in the neighbouring hues too. */
export function colourMatch(color: Color, wide = 1): ColourMatch {
  const [hue, saturation, value] = hsvOf(redOf(color), greenOf(color), blueOf(color));
  if (saturation < 0.2) {
    return (r, g, b) => {
      const most = Math.max(r, g, b);
      const grey = most === 0 ? 1 : ramp((most - Math.min(r, g, b)) / most, 0.28, 0.14);
      return grey * ramp(Math.abs(most / 255 - value), 0.3, 0.18);
    };
  }
  // Between red and yellow lie orange, brown, wood and skin: names of hues are close together there.
  const reach = (hue < 0.2 || hue > 0.95 ? 0.034 : 0.06) * wide;
  return (r, g, b) => {
    const most = Math.max(r, g, b);
    const span = most - Math.min(r, g, b);
    if (span < 24 || span < most * 0.22) return 0;
    const [pixelHue, pixelSaturation] = hsvOf(r, g, b);
    const away = Math.abs(pixelHue - hue);
    return ramp(Math.min(away, 1 - away), reach * 1.4, reach) * ramp(pixelSaturation, 0.22, 0.36);
  };
}
