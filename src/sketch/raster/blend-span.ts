export type BlendMode = 'normal' | 'multiply' | 'screen' | 'overlay' | 'soft-light' | 'add';

type Mixer = (below: number, above: number) => number;

/** Formulas of W3C Compositing and Blending Level 1, on bytes; soft light in Pegtop's smooth form. */
const mixers: Readonly<Record<Exclude<BlendMode, 'normal'>, Mixer>> = {
  multiply: (below, above) => (below * above) / 255,
  screen: (below, above) => below + above - (below * above) / 255,
  overlay: (below, above) =>
    below < 128 ? (2 * below * above) / 255 : 255 - (2 * (255 - below) * (255 - above)) / 255,
  'soft-light': (below, above) => ((1 - (2 * above) / 255) * below * below) / 255 + (2 * above * below) / 255,
  add: (below, above) => (below + above > 255 ? 255 : below + above),
};

/** One table of 65,536 results a mode, made when first used, keeps the loop below the same for all modes. */
const tables = new Map<BlendMode, Uint8Array>();

function tableOf(mode: Exclude<BlendMode, 'normal'>): Uint8Array {
  const known = tables.get(mode);
  if (known) return known;
  const mixer = mixers[mode];
  const table = new Uint8Array(65536);
  for (let below = 0; below < 256; below++) {
    for (let above = 0; above < 256; above++) table[(below << 8) | above] = mixer(below, above) + 0.5;
  }
  tables.set(mode, table);
  return table;
}

/**
 * Lays `count` RGBA pixels of `source` over `target` from byte `offset`. `coverage` holds 0 .. 255 a pixel from
 * `coverageAt`; `opacity` is 0 .. 256. The target counts as opaque and its alpha only grows.
 */
export function blendSpan(
  target: Uint8Array,
  offset: number,
  source: Uint8Array,
  count: number,
  coverage: Uint8Array,
  coverageAt: number,
  opacity: number,
  mode: BlendMode,
): void {
  const table = mode === 'normal' ? null : tableOf(mode);
  for (let i = 0; i < count; i++) {
    const s = i << 2;
    const alpha = ((source[s + 3] ?? 0) * (coverage[coverageAt + i] ?? 0) * opacity) / 255;
    const a = (alpha + 0.5) | 0; // 0 .. 65280: coverage times opacity, in 1/65280
    if (a === 0) continue;
    const t = offset + s;
    const r0 = target[t] ?? 0;
    const g0 = target[t + 1] ?? 0;
    const b0 = target[t + 2] ?? 0;
    let r = source[s] ?? 0;
    let g = source[s + 1] ?? 0;
    let b = source[s + 2] ?? 0;
    if (table !== null) {
      r = table[(r0 << 8) | r] ?? 0;
      g = table[(g0 << 8) | g] ?? 0;
      b = table[(b0 << 8) | b] ?? 0;
    }
    const k = a / 65280;
    target[t] = r0 + (r - r0) * k + 0.5;
    target[t + 1] = g0 + (g - g0) * k + 0.5;
    target[t + 2] = b0 + (b - b0) * k + 0.5;
    const alphaBefore = target[t + 3] ?? 0;
    if (alphaBefore < 255) target[t + 3] = alphaBefore + (255 - alphaBefore) * k + 0.5;
  }
}
