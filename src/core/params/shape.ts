/** Reads what a request says of shape and scale: size, aspect_ratio, resolution, width and height. */
import type { CanonicalRequest, Dimensions } from '../../contracts/generation.ts';
import type { ErrorDetail } from '../errors.ts';

export type ShapeParam = 'size' | 'aspect_ratio' | 'resolution' | 'width' | 'height';

/** What a parameter decides. `exact`: pixels; `open`: `auto`, which leaves what nobody else decides. */
export type ShapeRole = 'exact' | 'ratio' | 'tier' | 'open' | 'unused';

export interface Shape {
  readonly exact: Dimensions | null;
  /** Width / height; `auto` = left to the provider; null = nobody said. */
  readonly ratio: number | 'auto' | null;
  /** T of (1024 T)^2; null = nobody said, or `auto`. */
  readonly tier: number | null;
  readonly roles: ReadonlyMap<ShapeParam, { readonly role: ShapeRole; readonly note?: string }>;
}

type Sizing = Partial<Pick<CanonicalRequest, ShapeParam>>;

type Size =
  | { readonly kind: 'exact'; readonly pixels: Dimensions }
  | { readonly kind: 'ratio'; readonly value: number }
  | { readonly kind: 'tier'; readonly value: number }
  | { readonly kind: 'auto' | 'custom' };

/** `size` is the most specific and wins; what it leaves open the others decide; what is not used is told. */
export function readShape(request: Sizing): { readonly shape: Shape } | { readonly faults: readonly ErrorDetail[] } {
  const faults: ErrorDetail[] = [];
  const size = request.size === undefined ? null : orFault(parseSize(request.size), sizeFault, faults);
  const ratio =
    request.aspect_ratio === undefined ? null : orFault(parseRatio(request.aspect_ratio), ratioFault, faults);
  const tier = request.resolution === undefined ? null : orFault(parseTier(request.resolution), tierFault, faults);
  const usesPixels = size === null ? request.size === undefined : size.kind === 'custom';
  if (usesPixels) faults.push(...pixelFaults(request, size?.kind === 'custom'));
  if (faults.length > 0) return { faults };

  const { width, height } = request;
  const custom = usesPixels && width !== undefined && height !== undefined ? { width, height } : null;
  const exact = size?.kind === 'exact' ? size.pixels : custom;
  const roles = new Map<ShapeParam, { role: ShapeRole; note?: string }>();
  const say = (param: ShapeParam, role: ShapeRole, winner: string) => {
    if (request[param] === undefined) return;
    roles.set(
      param,
      role === 'unused' ? { role, note: `\`${winner}\` is more specific, so \`${param}\` is not used.` } : { role },
    );
  };
  const winner = size === null || size.kind === 'custom' ? 'width and height' : 'size';
  say(
    'size',
    size === null ? 'unused' : size.kind === 'auto' ? 'open' : size.kind === 'custom' ? 'exact' : size.kind,
    winner,
  );
  say('width', custom === null ? 'unused' : 'exact', 'size');
  say('height', custom === null ? 'unused' : 'exact', 'size');
  say(
    'aspect_ratio',
    exact !== null || size?.kind === 'ratio' ? 'unused' : ratio === 'auto' ? 'open' : 'ratio',
    winner,
  );
  say('resolution', exact !== null || size?.kind === 'tier' ? 'unused' : tier === 'auto' ? 'open' : 'tier', winner);
  return {
    shape: {
      exact,
      ratio:
        exact !== null
          ? null
          : size?.kind === 'ratio'
            ? size.value
            : (ratio ?? (size?.kind === 'auto' ? 'auto' : null)),
      tier: exact !== null ? null : size?.kind === 'tier' ? size.value : tier === 'auto' ? null : tier,
      roles,
    },
  };
}

/** `WxH`, `W:H`, a tier, `auto` or `custom`; null for anything else. */
export function parseSize(text: string): Size | null {
  const word = text.trim().toLowerCase();
  if (word === 'auto' || word === 'custom') return { kind: word };
  const pixels = /^(\d{1,5})\s*[x×*]\s*(\d{1,5})$/.exec(word);
  if (pixels !== null) {
    const [width, height] = [Number(pixels[1]), Number(pixels[2])];
    return width > 0 && height > 0 ? { kind: 'exact', pixels: { width, height } } : null;
  }
  const ratio = parseRatio(word);
  if (typeof ratio === 'number') return { kind: 'ratio', value: ratio };
  const tier = /[kp]$/.test(word) ? parseTier(word) : null;
  return typeof tier === 'number' ? { kind: 'tier', value: tier } : null;
}

/** `16:9`, `19.5:9` or `auto`, as width / height. */
export function parseRatio(text: string): number | 'auto' | null {
  const word = text.trim().toLowerCase();
  if (word === 'auto') return 'auto';
  const match = /^(\d{1,5}(?:\.\d{1,3})?)\s*:\s*(\d{1,5}(?:\.\d{1,3})?)$/.exec(word);
  if (match === null) return null;
  const [width, height] = [Number(match[1]), Number(match[2])];
  return width > 0 && height > 0 ? width / height : null;
}

/** `2K` is 2; `0.25` and `0.25MP` are megapixels, of which one is 1K; `auto`. */
export function parseTier(text: string): number | 'auto' | null {
  const word = text.trim().toLowerCase();
  if (word === 'auto') return 'auto';
  const match = /^(\d{1,2}(?:\.\d{1,3})?)\s*(k|mp)?$/.exec(word);
  if (match === null) return null;
  const value = match[2] === 'k' ? Number(match[1]) : Math.sqrt(Number(match[1]));
  return value > 0 ? value : null;
}

const sizeFault: ErrorDetail = {
  param: 'size',
  message: 'This is not a size.',
  fix: 'Send pixels ("1024x1024"), a ratio ("16:9"), a tier ("2K"), "auto", or "custom" with width and height.',
};
const ratioFault: ErrorDetail = {
  param: 'aspect_ratio',
  message: 'This is not an aspect ratio.',
  fix: 'Send width to height, such as "16:9", or "auto".',
};
const tierFault: ErrorDetail = {
  param: 'resolution',
  message: 'This is not a resolution.',
  fix: 'Send a tier ("0.5K", "1K", "2K", "4K"), megapixels ("0.25", "1"), or "auto".',
};

function orFault<T>(value: T | null, fault: ErrorDetail, faults: ErrorDetail[]): T | null {
  if (value === null) faults.push(fault);
  return value;
}

function pixelFaults(request: Sizing, isCustom: boolean): ErrorDetail[] {
  const missing = (['width', 'height'] as const).filter((side) => request[side] === undefined);
  if (missing.length === 0 || (missing.length === 2 && !isCustom)) return [];
  return missing.map((param) => ({
    param,
    message: `\`${param}\` is missing.`,
    fix: isCustom ? 'Send width and height with size "custom".' : 'Send width and height together.',
  }));
}
