/**
 * The canonical parameters, once: the parser, the request schema, the compiled parameter schema of a model and the
 * reference page are made from this table. The name is the only spelling anywhere.
 */

import type { GenerationKind } from '../../contracts/generation.ts';
import type { JsonValue } from '../../contracts/json.ts';
import { simulationNames } from '../routing/simulated.ts';

export type ParameterType = 'string' | 'integer' | 'number' | 'boolean' | 'object';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  readonly group: 'core' | 'size' | 'output' | 'gateway';
  readonly is_required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly length_max?: number;
  readonly values?: readonly string[];
  readonly default?: JsonValue;
  /** Absent = both. */
  readonly modes?: readonly GenerationKind[];
  /** Values that ask for nothing: an offer that lacks the parameter dishonours nothing by leaving them out. */
  readonly neutral?: readonly JsonValue[];
  /** True where an offer that cannot do it should stand behind one that can. */
  readonly is_preference?: boolean;
}

const SEED_MAX = 2 ** 32 - 1;

export const parameters = [
  {
    name: 'model',
    type: 'string',
    group: 'core',
    is_required: true,
    length_max: 200,
    description:
      'The id of a model, an alias of it, or one offer of it (`fal/seedream-4`). A list is tried in its order: the next model where every offer of the one before has failed.',
  },
  {
    name: 'prompt',
    type: 'string',
    group: 'core',
    is_required: true,
    length_max: 32_000,
    description: 'What the picture shows, or how it is changed.',
  },
  {
    name: 'n',
    type: 'integer',
    group: 'core',
    min: 1,
    max: 10,
    default: 1,
    description: 'How many pictures. Made in parallel where a provider makes one at a time.',
  },
  {
    name: 'seed',
    type: 'integer',
    group: 'core',
    min: 0,
    max: SEED_MAX,
    is_preference: true,
    description: 'Makes a result repeatable where the provider can. Picture i of n gets seed + i.',
  },
  {
    name: 'negative_prompt',
    type: 'string',
    group: 'core',
    length_max: 32_000,
    is_preference: true,
    neutral: [''],
    description: 'What the picture should not show.',
  },
  {
    name: 'size',
    type: 'string',
    group: 'size',
    length_max: 32,
    description:
      'Pixels ("1024x1024": shape and scale), a ratio ("16:9", as aspect_ratio), a tier ("2K", as resolution), "auto", or "custom" with width and height. Wins over the other size parameters.',
  },
  {
    name: 'aspect_ratio',
    type: 'string',
    group: 'size',
    length_max: 32,
    description: 'Shape alone, any "W:H" or "auto"; the nearest that the offer makes is taken.',
  },
  {
    name: 'resolution',
    type: 'string',
    group: 'size',
    length_max: 32,
    description:
      'Scale alone: a tier (0.5K, 1K, 2K, 4K), megapixels (0.25, 1) or "auto"; the nearest that the offer makes is taken.',
  },
  { name: 'width', type: 'integer', group: 'size', min: 1, max: 65_535, description: 'Pixels, together with height.' },
  { name: 'height', type: 'integer', group: 'size', min: 1, max: 65_535, description: 'Pixels, together with width.' },
  {
    name: 'quality',
    type: 'string',
    group: 'output',
    length_max: 64,
    is_preference: true,
    neutral: ['auto', 'standard'],
    description: 'How much work goes into a picture, in the words of the offer (low, medium, high ...).',
  },
  {
    name: 'style',
    type: 'string',
    group: 'output',
    length_max: 64,
    is_preference: true,
    description: 'A style, in the words of the offer (vivid, natural ...).',
  },
  {
    name: 'background',
    type: 'string',
    group: 'output',
    values: ['auto', 'opaque', 'transparent'],
    is_preference: true,
    neutral: ['auto', 'opaque'],
    description: 'Whether the background is transparent; needs png, webp, gif or avif.',
  },
  {
    name: 'response_format',
    type: 'string',
    group: 'output',
    values: ['url', 'b64_json', 'both'],
    description: 'How the picture is returned: a hosted link, base64, or both.',
  },
  {
    name: 'output_format',
    type: 'string',
    group: 'output',
    values: ['png', 'jpeg', 'gif', 'webp', 'avif'],
    description: 'The file format. Converted by Gesso where the provider does not make it.',
  },
  {
    name: 'output_compression',
    type: 'integer',
    group: 'output',
    min: 0,
    max: 100,
    description: 'Quality of jpeg, webp and avif; 100 is best.',
  },
  { name: 'stream', type: 'boolean', group: 'output', default: false, description: 'Sends server-sent events.' },
  {
    name: 'partial_images',
    type: 'integer',
    group: 'output',
    min: 0,
    max: 3,
    default: 0,
    description: 'How many rough states to send while streaming.',
  },
  {
    name: 'user',
    type: 'string',
    group: 'gateway',
    length_max: 512,
    description: 'Your own name for the end user; kept with the request.',
  },
  {
    name: 'provider',
    type: 'object',
    group: 'gateway',
    description: 'Routing: only, ignore, order, sort, max_price_usd, allow_fallbacks, on_refusal, on_unknown.',
  },
  {
    name: 'unknown_params',
    type: 'string',
    group: 'gateway',
    values: ['pass', 'warn', 'reject'],
    default: 'pass',
    description: 'What becomes of parameters that nobody knows.',
  },
  {
    name: 'labels',
    type: 'object',
    group: 'gateway',
    description: 'Up to 16 texts that are kept with the request and returned.',
  },
  {
    name: 'simulate',
    type: 'object',
    group: 'gateway',
    description: `Test mode only: the failure to act out, one for every attempt or a list, one per attempt: ${simulationNames.join(', ')}.`,
  },
  {
    name: 'simulate_delay_ms',
    type: 'integer',
    group: 'gateway',
    min: 0,
    max: 600_000,
    description: 'Test mode only: how long a picture takes.',
  },
] as const satisfies readonly Parameter[];

export type ParameterName = (typeof parameters)[number]['name'];

export const parameterTable: ReadonlyMap<string, Parameter> = new Map(
  parameters.map((parameter) => [parameter.name, parameter]),
);

/** Sets have a block of their own in an offer (`[offers.sets]`), which both of these are told through. */
export const setParameters = [
  {
    name: 'sequential_image_generation',
    type: 'string',
    values: ['disabled', 'auto'],
    description: 'disabled makes single pictures; auto lets the model make a set of related ones.',
  },
  {
    name: 'max_images',
    type: 'integer',
    min: 1,
    max: 15,
    description: 'The largest number of pictures in a set; each is charged.',
  },
] as const;

/** Pictures travel beside the parameters; the HTTP layer takes them out before anything here is read. */
export const pictureFields: ReadonlySet<string> = new Set(['image', 'images', 'mask', 'image[]']);
