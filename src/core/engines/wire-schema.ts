/** In what an OpenAI-compatible images server differs from others. Every switch has a default; a preset gives several. */
import { z } from 'zod';
import { fieldPathSchema, primitiveSchema } from '../catalog/evidence-schema.ts';

const path = z.string().regex(/^\/[^\s?#]*$/, 'write a path that begins with /');
const formats = z.enum(['png', 'jpeg', 'gif', 'webp', 'avif']);

/** The optional parameters that a server may be told of; any that is not listed is never sent. */
export const optionalFields = [
  'seed',
  'negative_prompt',
  'quality',
  'style',
  'background',
  'user',
  'output_format',
  'output_compression',
  'steps',
  'guidance_scale',
  'strength',
] as const;

export type OptionalField = (typeof optionalFields)[number];

const editSchema = z.strictObject({
  path: path.default('/images/edits'),
  /** `multipart`: a file for each picture. `json`: data URLs by `form`. `json_base64`: bare base64 by `form`. */
  encoding: z.enum(['multipart', 'json', 'json_base64']),
  /** `image`, `image[]`, `images`, `ref_images` ... */
  field: z.string().min(1),
  form: z.enum(['single', 'array', 'one_or_array']).default('array'),
  /** `alpha`: transparent = change. `white`: white = change. Absent = no mask is taken, and Gesso lays the edit over the original. */
  mask: z.strictObject({ field: fieldPathSchema, form: z.enum(['alpha', 'white']) }).optional(),
});

export const wireSchema = z.strictObject({
  path: path.optional(),
  size: z.enum(['wxh', 'width_height', 'aspect_ratio', 'aspect_resolution']).optional(),
  /** Parameter -> the server's field for it. */
  fields: z.partialRecord(z.enum(optionalFields), fieldPathSchema).optional(),
  response_format: z.enum(['omit', 'b64_json', 'url', 'base64']).optional(),
  /** Pictures that one call may bring; 1 = one call a picture. */
  n_max: z.int().positive().optional(),
  /** The first is what comes unasked. */
  output_formats: z.array(formats).min(1).optional(),
  edit: editSchema.optional(),
  /** Where the text of an error stands, e.g. `errors.0.message`. */
  error_path: fieldPathSchema.optional(),
  /** In the prompt, what comes after this is a negative prompt (LocalAI: `|`). */
  negative_after: z.string().length(1).optional(),
  extra_body: z.record(fieldPathSchema, primitiveSchema).optional(),
});

export type Wire = z.infer<typeof wireSchema>;
