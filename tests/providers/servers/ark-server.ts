/** BytePlus ModelArk's image route: one synchronous route for everything, no job, no edits route, no count. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { acts, arkError, elementError, ratioMessage, unauthorized } from './ark-answers.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { dotted, type FieldFault, type FieldRules } from './check-fields.ts';
import { type Call, type ProviderServer, type ServerOptions, type Stage, startServer } from './kit.ts';
import { measurePicture } from './measure-picture.ts';
import type { Reply, ServerEvent, Wire } from './wire.ts';

export interface ArkOptions extends ServerOptions {
  /** Reference pictures: 10 MB and 1:3 to 3:1 at launch, 30 MB and 1:16 to 16:1 now. */
  readonly reference_rules?: 'launch' | 'current';
}

/** `base_url` ends in `/api/v3`; the key is sent as a bearer token. */
export function startArkServer(options: ArkOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => ({
    provider: 'byteplus',
    base_path: '/api/v3',
    key: 'ark-test-key',
    unknown_fields: 'refuse',
    delivers: 'both',
    link_life_ms: 24 * 3_600_000,
    acts,
    acted_by_routes: [
      {
        // An edit may come in the shape of its reference instead of the one that was asked for.
        ok: ['ok', 'other_size'],
        partial: ['refused_element', 'internal_element', 'fewer'],
        empty: ['no_data'],
        cut: ['answer', 'before_completed'],
      },
    ],
    authorized: ({ headers }, key) => headers.authorization === `Bearer ${key}`,
    unauthorized,
    notFound: ({ path }) => arkError(404, 'NotFound', `The requested path ${path} does not exist.`),
    headers: () => ({ 'x-request-id': `0217${stage.next().toString(16).padStart(12, '0')}` }),
    routes: [
      {
        method: 'POST',
        path: /^\/api\/v3\/images\/generations$/,
        role: 'submit',
        handle: (call) => generate(call, stage, options),
      },
    ],
  }));
}
interface Generation {
  readonly tiers: readonly string[];
  readonly area_min: number;
  readonly formats: boolean;
  readonly references_max: number;
  readonly modes: readonly string[];
}

const generations: readonly (readonly [RegExp, Generation])[] = [
  [
    /^((doubao-)?seedream-4-0-250828|ep-[\w-]+)$/,
    { tiers: ['1K', '2K', '4K'], area_min: 921_600, formats: false, references_max: 10, modes: ['standard', 'fast'] },
  ],
  [
    /^(doubao-)?seedream-4-5-251128$/,
    { tiers: ['2K', '4K'], area_min: 3_686_400, formats: false, references_max: 14, modes: ['standard'] },
  ],
];

const area_max = 16_777_216;

const rulesFor = ({ modes }: Generation): FieldRules => ({
  model: { type: 'string', required: true },
  prompt: { type: 'string', required: true, min: 1 },
  image: { type: 'any' },
  size: { type: 'string' },
  sequential_image_generation: { type: 'string', values: ['disabled', 'auto'] },
  sequential_image_generation_options: {
    type: 'object',
    fields: { max_images: { type: 'integer', min: 1, max: 15 } },
  },
  response_format: { type: 'string', values: ['url', 'b64_json'] },
  watermark: { type: 'boolean' },
  stream: { type: 'boolean' },
  optimize_prompt_options: { type: 'object', fields: { mode: { type: 'string', values: modes } } },
  optimize_prompt: { type: 'boolean' },
  // Out of the table since 4.0, and still accepted.
  seed: { type: 'integer', min: -1, max: 2_147_483_647 },
});

/** Of other generations of the model: refused whatever is done with names that nobody knows. */
const ofOtherModels = ['output_format', 'guidance_scale', 'tools', 'layer_decomposition', 'background'];

async function generate(call: Call, stage: Stage, options: ArkOptions): Promise<Reply> {
  const { body } = call;
  if (body === null) return arkError(400, 'InvalidParameter', 'The request body is not valid JSON.');
  const model = String(body.model ?? '');
  if (model === '') return arkError(400, 'MissingParameter.model', 'The parameter `model` is required.', 'model');
  const generation = generations.find(([pattern]) => pattern.test(model))?.[1];
  if (generation === undefined) {
    const message = `The model or endpoint ${model} does not exist or you do not have access to it.`;
    return arkError(404, 'InvalidEndpointOrModel.NotFound', message);
  }
  const fault =
    fieldFault(call, body, generation, stage) ??
    sizeFault(body, generation) ??
    (await imageFault(body, generation, options));
  return fault ?? stage.perform(call, (act) => deliver(act, body, stage));
}

function fieldFault(call: Call, body: JsonObject, generation: Generation, stage: Stage): Reply | null {
  const [first] = stage.check(call, body, rulesFor(generation));
  const other = ofOtherModels.find((name) => body[name] !== undefined);
  if (first !== undefined && first.kind !== 'unknown') return wordFault(first);
  const name = other ?? (first && dotted(first.path));
  if (name === undefined) return null;
  return arkError(400, 'InvalidParameter', `the parameter \`${name}\` is not supported by the current model`, name);
}

function wordFault({ kind, path }: FieldFault): Reply {
  const name = dotted(path);
  return kind === 'required'
    ? arkError(400, `MissingParameter.${name}`, `The request is missing the parameter \`${name}\`.`, name)
    : arkError(400, 'InvalidParameter', `The parameter \`${name}\` specified in the request is not valid.`, name);
}

