/** ComfyUI: a graph and where its inputs stand. The plan's body has plain names; the adapter lays them into the graph. */
import type { OfferData, OfferSource } from '../compile-engines.ts';
import { freeSizes, limitFacts, parameterRow, pricesOf, tiersOf } from '../offer-parts.ts';

const usualSizes = { multiple: 16, side_min: 64, side_max: 4096 };
const BATCH_MAX = 8;

export function comfyuiOffers({ engine, model, evidence }: OfferSource): readonly OfferData[] {
  const { bindings } = model;
  if (bindings === undefined) return [];
  const isEdit = model.modes.includes('edit');
  const bound = (['negative_prompt', 'seed', 'steps', 'guidance_scale', 'strength'] as const).filter(
    (name) => bindings[name] !== undefined && (name !== 'strength' || isEdit),
  );
  const references_max = Math.max(1, bindings.images.length);
  return [
    {
      provider: engine.id,
      id: model.id,
      /** The name of the graph among the engine's options. */
      upstream_model: model.id,
      endpoint: '/prompt',
      modes: model.modes,
      lookup: 'job',
      mask: isEdit && bindings.mask !== undefined ? { form: 'alpha', to: 'mask', required: true } : { form: 'none' },
      ...(isEdit ? { images: { to: 'images', form: 'array' } } : {}),
      output_formats: ['png'],
      response: 'bytes',
      limits: limitFacts({ ...model.limits, references_max }, isEdit, evidence),
      size: {
        ...evidence,
        tiers: tiersOf(model.sizes).tiers,
        // Where the graph has the last word, nothing is promised.
        exact: bindings.width !== undefined && bindings.height !== undefined,
        free: { form: 'width_height', to_width: 'width', to_height: 'height', ...freeSizes(model.sizes, usualSizes) },
      },
      parameters: {
        prompt: { to: 'prompt' },
        ...(bindings.batch_size === undefined ? {} : { n: { to: 'batch_size', max: BATCH_MAX } }),
        ...Object.fromEntries(bound.map((name) => [name, parameterRow(name, name, model)])),
      },
      prices: pricesOf(model.price_usd, evidence),
    },
  ];
}
