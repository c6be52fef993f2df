/** An OpenAI-compatible server's offers: one that draws, one that edits, by the switches of its wire. */
import type { JsonObject } from '../../../contracts/json.ts';
import type { OfferData, OfferSource } from '../compile-engines.ts';
import type { Engine } from '../engine-schema.ts';
import { constantsOf, freeSizes, limitFacts, parameterRow, pricesOf, tiersOf } from '../offer-parts.ts';
import { wirePresets } from '../wire-presets.ts';
import { type OptionalField, optionalFields, type Wire } from '../wire-schema.ts';

const usualSizes = { multiple: 16, side_min: 64, side_max: 4096 };
const usualRatios = ['1:1', '4:3', '3:4', '3:2', '2:3', '16:9', '9:16', '21:9'];

const wireOf = ({ preset, wire }: Engine): Wire => ({ ...(preset === undefined ? {} : wirePresets[preset]), ...wire });

/** What the plan's body does not say: how it is put on the wire. */
export function openaiOptions(engine: Engine): JsonObject {
  const { fields, edit, error_path, negative_after } = wireOf(engine);
  return {
    ...(fields?.seed === undefined ? {} : { seed_field: fields.seed }),
    ...(edit?.encoding === 'multipart' ? { form: { path: edit.path, pictures: edit.field } } : {}),
    ...(edit?.encoding === 'json_base64' ? { pictures_as: 'base64' } : {}),
    ...(error_path === undefined ? {} : { error_path }),
    ...(negative_after === undefined ? {} : { negative_after }),
  };
}

export function openaiOffers(source: OfferSource): readonly OfferData[] {
  const { model, engine } = source;
  const wire = wireOf(engine);
  return model.modes.map((mode) => offer(source, wire, mode));
}

function offer({ engine, model, evidence }: OfferSource, wire: Wire, mode: 'text_to_image' | 'edit'): OfferData {
  const { edit } = wire;
  const isEdit = mode === 'edit';
  const isPair = isEdit && model.modes.length > 1;
  const format = wire.response_format ?? 'b64_json';
  return {
    provider: engine.id,
    id: isPair ? `${model.id}-edit` : model.id,
    upstream_model: model.upstream_model ?? model.id,
    to_model: 'model',
    endpoint: isEdit ? (edit?.path ?? '/images/edits') : (wire.path ?? '/images/generations'),
    modes: [mode],
    lookup: 'none',
    mask: isEdit && edit?.mask !== undefined ? { form: edit.mask.form, to: edit.mask.field } : { form: 'none' },
    ...(isEdit && edit !== undefined ? { images: imagesOf(edit) } : {}),
    output_formats: wire.output_formats ?? ['png'],
    response: format === 'url' ? 'url' : 'b64',
    constants: [
      ...(format === 'omit' ? [] : [{ to: 'response_format', value: format }]),
      ...constantsOf({ ...wire.extra_body, ...model.extra_body }),
    ],
    limits: limitFacts(model.limits, isEdit, evidence),
    size: { tiers: tiersOf(model.sizes).tiers, ...evidence, ...shapeOf(wire, model.sizes) },
    parameters: parametersOf(wire, model, isEdit),
    prices: pricesOf(model.price_usd, evidence),
  };
}

/** Names such as `image[]` are no paths of a body: the adapter writes them into its form. */
function imagesOf({ encoding, field, form }: NonNullable<Wire['edit']>) {
  return encoding === 'multipart' ? { to: 'image', form: 'array' } : { to: field, form };
}

function shapeOf({ size = 'wxh' }: Wire, sizes: OfferSource['model']['sizes']) {
  if (size === 'wxh') return { exact: true, free: { form: 'wxh', to: 'size', ...freeSizes(sizes, usualSizes) } };
  if (size === 'width_height') {
    const free = { form: 'width_height', to_width: 'width', to_height: 'height', ...freeSizes(sizes, usualSizes) };
    return { exact: true, free };
  }
  const ratios = sizes.ratios ?? usualRatios;
  const tier = size === 'aspect_resolution' ? { to_tier: 'resolution' } : {};
  return { exact: false, grid: { to_ratio: 'aspect_ratio', ratios, ...tier } };
}

function parametersOf(
  { fields = {}, n_max = 1, negative_after, output_formats }: Wire,
  model: OfferSource['model'],
  isEdit: boolean,
) {
  const listed = optionalFields.filter(
    (name: OptionalField) => fields[name] !== undefined && (name !== 'strength' || isEdit),
  );
  return {
    prompt: { to: 'prompt' },
    ...(n_max > 1 ? { n: { to: 'n', max: n_max } } : {}),
    ...(negative_after === undefined ? {} : { negative_prompt: { fold_into_prompt: `${negative_after}{value}` } }),
    ...Object.fromEntries(
      listed.map((name) => [
        name,
        name === 'output_format'
          ? { to: fields[name], values: output_formats ?? ['png'] }
          : parameterRow(name, fields[name] ?? name, model),
      ]),
    ),
  };
}