function sizeFault(body: JsonObject, { tiers, area_min }: Generation): Reply | null {
  const size = body.size;
  if (size === undefined || tiers.includes(String(size))) return null;
  const invalid = (message: string) => arkError(400, 'InvalidParameter', message, 'size');
  const sides = /^(\d+)x(\d+)$/.exec(String(size));
  if (sides === null) return invalid('The parameter `size` specified in the request is not valid.');
  const [width, height] = [Number(sides[1]), Number(sides[2])];
  if (width * height < area_min) return invalid(`image size must be at least ${area_min} pixels`);
  if (width * height > area_max) return invalid(`image size must be at most ${area_max} pixels`);
  if (width * 16 < height || height * 16 < width)
    return invalid(ratioMessage((width / height).toFixed(2), '0.06', '16.00'));
  return null;
}

const imagesOf = (body: JsonObject): readonly unknown[] =>
  Array.isArray(body.image) ? body.image : body.image === undefined ? [] : [body.image];

/** Pictures of one call: one, or as many as a set may have. */
function countOf(body: JsonObject): number {
  if (body.sequential_image_generation !== 'auto') return 1;
  const set = body.sequential_image_generation_options as { max_images?: number } | undefined; // Checked by the rules.
  return set?.max_images ?? 15 - imagesOf(body).length;
}

async function imageFault(body: JsonObject, generation: Generation, options: ArkOptions): Promise<Reply | null> {
  const images = imagesOf(body);
  const invalid = (message: string) => arkError(400, 'InvalidParameter', message, 'image');
  if (images.length > generation.references_max)
    return invalid(`at most ${generation.references_max} images are allowed`);
  if (images.length + countOf(body) > 15) return invalid('the number of input and output images must not exceed 15');
  for (const image of images) {
    if (typeof image !== 'string') return invalid('The parameter `image` specified in the request is not valid.');
    if (/^https?:\/\//.test(image)) continue;
    const message = await dataUriFault(image, options.reference_rules ?? 'launch');
    if (message !== null) return invalid(message);
  }
  return null;
}

const referenceRules = {
  launch: { bytes_max: 10 * 1024 ** 2, ratio_max: 3, from: '0.33', to: '3.00' },
  current: { bytes_max: 30 * 1024 ** 2, ratio_max: 16, from: '0.06', to: '16.00' },
} as const;

async function dataUriFault(image: string, edition: 'launch' | 'current'): Promise<string | null> {
  const parts = /^data:image\/(jpeg|jpg|png|webp|bmp|tiff|gif|heic|heif);base64,([\w+/]+=*)$/.exec(image);
  if (parts === null) return 'invalid image: expected a URL or data:image/<lower-case format>;base64,<data>';
  const bytes = Buffer.from(parts[2] ?? '', 'base64');
  const rules = referenceRules[edition];
  if (bytes.length > rules.bytes_max) return `image size must be at most ${rules.bytes_max} bytes`;
  const found = await measurePicture(bytes);
  if (found === null) return 'the image could not be decoded';
  const { width, height } = found;
  if (Math.min(width, height) <= 14) return 'the width and height of the image must be greater than 14 pixels';
  if (width * height > 36_000_000) return 'the image must have at most 36000000 pixels';
  const ratio = width / height;
  const within = ratio <= rules.ratio_max && ratio >= 1 / rules.ratio_max;
  return within ? null : ratioMessage(ratio.toFixed(2), rules.from, rules.to);
}

const tierSides: Readonly<Record<string, number>> = { '1K': 1024, '2K': 2048, '4K': 4096 };

function sizeOf(body: JsonObject): { width: number; height: number } {
  const size = String(body.size ?? '2048x2048');
  const side = tierSides[size];
  if (side !== undefined) return { width: side, height: side };
  const [width = 2048, height = 2048] = size.split('x').map(Number);
  return { width, height };
}

async function deliver(act: Act, body: JsonObject, stage: Stage): Promise<Reply> {
  const { width, height } = act.shape === 'other_size' ? { width: 1728, height: 1296 } : sizeOf(body);
  const asked = countOf(body);
  const delivered = deliveredOf(act, asked);
  const data: Wire[] = [];
  for (let i = 0; i < delivered; i++) {
    const { url, base64 } = await stage.gallery.make(act, { width, height, format: 'jpeg' });
    const file = body.response_format === 'b64_json' ? { b64_json: base64() } : { url: url() };
    data.push({ ...file, size: `${width}x${height}` });
  }
  if (act.shape === 'refused_element') {
    for (let i = delivered; i < asked; i++) data.push(elementError('OutputImageSensitiveContentDetected'));
  }
  // An internal error stops the rest of the set.
  if (act.shape === 'internal_element') data.push(elementError('InternalServiceError'));
  const tokens = (delivered * width * height) / 256;
  const usage = { generated_images: delivered, output_tokens: tokens, total_tokens: tokens };
  const head = { model: String(body.model), created: Math.floor(stage.now() / 1000) };
  if (body.stream === true) return streamed(act, head, data, usage);
  return { status: 200, json: { ...head, data, usage } };
}

type Json = { readonly [key: string]: Wire };

function streamed(act: Act, head: Json, data: readonly Wire[], usage: Json): Reply {
  const event = (type: string, rest: Json): ServerEvent => ({ event: type, data: { type, ...head, ...rest } });
  const pictures = data.map((item, image_index) => {
    const fields = item as Json; // Made above.
    const type = fields.error === undefined ? 'partial_succeeded' : 'partial_failed';
    return event(`image_generation.${type}`, { image_index, ...fields });
  });
  // Half of this is every picture once, and no `completed`.
  if (act.shape === 'before_completed') return { status: 200, events: [...pictures, ...pictures], fate: 'cut' };
  return { status: 200, events: [...pictures, event('image_generation.completed', { usage }), { data: '[DONE]' }] };
}
