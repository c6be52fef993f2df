/** Bodies of the image endpoints, made from the one table of parameters: what the parser reads is what the page shows. */
import { z } from 'zod';
import type { GenerationKind } from '../../contracts/generation.ts';
import { type Parameter, parameters } from '../../core/params/parameters.ts';

const reference = z
  .union([
    z.string(),
    z.object({ image_url: z.union([z.string(), z.object({ url: z.string() })]) }),
    z.object({ file_id: z.string() }),
  ])
  .describe('A URL, a data URL, bare base64, `{"image_url": …}`, or `{"file_id": …}` of `POST /v1/files`.');

const besideInput = new Set([
  ...['model', 'n', 'labels', 'provider', 'user', 'simulate', 'simulate_delay_ms'],
  ...['response_format', 'stream', 'partial_images', 'unknown_params'],
]);

const file = z.string().meta({ format: 'binary' });

export const generationBody = z
  .looseObject(canonicalFields('text_to_image'))
  .describe(
    'Only `model` and `prompt` are required; null means absent. Parameters that some offers declare (see `GET /v1/models/{id}`) stand beside these; unknown ones are sent on and noted.',
  );

export const editBody = z
  .looseObject({
    ...canonicalFields('edit'),
    image: z
      .union([reference, z.array(reference)])
      .optional()
      .describe('One picture or several. Or use `images`.'),
    images: z.array(reference).optional().describe("OpenAI's JSON form: a list of `{image_url}`."),
    mask: reference.optional().describe('PNG with alpha, of the size of the first picture: transparent = change.'),
  })
  .describe('An edit as JSON: pictures as URLs, data URLs or base64.');

const inputFields = canonicalFields('text_to_image');

/** Fields of the resource stand beside `input`, those of the picture in it. */
export const asyncGenerationBody = z
  .strictObject({
    model: inputFields.model ?? z.string(),
    input: z
      .looseObject({
        ...Object.fromEntries(Object.entries(inputFields).filter(([name]) => !besideInput.has(name))),
        images: z.array(reference).optional().describe('References: the generation is an edit then.'),
        mask: reference.optional(),
      })
      .describe('What to make. Parameters that some offers declare stand here too; others are refused.'),
    n: z.int().min(1).max(10).optional().meta({ default: 1 }),
    wait: z
      .union([z.literal('auto'), z.number().min(0).max(60)])
      .optional()
      .describe('Seconds for which the answer is held back until it has ended; `auto` is up to 60, 0 answers at once.')
      .meta({ default: 'auto' }),
    webhook_url: z.string().optional().describe('Told when it has ended, signed as Standard Webhooks.'),
    labels: z.record(z.string(), z.string()).optional().describe('Yours, echoed: up to 16.'),
    provider: inputFields.provider ?? z.unknown(),
    user: z.string().optional(),
    simulate: inputFields.simulate ?? z.unknown(),
    simulate_delay_ms: inputFields.simulate_delay_ms ?? z.unknown(),
  })
  .describe('An asynchronous generation.');

export const editForm = z
  .looseObject({
    image: z.union([file, z.array(file)]).describe('The picture; send `image[]` (or `image` again) for several.'),
    mask: file.optional().describe('PNG with alpha, of the size of the first picture: transparent = change.'),
    ...canonicalFields('edit'),
  })
  .describe('An edit as a form, as every OpenAI client sends it. File names and declared types do not count.');

function canonicalFields(kind: GenerationKind): Record<string, z.ZodType> {
  const rows: readonly Parameter[] = parameters;
  return Object.fromEntries(
    rows.filter(({ modes }) => modes?.includes(kind) !== false).map((row) => [row.name, fieldSchema(row)]),
  );
}

function fieldSchema(row: Parameter): z.ZodType {
  const described = typeSchema(row).describe(row.description);
  const full = row.default === undefined ? described : described.meta({ default: row.default });
  return row.is_required === true ? full : full.optional();
}

function typeSchema(row: Parameter): z.ZodType {
  if (row.values !== undefined) return z.enum([...row.values]);
  if (row.name === 'model') return z.union([z.string(), z.array(z.string()).min(1)]);
  if (row.name === 'simulate') return z.union([z.string(), z.array(z.string())]);
  switch (row.type) {
    case 'string':
      return z.string().max(row.length_max ?? 32_000);
    case 'integer':
      return z
        .int()
        .min(row.min ?? Number.MIN_SAFE_INTEGER)
        .max(row.max ?? Number.MAX_SAFE_INTEGER);
    case 'number':
      return z.number();
    case 'boolean':
      return z.boolean();
    case 'object':
      return z.looseObject({});
  }
}
