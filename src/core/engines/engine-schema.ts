/**
 * The operator's own engines, as one TOML file declares them (setting GESSO_ENGINES_FILE). `compile-engines.ts` turns it
 * into pages of the catalogue, so that routing, prices and normalization know nothing of it.
 */
import { z } from 'zod';
import {
  fieldPathSchema,
  modeSchema,
  primitiveSchema,
  ratioSchema,
  slugSchema,
  tierSchema,
} from '../catalog/evidence-schema.ts';
import { variableSchema } from '../catalog/provider-schema.ts';
import { bindingsSchema } from './binding-schema.ts';
import { presetNames } from './wire-presets.ts';
import { wireSchema } from './wire-schema.ts';

const positive = z.int().positive();

/** What the engine makes; every bound is inclusive and in pixels. */
const sizesSchema = z.strictObject({
  side_min: positive.optional(),
  side_max: positive.optional(),
  area_min: positive.optional(),
  area_max: positive.optional(),
  /** Both sides are multiples of this; engines round others up without a word. */
  multiple: positive.optional(),
  /** Where a request gives no scale; 1K is one megapixel. */
  default_tier: tierSchema.default('1K'),
  default_ratio: ratioSchema.default('1:1'),
  /** For engines that are told a shape instead of pixels. */
  ratios: z.array(ratioSchema).min(1).optional(),
});

const limitsSchema = z.strictObject({
  references_max: positive.default(1),
  reference_bytes_max: positive.optional(),
  reference_pixels_max: positive.optional(),
  prompt_chars_max: positive.optional(),
});

const modelSchema = z
  .strictObject({
    /** The second half of the pin, `<engine>/<id>`; without `model` also the id of the model, `own/<id>`. */
    id: slugSchema,
    /** A model that the catalogue has: the engine becomes one more place to get it from. */
    model: z
      .string()
      .regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, 'write the id of a model in the catalogue, <lab>/<model>')
      .optional(),
    name: z.string().min(1).optional(),
    summary: z.string().min(3).optional(),
    /** Further ids of a model of one's own; a known model has its own. */
    aliases: z.array(z.string()).default([]),
    /** The engine's own name for it: a model, a checkpoint. */
    upstream_model: z.string().min(1).optional(),
    modes: z.array(modeSchema).min(1).default(['text_to_image']),
    sizes: sizesSchema.prefault({}),
    limits: limitsSchema.prefault({}),
    /** Dollars a picture, as decimal text. */
    price_usd: z
      .string()
      .regex(/^\d+(?:\.\d{1,6})?$/, 'write dollars as a string with at most six decimals, e.g. "0.002"')
      .default('0'),
    /** Sent when a caller sends nothing. */
    defaults: z
      .strictObject({
        steps: positive.optional(),
        guidance_scale: z.number().optional(),
        strength: z.number().min(0).max(1).optional(),
      })
      .prefault({}),
    extra_body: z.record(fieldPathSchema, primitiveSchema).default({}),
    /** stable-diffusion.cpp: whether a picture is looked at (edit models) or painted over (SD 1 to 3.5). */
    edits_by: z.enum(['reference', 'start']).optional(),
    /** ComfyUI: a graph in API format, relative to this file, and where its inputs stand. */
    workflow: z.string().min(1).optional(),
    bindings: bindingsSchema.optional(),
  })
  .refine(({ sizes: { side_min = 1, side_max = Infinity } }) => side_min <= side_max, {
    message: '`side_min` is larger than `side_max`',
    path: ['sizes', 'side_min'],
  })
  .refine(({ model, aliases }) => model === undefined || aliases.length === 0, {
    message: 'belong to a model of your own: one of the catalogue has its own',
    path: ['aliases'],
  });

export type EngineModel = z.infer<typeof modelSchema>;

export const adapterNames = ['openai-compatible', 'sd-server', 'comfyui', 'a1111'] as const;

const engineSchema = z
  .strictObject({
    id: slugSchema,
    name: z.string().min(1).optional(),
    adapter: z.enum(adapterNames),
    base_url: z
      .url({ protocol: /^https?$/, error: 'write an http or https URL' })
      .transform((url) => url.replace(/\/+$/, '')),
    /** The environment variable with the key; absent = none is needed. */
    key_variable: variableSchema.optional(),
    /** How the key is sent, where it is not the adapter's usual way. */
    auth: z.strictObject({ header: z.string().regex(/^[\w-]+$/), scheme: z.string().default('') }).optional(),
    headers: z.record(z.string().regex(/^[\w-]+$/, 'write the name of a header'), z.string()).default({}),
    /** Calls at once, over all models of the engine. */
    concurrent_max: positive.default(1),
    /** A1111: how several pictures are asked for; not everything that speaks sdapi reads `n_iter`. */
    n_by: z.enum(['n_iter', 'batch_size', 'calls']).optional(),
    preset: z.enum(presetNames).optional(),
    wire: wireSchema.optional(),
    models: z.array(modelSchema).min(1, 'declare at least one model'),
  })
  .superRefine((engine, context) => {
    const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    const isOpenai = engine.adapter === 'openai-compatible';
    if (!isOpenai && engine.preset !== undefined) fault(['preset'], 'is for adapter "openai-compatible" only');
    if (!isOpenai && engine.wire !== undefined) fault(['wire'], 'is for adapter "openai-compatible" only');
    if (engine.adapter !== 'a1111' && engine.n_by !== undefined) fault(['n_by'], 'is for adapter "a1111" only');
    const takesPictures = !isOpenai || engine.wire?.edit !== undefined || engine.preset !== undefined;
    engine.models.forEach((model, index) => {
      if (model.modes.includes('edit') && !takesPictures)
        fault(['models', index, 'modes'], 'has "edit", and `wire.edit` does not say how pictures are sent');
      for (const name of ['workflow', 'bindings'] as const) {
        const isNeeded = engine.adapter === 'comfyui';
        if (isNeeded && model[name] === undefined) fault(['models', index, name], 'is needed by adapter "comfyui"');
        if (!isNeeded && model[name] !== undefined) fault(['models', index, name], 'is for adapter "comfyui" only');
      }
      if (engine.adapter !== 'sd-server' && model.edits_by !== undefined)
        fault(['models', index, 'edits_by'], 'is for adapter "sd-server" only');
      if (model.modes.includes('edit') && model.bindings !== undefined && model.bindings.images.length === 0)
        fault(['models', index, 'bindings', 'images'], 'an edit needs a place for its picture');
    });
  });

export type Engine = z.infer<typeof engineSchema>;

export const enginesSchema = z.strictObject({ engines: z.array(engineSchema).default([]) });
