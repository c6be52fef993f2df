/**
 * The built-in engine as a provider: gesso/sketch in live mode, and every model in test mode. It bills nothing and
 * draws exactly the pixels that the plan says, so a test-mode answer has the size that the real offer would have.
 */
import type { SketchEngine, SketchRequest } from '../contracts/engine.ts';
import type { Pixels, StoredPicture } from '../contracts/media.ts';
import type { CallContext, ProviderAdapter, ProviderAnswer, ProviderCall } from '../contracts/provider.ts';

export interface SketchAdapterParts {
  readonly engine: SketchEngine;
  /** Reads a stored picture as upright pixels. */
  readonly decode: (picture: StoredPicture) => Promise<Pixels>;
  /** Reads a stored mask in OpenAI's polarity, as large as the picture it masks. */
  readonly decodeMask: (mask: StoredPicture) => Promise<Pixels>;
}

export function createSketchAdapter({ engine, decode, decodeMask }: SketchAdapterParts): ProviderAdapter {
  async function draw(call: ProviderCall, context: CallContext, index: number): Promise<Pixels> {
    const images = await Promise.all(call.images.map(decode));
    const mask = call.mask === null ? null : await decodeMask(call.mask);
    const { pixels } = await engine.draw(
      {
        prompt: call.prompt,
        ...(call.negative_prompt === null ? {} : { negative_prompt: call.negative_prompt }),
        ...placeOf(call, index),
        width: call.plan.upstream_size.width,
        height: call.plan.upstream_size.height,
        images,
        ...(mask === null ? {} : { mask }),
        marked: call.marked,
      },
      {
        signal: context.signal,
        partials: call.partials,
        onPartial: (partial, partialIndex) => context.onPartial?.(partial, partialIndex, call.first_index + index),
      },
    );
    return pixels;
  }

  return {
    provider: 'gesso',
    async run(call: ProviderCall, context: CallContext): Promise<ProviderAnswer> {
      return {
        pictures: Array.from({ length: call.n }, (_, index) => ({
          kind: 'drawing' as const,
          draw: () => draw(call, context, index),
        })),
      };
    },
  };
}

/** Pictures of one set share their seed, and know their place in it. */
function placeOf({ plan, seeds }: ProviderCall, index: number): Pick<SketchRequest, 'seed' | 'set'> {
  const { set_size: count } = plan;
  if (count === 1) return { seed: seeds[index] ?? 0 };
  const first = index - (index % count);
  return { seed: seeds[first] ?? 0, set: { index: index - first, count } };
}
