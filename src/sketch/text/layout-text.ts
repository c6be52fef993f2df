import type { Font, Glyph } from 'opentype.js/dist/opentype.mjs';
import { flattenPath } from './flatten-path.ts';
import { type FontFamily, type FontWeight, loadFont } from './load-font.ts';

export interface TextOptions {
  readonly size_px: number;
  readonly weight?: FontWeight;
  readonly family?: FontFamily;
  /** Lines break at spaces to stay inside this; a single word that is wider breaks inside. */
  readonly max_width_px?: number;
  readonly align?: 'left' | 'center';
  /** Distance of two baselines as a multiple of the size. */
  readonly line_height?: number;
}

export interface TextLayout {
  /** Closed polygons x, y, x, y … in px, y down, the block's top left at 0,0. Fill with the non-zero rule. */
  readonly contours: Float32Array[];
  readonly width: number;
  readonly height: number;
}

interface PlacedGlyph {
  readonly glyph: Glyph;
  readonly space: boolean;
  readonly advance: number;
  /** Added before this glyph when it follows another on its line. */
  readonly kern: number;
}

/** A chord may stray from the curve by this part of the size: invisible, and large letters still get enough points. */
const toleranceOfSize = 1 / 500;
const missingAdvance = 0.62;

/** Sets text as outlines: kerned, wrapped, aligned. A character that the face lacks is drawn as a box. */
export function layoutText(text: string, options: TextOptions): TextLayout {
  const font = loadFont(options.family ?? 'sans', options.weight ?? 'regular');
  const scale = options.size_px / font.unitsPerEm;
  const lines = text
    .normalize('NFC')
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .flatMap((line) => wrap(measure(line, font, scale), options.max_width_px ?? Number.POSITIVE_INFINITY));
  const widths = lines.map(lineWidth);
  const width = Math.max(0, ...widths);
  const ascent = font.ascender * scale;
  const step = options.size_px * (options.line_height ?? 1.2);
  const contours: Float32Array[] = [];
  lines.forEach((line, row) => {
    let pen = options.align === 'center' ? (width - (widths[row] ?? 0)) / 2 : 0;
    line.forEach((placed, at) => {
      if (at > 0) pen += placed.kern;
      drawGlyph(contours, placed, pen, ascent + row * step, options.size_px);
      pen += placed.advance;
    });
  });
  const height = lines.length === 0 ? 0 : ascent - font.descender * scale + (lines.length - 1) * step;
  return { contours, width, height };
}

function measure(line: string, font: Font, scale: number): PlacedGlyph[] {
  const placed: PlacedGlyph[] = [];
  let previous: Glyph | undefined;
  for (const character of line.replaceAll('\t', '    ')) {
    if (/^[\p{Cc}\p{Cf}\p{M}]$/u.test(character) && font.charToGlyph(character).index === 0) continue;
    const space = /^\s$/u.test(character);
    const glyph = font.charToGlyph(space ? ' ' : character);
    const kern = previous === undefined ? 0 : font.getKerningValue(previous, glyph) * scale;
    const advance = (glyph.index === 0 ? missingAdvance * font.unitsPerEm : (glyph.advanceWidth ?? 0)) * scale;
    placed.push({ glyph, space, advance, kern });
    previous = glyph;
  }
  return placed;
}

function lineWidth(line: readonly PlacedGlyph[]): number {
  return line.reduce((sum, placed, at) => sum + placed.advance + (at > 0 ? placed.kern : 0), 0);
}

function wrap(line: readonly PlacedGlyph[], max_width_px: number): PlacedGlyph[][] {
  const lines: PlacedGlyph[][] = [];
  let rest = [...line];
  while (lineWidth(rest) > max_width_px && rest.length > 1) {
    let width = 0;
    let fits = 0;
    while (fits < rest.length) {
      const next = rest[fits];
      if (next === undefined) break;
      width += next.advance + (fits > 0 ? next.kern : 0);
      if (width > max_width_px && !next.space) break;
      fits++;
    }
    const lastSpace = rest.findLastIndex((placed, at) => placed.space && at <= fits && at > 0);
    const end = fits >= rest.length ? rest.length : lastSpace > 0 ? lastSpace : Math.max(1, fits);
    lines.push(trimSpaces(rest.slice(0, end)));
    rest = trimSpaces(rest.slice(end));
  }
  if (rest.length > 0 || lines.length === 0) lines.push(rest);
  return lines;
}

function trimSpaces(line: PlacedGlyph[]): PlacedGlyph[] {
  const start = line.findIndex((placed) => !placed.space);
  return start < 0 ? [] : line.slice(start, line.findLastIndex((placed) => !placed.space) + 1);
}

function drawGlyph(contours: Float32Array[], placed: PlacedGlyph, x: number, baseline: number, size_px: number): void {
  if (placed.space) return;
  if (placed.glyph.index === 0) {
    contours.push(...missingBox(x, baseline, size_px));
    return;
  }
  contours.push(...flattenPath(placed.glyph.getPath(x, baseline, size_px).commands, size_px * toleranceOfSize));
}

/** An upright frame of the height of a capital: outer polygon clockwise, inner one the other way, so that both fill rules leave it hollow. */
function missingBox(x: number, baseline: number, size_px: number): Float32Array[] {
  const left = x + 0.06 * size_px;
  const right = x + (missingAdvance - 0.06) * size_px;
  const top = baseline - 0.71 * size_px;
  const line = Math.max(0.05 * size_px, 0.75);
  return [
    Float32Array.of(left, top, right, top, right, baseline, left, baseline),
    Float32Array.of(
      ...[left + line, top + line, left + line, baseline - line],
      ...[right - line, baseline - line, right - line, top + line],
    ),
  ];
}
