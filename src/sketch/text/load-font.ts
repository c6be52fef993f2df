import { readFileSync } from 'node:fs';
import { type Font, parse } from 'opentype.js/dist/opentype.mjs';

export type FontFamily = 'sans' | 'serif';
export type FontWeight = 'regular' | 'bold';

/** The faces that ship with us, so that a machine without any font draws the same letters (Roboto, PT Serif; both OFL). */
const fontFiles: Readonly<Record<FontFamily, Readonly<Record<FontWeight, string>>>> = {
  sans: { regular: 'roboto-regular.ttf', bold: 'roboto-bold.ttf' },
  serif: { regular: 'pt-serif-regular.ttf', bold: 'pt-serif-bold.ttf' },
};

const loaded = new Map<string, Font>();

/** Reads and parses a face once per thread. `lowMemory` keeps glyphs undecoded until they are asked for. */
export function loadFont(family: FontFamily, weight: FontWeight): Font {
  const file = fontFiles[family][weight];
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const bytes = readFileSync(new URL(`./fonts/${file}`, import.meta.url));
  const buffer = new Uint8Array(bytes).buffer;
  const font = parse(buffer, { lowMemory: true });
  loaded.set(file, font);
  return font;
}
