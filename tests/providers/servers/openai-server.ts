/** OpenAI's images API for GPT Image: generations as JSON, edits as multipart or JSON, base64 only, events on request. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { dotted, type FieldFault, type FieldRules } from './check-fields.ts';
import { type Call, type ProviderServer, type ServerOptions, type Stage, startServer } from './kit.ts';
import { measurePicture } from './measure-picture.ts';
import { filesNamed, type RecordedPart, textFields } from './multipart.ts';
import { acts, opaqueOnly, openaiError, unauthorized } from './openai-answers.ts';
import type { FileFormat } from './pictures.ts';
import type { Reply, ServerEvent, Wire } from './wire.ts';

/** `base_url` ends in `/v1`; the key is sent as a bearer token. */
export function startOpenaiServer(options: ServerOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => ({
    provider: 'openai',
    base_path: '/v1',
    key: 'sk-test-key',
    unknown_fields: 'refuse',
    delivers: 'base64',
    acts,
    acted_by_routes: [{ empty: ['no_data'], partial: ['fewer'], cut: ['answer', 'before_completed'] }],
    authorized: ({ headers }, key) => headers.authorization === `Bearer ${key}`,
    unauthorized: () => unauthorized(),
    notFound: ({ method, path }) =>
      openaiError(404, `Invalid URL (${method} ${path})`, 'invalid_request_error', null, null),
    headers: () => ({ 'x-request-id': `req_${stage.next().toString(16).padStart(32, '0')}` }),
    routes: [
      { method: 'POST', path: /^\/v1\/images\/generations$/, role: 'submit', handle: (call) => generate(call, stage) },
      { method: 'POST', path: /^\/v1\/images\/edits$/, role: 'submit', handle: (call) => edit(call, stage) },
    ],
  }));
}
interface Family {
  readonly qualities: readonly string[];
  /** gpt-image-2 and later take any size within bounds. */
  readonly free_sizes: boolean;
  readonly transparent: boolean;
  readonly formats: readonly string[];
  readonly rules: FieldRules;
}

const basic = ['auto', 'low', 'medium', 'high'];
const family = (
  qualities: readonly string[],
  free_sizes: boolean,
  transparent: boolean,
  rules: FieldRules = {},
): Family => {
  return { qualities, free_sizes, transparent, formats: ['png', 'jpeg', 'webp'], rules };
};
const fidelity: FieldRules = { input_fidelity: { type: 'string', values: ['high', 'low'] } };
const complexity: FieldRules = { complexity: { type: 'string', values: ['low', 'medium', 'high'] } };
const families: readonly (readonly [RegExp, Family])[] = [
  [/^gpt-image-2\.6-(sunburst|flare)/, family([...basic, 'xhigh', 'max'], true, true, complexity)],
  [/^gpt-image-2\.5-(sunburst|flare)/, family([...basic, 'xhigh', 'max'], true, true)],
  [/^(gpt-image-2(-2026-04-21)?|chatgpt-image-latest)$/, family(basic, true, false)],
  [/^gpt-image-1(\.5|-mini)$/, family(basic, false, true, fidelity)],
];

const rulesFor = ({ qualities, formats, rules }: Family): FieldRules => ({
  model: { type: 'string', required: true },
  prompt: { type: 'string', required: true, min: 1, max: 32_000 },
  n: { type: 'integer', min: 1, max: 10 },
  size: { type: 'string' },
  quality: { type: 'string', values: qualities },
  background: { type: 'string', values: ['auto', 'opaque', 'transparent'] },
  output_format: { type: 'string', values: formats },
  output_compression: { type: 'integer', min: 0, max: 100 },
  moderation: { type: 'string', values: ['auto', 'low'] },
  stream: { type: 'boolean' },
  partial_images: { type: 'integer', min: 0, max: 3 },
  safety_identifier: { type: 'string' },
  user: { type: 'string' },
  ...rules,
});

const reference: FieldRules = { image_url: { type: 'string', max: 20_971_520 }, file_id: { type: 'string' } };
const editRules: FieldRules = {
  images: { type: 'array', required: true, min: 1, max: 16, items: { type: 'object', fields: reference } },
  mask: { type: 'object', fields: reference },
};

const invalid = (message: string, param: string | null, code: string | null): Reply =>
  openaiError(400, message, 'invalid_request_error', param, code);

function familyOf(model: unknown): Family | Reply {
  if (model === undefined) return invalid('You must provide a model parameter', 'model', 'missing_required_parameter');
  const found = families.find(([pattern]) => pattern.test(String(model)))?.[1];
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return found ?? openaiError(404, message, 'invalid_request_error', null, 'model_not_found');
}

