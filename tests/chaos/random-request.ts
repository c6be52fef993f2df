/** One request out of everything that a client may ask of seedream-4. */
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import type { NextRule } from '../../src/core/routing/outcomes.ts';

export interface ChaosRequest {
  /** Stands in the prompt, by which the calls and rows of this request are known. */
  readonly tag: string;
  readonly path: '/v1/images/generations' | '/v1/images/edits';
  readonly body: Readonly<Record<string, unknown>>;
  /** Sent as a form, with these files; null = as JSON. */
  readonly files: readonly Buffer[] | null;
  /** Pictures that may come at most. */
  readonly pictures: number;
  /** True where fewer are no loss: a set. */
  readonly is_set: boolean;
  readonly rule: NextRule;
  readonly stream: boolean;
  /** The client closes its connection after so long; null = it waits. */
  readonly leaves_after_ms: number | null;
  /** What the client's SDK says that it waits for; null = nothing. */
  readonly patience_ms: number | null;
}

const PROVIDERS = ['byteplus', 'fal', 'replicate'];
const TAG = /chaos-\d{5}-/;

/** Of a prompt as a provider or the database has it; null where it is none of ours. */
export const tagIn = (text: string): string | null => TAG.exec(text)?.[0] ?? null;

/** Small ones, and a last one that is too large for a data URL at Replicate. */
export async function makeReferences(): Promise<readonly Buffer[]> {
  const plain = await Promise.all(
    ['#c33', '#3c3', '#33c'].map((background) =>
      sharp({ create: { width: 640, height: 480, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const noise = sharp(randomBytes(400 * 300 * 3), { raw: { width: 400, height: 300, channels: 3 } });
  return [...plain, await noise.png().toBuffer()];
}

export function randomRequest(serial: number, random: () => number, references: readonly Buffer[]): ChaosRequest {
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0];
  const shuffled = PROVIDERS.map((name) => ({ name, at: random() })).sort((a, b) => a.at - b.at);
  const tag = `chaos-${String(serial).padStart(5, '0')}-`;
  const files = chance(0.35)
    ? Array.from({ length: 1 + Math.floor(random() * 3) }, () => (chance(0.03) ? 3 : Math.floor(random() * 3))).map(
        (index) => references[index] ?? Buffer.alloc(0),
      )
    : [];
  const is_set = chance(0.1);
  const n = is_set || chance(0.6) ? 1 : 1 + Math.floor(random() * 4);
  const rule: NextRule = {
    ...(chance(0.25) ? { on_refusal: 'next' as const } : {}),
    ...(chance(0.25) ? { on_unknown: 'next' as const } : {}),
    ...(chance(0.1) ? { allow_fallbacks: false } : {}),
  };
  const stream = !is_set && chance(0.15);
  const isForm = files.length > 0 && chance(0.4);
  const urls = files.map((file) => ({ image_url: `data:image/png;base64,${file.toString('base64')}` }));
  return {
    tag,
    path: files.length > 0 ? '/v1/images/edits' : '/v1/images/generations',
    body: {
      model: chance(0.2) ? `${pick(['byteplus', 'fal', 'replicate'])}/seedream-4` : 'seedream-4',
      prompt: `${tag} a red boat on a lake`,
      n,
      ...(is_set ? { sequential_image_generation: 'auto', max_images: 3 } : {}),
      size: pick(['1024x1024', '1024x1024', '1024x1024', '1280x960', '1K', '16:9', '800x600']),
      ...(chance(0.2) ? { output_format: pick(['png', 'jpeg', 'webp']) } : {}),
      ...(stream ? { stream } : { response_format: pick(['url', 'b64_json', 'both']) }),
      ...(chance(0.2) ? { seed: serial } : {}),
      provider: { ...rule, ...(chance(0.7) ? { order: shuffled.map(({ name }) => name) } : {}) },
      ...(files.length > 0 && !isForm ? { images: urls } : {}),
    },
    files: isForm ? files : null,
    pictures: is_set ? 3 : n,
    is_set,
    rule,
    stream,
    leaves_after_ms: chance(0.1) ? random() * 600 : null,
    patience_ms: chance(0.05) ? 50 + random() * 1000 : null,
  };
}
