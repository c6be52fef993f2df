/** stable-diffusion.cpp's server: its own jobs; one offer draws and edits. */
import type { OfferData, OfferSource } from '../compile-engines.ts';
import { constantsOf, freeSizes, limitFacts, parameterRow, pricesOf, tiersOf } from '../offer-parts.ts';

/** GET /sdcpp/v1/capabilities states the bounds; 64 is a step that models of every family take. */
const usualSizes = { multiple: 64, side_min: 64, side_max: 4096 };
const BATCH_MAX = 8;

export function sdServerOffers({ engine, model, evidence }: OfferSource): readonly OfferData[] {
  const isEdit = model.modes.includes('edit');
  const isStart = model.edits_by === 'start';
  return [
    {
      provider: engine.id,
      id: model.id,
      // The server has one model, which no request names.
      upstream_model: model.upstream_model ?? model.id,
      endpoint: '/sdcpp/v1/img_gen',
      modes: model.modes,
      lookup: 'job',
      mask: isEdit ? { form: 'white', to: 'mask_image' } : { form: 'none' },
      ...(isEdit
        ? { images: isStart ? { to: 'init_image', form: 'single' } : { to: 'ref_images', form: 'array' } }
        : {}),
      output_formats: ['png', 'jpeg', 'webp'],
      response: 'b64',
      // The file would carry the prompt otherwise.
      constants: [{ to: 'embed_image_metadata', value: false }, ...constantsOf(model.extra_body)],
      limits: limitFacts(model.limits, isEdit, evidence),
      size: {
        ...evidence,
        tiers: tiersOf(model.sizes).tiers,
        exact: true,
        free: { form: 'width_height', to_width: 'width', to_height: 'height', ...freeSizes(model.sizes, usualSizes) },
      },
      parameters: {
        prompt: { to: 'prompt' },
        n: { to: 'batch_count', max: BATCH_MAX },
        output_format: { to: 'output_format', values: ['png', 'jpeg', 'webp'] },
        output_compression: { to: 'output_compression' },
        negative_prompt: parameterRow('negative_prompt', 'negative_prompt', model),
        seed: parameterRow('seed', 'seed', model),
        steps: parameterRow('steps', 'sample_params.sample_steps', model),
        guidance_scale: parameterRow('guidance_scale', 'sample_params.guidance.txt_cfg', model),
        ...(isEdit && isStart ? { strength: parameterRow('strength', 'strength', model) } : {}),
      },
      prices: pricesOf(model.price_usd, evidence),
    },
  ];
}