function faultOf(
  call: Call,
  fields: JsonObject,
  rules: FieldRules,
  found: Family,
  stage: Stage,
  form: boolean,
): Reply | null {
  const [first] = stage.check(call, fields, rules, form);
  return first === undefined ? (sizeFault(fields, found) ?? formatFault(fields, found)) : wordFault(first);
}

function wordFault({ kind, path, value, rule }: FieldFault): Reply {
  const name = dotted(path);
  const allowed = rule.values?.map((one) => `'${one}'`).join(', ') ?? '';
  const words = {
    unknown: [`Unknown parameter: '${name}'.`, 'unknown_parameter'],
    required: [`Missing required parameter: '${name}'.`, 'missing_required_parameter'],
    type: [`Invalid type for '${name}': expected ${rule.type}, but got ${typeof value} instead.`, 'invalid_type'],
    value: [`Invalid value: '${value}'. Supported values are: ${allowed}.`, 'invalid_value'],
    min: [`Invalid '${name}': expected a value >= ${rule.min}, but got ${value} instead.`, 'integer_below_min_value'],
    max: [
      `Invalid '${name}': expected a value <= ${rule.max}, but got ${String(value).slice(0, 20)} instead.`,
      'integer_above_max_value',
    ],
    pattern: [`Invalid '${name}'.`, 'invalid_value'],
  } as const;
  const [message, code] = words[kind];
  return invalid(message, name, code);
}

function sizeFault({ size }: JsonObject, { free_sizes }: Family): Reply | null {
  const text = String(size ?? 'auto');
  if (['auto', '1024x1024', '1536x1024', '1024x1536'].includes(text)) return null;
  const sides = /^(\d+)x(\d+)$/.exec(text);
  if (!free_sizes || sides === null) {
    const values = "'1024x1024', '1024x1536', '1536x1024', and 'auto'";
    return invalid(`Invalid value: '${text}'. Supported values are: ${values}.`, 'size', 'invalid_value');
  }
  const [width, height] = [Number(sides[1]), Number(sides[2])];
  const why =
    width % 16 !== 0 || height % 16 !== 0
      ? 'Width and height must both be divisible by 16.'
      : Math.max(width, height) > 3840
        ? 'The longest edge must be at most 3840 pixels.'
        : Math.max(width, height) > 3 * Math.min(width, height)
          ? 'The aspect ratio must be between 1:3 and 3:1.'
          : width * height < 655_360 || width * height > 8_294_400
            ? 'The total number of pixels must be between 655360 and 8294400.'
            : null;
  return why === null ? null : invalid(`Invalid size '${text}'. ${why}`, 'size', 'invalid_value');
}

function formatFault(fields: JsonObject, { transparent }: Family): Reply | null {
  if (fields.background === 'transparent') {
    if (!transparent) return opaqueOnly();
    if (fields.output_format === 'jpeg') {
      return invalid('Transparent background is not supported for jpeg output.', 'background', 'invalid_value');
    }
  }
  const compressible = fields.output_format === 'jpeg' || fields.output_format === 'webp';
  if (fields.output_compression === undefined || Number(fields.output_compression) === 100 || compressible) return null;
  return invalid(
    'Compression less than 100 is not supported for PNG output format',
    'output_compression',
    'invalid_value',
  );
}

const badJson = (): Reply => invalid('We could not parse the JSON body of your request.', null, null);

function generate(call: Call, stage: Stage): Promise<Reply> | Reply {
  const { body } = call;
  if (body === null) return badJson();
  const found = familyOf(body.model);
  if ('status' in found) return found;
  const fault = faultOf(call, body, rulesFor(found), found, stage, false);
  return fault ?? stage.perform(call, (act) => deliver(act, body, 'image_generation', stage));
}

async function edit(call: Call, stage: Stage): Promise<Reply> {
  const { body, request } = call;
  const { parts } = request;
  if (parts === null) {
    if (body === null) return badJson();
    const found = familyOf(body.model);
    if ('status' in found) return found;
    const fault = faultOf(call, body, { ...rulesFor(found), ...editRules }, found, stage, false);
    return fault ?? stage.perform(call, (act) => deliver(act, body, 'image_edit', stage));
  }
  const fields = textFields(parts);
  const found = familyOf(fields.model);
  if ('status' in found) return found;
  // The form alone has no `moderation` (CreateImageEditRequest).
  const { moderation: _moderation, ...formRules } = rulesFor(found);
  const fault = faultOf(call, fields, formRules, found, stage, true) ?? (await fileFault(parts));
  return fault ?? stage.perform(call, (act) => deliver(act, fields, 'image_edit', stage));
}

