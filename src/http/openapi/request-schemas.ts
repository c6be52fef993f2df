/** Bodies of the image endpoints, made from the one table of parameters: what the parser reads is what the page shows. */
import { z } from 'zod';
import type { GenerationKind } from '../../contracts/generation.ts';
import { type Parameter, parameters } from '../../core/params/parameters.ts';

const reference = z
  .union([z.string(), z.object({ image_url: z.union([z.string(), z.object({ url: z.string() })]) })])
  .describe('A URL, a data URL, bare base64, or `{"image_url": …}`.');

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
