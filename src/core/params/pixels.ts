/** Arithmetic of shape and scale. Ratios are width / height; a tier T stands for an area of (1024 T)^2. */
import type { Dimensions } from '../../contracts/generation.ts';

/** Bounds of what an offer makes; all inclusive, absent = unbounded. */
export interface PixelRules {
  readonly area_min: number;
  readonly area_max: number;
  readonly side_min: number;
  readonly side_max: number;
  readonly multiple: number;
  readonly ratio_min: number;
  readonly ratio_max: number;
}

/** The canonical pixels of a ratio at a tier: all eight rows of the 1K table that users know come out of it. */
export function pixelsOf(ratio: number, tier: number): Dimensions {
  const height = Math.max(1, Math.round(Math.sqrt((1024 * tier) ** 2 / ratio)));
  return { width: Math.max(1, Math.round(height * ratio)), height };
}

export function holds({ width, height }: Dimensions, rules: PixelRules): boolean {
  return (
    notTooLarge({ width, height }, rules) &&
    width * height >= rules.area_min &&
    Math.min(width, height) >= rules.side_min &&
    width % rules.multiple === 0 &&
    height % rules.multiple === 0 &&
    ratioHolds({ width, height }, rules)
  );
}

/**
 * The pixels nearest to `wanted` that the rules allow: shrunk, or grown, a pixel at a time along the longer side.
 * `ratio` is the shape that is kept, which whole pixels only come near to.
 */
export function nearestWithin(
  wanted: Dimensions,
  rules: PixelRules,
  ratio: number = wanted.width / wanted.height,
): Dimensions | null {
  let longer = Math.max(wanted.width, wanted.height);
  let size = wanted;
  const shrinks = !notTooLarge(size, rules);
  while (longer > 1 && !fits(size, rules, ratio)) {
    if (!shrinks && !notTooLarge(size, rules)) return null;
    longer += shrinks ? -1 : 1;
    size = ofLonger(longer, ratio);
  }
  return snapped(size, rules, ratio);
}

/** The smallest pixels of the shape of `asked` that cover it and obey the rules; null where there are none. */
export function coverWithin(asked: Dimensions, rules: PixelRules): Dimensions | null {
  const longest = Math.max(asked.width, asked.height);
  // Multiplied before it is divided: whole numbers lose nothing, and 969 stays 969 instead of becoming 970.
  const grown = (side: number, longer: number) => up(Math.ceil((side * longer) / longest), rules.multiple);
  for (let longer = longest; ; longer += 1) {
    const size = { width: grown(asked.width, longer), height: grown(asked.height, longer) };
    if (!notTooLarge(size, rules)) return null;
    if (holds(size, rules)) return size;
  }
}

/** The member nearest to `wanted` in log space, where twice and half are equally far; of two the larger. */
export function nearestInLog<T>(wanted: number, members: readonly T[], measure: (member: T) => number): T {
  const [first, ...rest] = members;
  if (first === undefined) throw new RangeError('There is nothing to choose from.');
  return rest.reduce((best, member) => {
    const difference = logDistance(wanted, measure(member)) - logDistance(wanted, measure(best));
    const isTie = Math.abs(difference) < 1e-9;
    return difference < 0 && !isTie ? member : isTie && measure(member) > measure(best) ? member : best;
  }, first);
}

export function logDistance(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

function notTooLarge({ width, height }: Dimensions, rules: PixelRules): boolean {
  return width * height <= rules.area_max && Math.max(width, height) <= rules.side_max;
}

/** A rounded side may leave the range by a hair: only the exact limit counts. */
function ratioHolds({ width, height }: Dimensions, rules: PixelRules): boolean {
  return width / height <= rules.ratio_max && width / height >= rules.ratio_min;
}

/** Everything but the multiple, which is settled at the end. A shape that is outside the range anyway stays outside. */
function fits(size: Dimensions, rules: PixelRules, ratio: number): boolean {
  const isShapeAllowed = ratio <= rules.ratio_max && ratio >= rules.ratio_min;
  return holds(size, { ...rules, multiple: 1, ...(isShapeAllowed ? {} : { ratio_min: 0, ratio_max: Infinity }) });
}

function ofLonger(longer: number, ratio: number): Dimensions {
  const shorter = Math.max(1, Math.round(ratio >= 1 ? longer / ratio : longer * ratio));
  return ratio >= 1 ? { width: longer, height: shorter } : { width: shorter, height: longer };
}

/** Of the four ways to round both sides to the multiple, the one that holds and is nearest in shape, then in area. */
function snapped(size: Dimensions, rules: PixelRules, ratio: number): Dimensions | null {
  const { multiple } = rules;
  const sides = (side: number) => [up(side, multiple), up(side, multiple) - multiple, up(side, multiple) + multiple];
  const choices = sides(size.width)
    .flatMap((width) => sides(size.height).map((height) => ({ width, height })))
    .concat(size)
    .filter((choice) => choice.width > 0 && choice.height > 0 && holds(choice, rules));
  const distance = ({ width, height }: Dimensions) =>
    logDistance(width / height, ratio) + Math.abs(Math.log((width * height) / (size.width * size.height)));
  return choices.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function up(side: number, multiple: number): number {
  return Math.ceil(side / multiple) * multiple;
}