async function fileFault(parts: readonly RecordedPart[]): Promise<Reply | null> {
  const images = filesNamed(parts, 'image', 'image[]');
  const other = parts.find(({ name, text }) => text === null && !['image', 'image[]', 'mask', 'markup'].includes(name));
  if (other !== undefined) return invalid(`Unknown parameter: '${other.name}'.`, other.name, 'unknown_parameter');
  const { missing, twice, too_many } = imageCounts;
  if (images.length === 0) return invalid(missing, 'image', 'missing_required_parameter');
  if (images.filter(({ name }) => name === 'image').length > 1) return invalid(twice, 'image', 'duplicate_parameter');
  if (images.length > 16) return invalid(too_many, 'image', 'array_above_max_length');
  const sizes = await Promise.all(images.map(({ bytes }) => measurePicture(bytes)));
  const known = /^image\/(png|jpeg|webp)$/;
  const odd = images.findIndex(({ content_type }, i) => sizes[i] == null || !known.test(content_type ?? ''));
  if (odd >= 0) {
    const formats = "Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.";
    const message = `Invalid file 'image[${odd}]': unsupported mimetype or not a picture. ${formats}`;
    return invalid(message, 'image', 'unsupported_file_mimetype');
  }
  const large = images.findIndex(({ bytes }) => bytes.length >= image_bytes_limit);
  if (large >= 0) return invalid(`Invalid file 'image[${large}]': file too large.`, 'image', 'file_too_large');
  const [mask] = filesNamed(parts, 'mask');
  return mask === undefined ? null : maskFault(mask, sizes[0] ?? null);
}

const image_bytes_limit = 50_000_000;
const mask_bytes_limit = 4_000_000;

const imageCounts = {
  missing: "Missing required parameter: 'image'.",
  twice:
    "Duplicate parameter: 'image'. You provided multiple values for this parameter, whereas only one is allowed. If you are trying to provide a list of values, use the array syntax instead e.g. 'image[]=<value>'.",
  too_many: "Invalid 'image': array too long. Expected at most 16.",
} as const;

async function maskFault(
  { bytes }: RecordedPart,
  first: { readonly width: number; readonly height: number } | null,
): Promise<Reply | null> {
  const found = await measurePicture(bytes);
  const form = 'Invalid mask image format - mask must be a PNG with an alpha channel.';
  if (found?.format !== 'png' || !found.hasAlpha) return invalid(form, 'mask', 'invalid_image_format');
  if (bytes.length >= mask_bytes_limit)
    return invalid("Invalid file 'mask': file too large.", 'mask', 'file_too_large');
  const alike = first?.width === found.width && first.height === found.height;
  const size = 'Invalid input image - mask size does not match image size.';
  return alike ? null : invalid(size, 'mask', 'invalid_image_size');
}

async function deliver(act: Act, fields: JsonObject, family_name: string, stage: Stage): Promise<Reply> {
  const text = String(fields.size ?? 'auto');
  const [width = 1024, height = 1024] = text === 'auto' ? [] : text.split('x').map(Number);
  const format = (fields.output_format ?? 'png') as FileFormat; // One of the three, by the rules.
  const count = deliveredOf(act, Number(fields.n ?? 1));
  const make = async () => (await stage.gallery.make(act, { width, height, format })).base64();
  const pictures: Wire[] = [];
  for (let i = 0; i < count; i++) pictures.push(await make());
  const output_tokens = count * Math.ceil((width * height) / 5461);
  const usage = {
    input_tokens: 20,
    input_tokens_details: { text_tokens: 20, image_tokens: 0 },
    output_tokens,
    output_tokens_details: { text_tokens: 0, image_tokens: output_tokens },
    total_tokens: 20 + output_tokens,
  };
  const quality = fields.quality === undefined || fields.quality === 'auto' ? 'medium' : fields.quality;
  const background = fields.background === 'transparent' ? 'transparent' : 'opaque';
  const head = { background, output_format: format, quality, size: `${width}x${height}` };
  const created = Math.floor(stage.now() / 1000);
  if (String(fields.stream) !== 'true') {
    return { status: 200, json: { created, ...head, data: pictures.map((b64_json) => ({ b64_json })), usage } };
  }
  const event = (type: string, rest: { readonly [key: string]: Wire }): ServerEvent => {
    return {
      event: `${family_name}.${type}`,
      data: { type: `${family_name}.${type}`, created_at: created, ...head, ...rest },
    };
  };
  // Partial pictures are not handed out: they never are the answer.
  const draft = async () =>
    (await stage.gallery.make({ kind: 'empty', shape: 'draft' }, { width, height, format })).base64();
  const partials: ServerEvent[] = [];
  for (let i = 0; i < Number(fields.partial_images ?? 0); i++) {
    partials.push(event('partial_image', { partial_image_index: i, b64_json: await draft() }));
  }
  const completed = pictures.map((b64_json) => event('completed', { b64_json, usage }));
  if (act.shape === 'before_completed') return { status: 200, events: [...partials, ...completed], fate: 'cut' };
  return { status: 200, events: [...partials, ...completed] };
}
