/** AUTOMATIC1111, Forge, SD.Next, and whatever else speaks sdapi (koboldcpp): one offer draws, one paints over. */
import type { OfferData, OfferSource } from '../compile-engines.ts';
import { constantsOf, freeSizes, limitFacts, parameterRow, pricesOf, tiersOf } from '../offer-parts.ts';

const usualSizes = { multiple: 8, side_min: 64, side_max: 2048 };
const PICTURES_MAX = 10;

export const a1111Offers = (source: OfferSource): readonly OfferData[] =>
  source.model.modes.map((mode) => offer(source, mode === 'edit'));

function offer({ engine, model, evidence }: OfferSource, isEdit: boolean): OfferData {
  // One after another: a batch needs the memory of all its pictures at once.
  const countField = engine.n_by ?? 'n_iter';
  return {
    provider: engine.id,
    id: isEdit && model.modes.length > 1 ? `${model.id}-edit` : model.id,
    upstream_model: model.upstream_model ?? model.id,
    // Without a checkpoint of its own the one that is loaded draws.
    ...(model.upstream_model === undefined ? {} : { to_model: 'override_settings.sd_model_checkpoint' }),
    endpoint: isEdit ? '/sdapi/v1/img2img' : '/sdapi/v1/txt2img',
    modes: [isEdit ? 'edit' : 'text_to_image'],
    lookup: 'none',
    mask: isEdit ? { form: 'white', to: 'mask' } : { form: 'none' },
    ...(isEdit ? { images: { to: 'init_images', form: 'array' } } : {}),
    output_formats: ['png'],
    response: 'b64',
    // Else the first of several pictures is a sheet of them all.
    constants: [{ to: 'override_settings.return_grid', value: false }, ...constantsOf(model.extra_body)],
    limits: limitFacts({ ...model.limits, references_max: 1 }, isEdit, evidence),
    size: {
      ...evidence,
      tiers: tiersOf(model.sizes).tiers,
      exact: true,
      free: { form: 'width_height', to_width: 'width', to_height: 'height', ...freeSizes(model.sizes, usualSizes) },
    },
    parameters: {
      prompt: { to: 'prompt' },
      ...(countField === 'calls' ? {} : { n: { to: countField, max: PICTURES_MAX } }),
      negative_prompt: parameterRow('negative_prompt', 'negative_prompt', model),
      seed: parameterRow('seed', 'seed', model),
      // The schema's own default of 50 is twice what anybody uses.
      steps: { ...parameterRow('steps', 'steps', model), max: 150, default: model.defaults.steps ?? 25 },
      guidance_scale: parameterRow('guidance_scale', 'cfg_scale', model),
      ...(isEdit ? { strength: parameterRow('strength', 'denoising_strength', model) } : {}),
    },
    prices: pricesOf(model.price_usd, evidence),
  };
}
