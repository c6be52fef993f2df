/** Stability's v2beta: always multipart, one picture a call, as bytes or as base64 in JSON. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { Act } from './behaviours.ts';
import { dotted, type FieldFault, type FieldRules } from './check-fields.ts';
import { type ActTable, type Call, type ProviderServer, type ServerOptions, type Stage, startServer } from './kit.ts';
import { measurePicture } from './measure-picture.ts';
import { filesNamed, type RecordedPart, textFields } from './multipart.ts';
import type { FileFormat } from './pictures.ts';
import type { Reply } from './wire.ts';

/** `base_url` has no path; the key is sent as a bearer token. */
export function startStabilityServer(options: ServerOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => ({
    provider: 'stability',
    base_path: '',
    key: 'sk-stability-test-key',
    unknown_fields: 'ignore',
    delivers: 'base64',
    acts,
    acted_by_routes: [{ refused_output: ['CONTENT_FILTERED'], empty: ['no_image'] }],
    authorized: ({ headers }, key) => headers.authorization === `Bearer ${key}`,
    unauthorized: () => unauthorized(),
    notFound: () => stabilityError(404, 'not_found', 'The requested resource does not exist.'),
    routes: [
      {
        method: 'POST',
        path: /^\/v2beta\/stable-image\/(?<route>generate\/(sd3|core|ultra)|edit\/(inpaint|erase))$/,
        role: 'submit',
        handle: (call) => generate(call, stage),
      },
    ],
  }));
}

const stabilityError = (status: number, name: string, ...errors: readonly string[]): Reply => ({
  status,
  json: { id: '4212a4b66fbe1cedca4bf2133d35dca5', name, errors },
});

const unauthorized = (): Reply => stabilityError(401, 'unauthorized', 'missing or invalid authorization header');
const moderated = (status: number) => () =>
  stabilityError(
    status,
    'content_moderation',
    'Your request was flagged by our content moderation system, as a result your request was denied and you were not charged.',
  );

const acts: ActTable = {
  refused_input: {
    '403': moderated(403),
    public_figure: () => stabilityError(422, 'invalid_prompts', 'prompt: public figures are not allowed'),
  },
  refused_output: { '403': moderated(403) },
  rate_limited: {
    '429': () =>
      stabilityError(
        429,
        'rate_limit_exceeded',
        'You have exceeded the rate limit of 150 requests within a 10 second period, and have been timed out for 60 seconds.',
      ),
  },
  overloaded: { '503': () => stabilityError(503, 'service_unavailable', 'The service is overloaded.') },
  unavailable: { '500': () => stabilityError(500, 'internal_error', 'An unexpected server error occurred.') },
  auth: { '401': unauthorized },
  account: {
    '402': () =>
      stabilityError(
        402,
        'payment_required',
        'You lack sufficient credits to make this request. Please purchase more credits at https://platform.stability.ai/account/credits and try again.',
      ),
  },
  config: { '404': () => stabilityError(404, 'not_found', 'The requested resource does not exist.') },
  invalid_request: {
    '400': () => stabilityError(400, 'bad_request', 'prompt: cannot be blank'),
    language: () => stabilityError(422, 'invalid_language', 'English is the only supported language for this service.'),
  },
  offer_limit: {
    '413': () => stabilityError(413, 'payload_too_large', 'Your request was larger than 10MiB.'),
    image_pixels: () =>
      stabilityError(400, 'bad_request', 'image: total pixel count must be between 4,096 and 9,437,184 pixels'),
  },
  error_in_200: {
    error: () => ({ ...stabilityError(500, 'internal_error', 'An unexpected server error occurred.'), status: 200 }),
  },
};

const styles =
  '3d-model analog-film anime cinematic comic-book digital-art enhance fantasy-art isometric line-art low-poly modeling-compound neon-punk origami photographic pixel-art tile-texture'.split(
    ' ',
  );
const ratios = '21:9 16:9 3:2 5:4 1:1 4:5 2:3 9:16 9:21'.split(' ');
const common: FieldRules = {
  negative_prompt: { type: 'string', max: 10_000 },
  seed: { type: 'integer', min: 0, max: 4_294_967_294 },
  output_format: { type: 'string', values: ['png', 'jpeg', 'webp'] },
  style_preset: { type: 'string', values: styles },
};
const prompt = { type: 'string', required: true, min: 1, max: 10_000 } as const;
const strength = { type: 'number', min: 0, max: 1 } as const;
const aspect_ratio = { type: 'string', values: ratios } as const;
const grow = (max: number) => ({ type: 'integer', min: 0, max }) as const;

const routes: Readonly<Record<string, FieldRules>> = {
  'generate/sd3': {
    ...common,
    prompt,
    aspect_ratio,
    strength,
    mode: { type: 'string', values: ['text-to-image', 'image-to-image'] },
    cfg_scale: { type: 'number', min: 1, max: 10 },
    model: { type: 'string', values: ['sd3.5-large', 'sd3.5-large-turbo', 'sd3.5-medium', 'sd3.5-flash'] },
  },
  'generate/core': { ...common, prompt, aspect_ratio },
  'generate/ultra': { ...common, prompt, aspect_ratio, strength },
  'edit/inpaint': { ...common, prompt, grow_mask: grow(100) },
  'edit/erase': { ...common, grow_mask: grow(20) },
};

async function generate(call: Call, stage: Stage): Promise<Reply> {
  const { parts, headers } = call.request;
  if (parts === null || parts.length === 0) {
    return stabilityError(400, 'bad_request', 'content-type: must be multipart/form-data');
  }
  const accept = headers.accept ?? '*/*';
  if (!/image\/\*|application\/json|\*\/\*/.test(accept)) {
    return stabilityError(400, 'bad_request', "accept: must be either 'image/*' or 'application/json'");
  }
  if (call.raw.length > 10 * 1024 ** 2)
    return stabilityError(413, 'payload_too_large', 'Your request was larger than 10MiB.');
  const route = call.params.route ?? '';
  const fields = textFields(parts);
  const faults = stage.check(call, fields, routes[route] ?? {}, true).map(wordFault);
  faults.push(...fileFaults(route, fields, parts), ...(await pictureFaults(route, parts)));
  if (faults.length > 0) return stabilityError(400, 'bad_request', ...faults);
  return stage.perform(call, (act) => deliver(act, fields, accept, stage));
}

function wordFault({ kind, path, rule }: FieldFault): string {
  const unit = rule.type === 'string' ? ' characters' : '';
  const words = {
    unknown: 'is not a known field',
    required: 'is required',
    type: `must be a valid ${rule.type}`,
    value: `must be one of ${rule.values?.join(', ')}`,
    min: `must be at least ${rule.min}${unit}`,
    max: `must be at most ${rule.max}${unit}`,
    pattern: 'has a wrong format',
  } as const;
  return `${dotted(path)}: ${words[kind]}`;
}

function fileFaults(route: string, fields: JsonObject, parts: readonly RecordedPart[]): string[] {
  const images = filesNamed(parts, 'image');
  const editing = route.startsWith('edit/') || fields.mode === 'image-to-image';
  const faults: string[] = [];
  if (images.length > 1) faults.push('image: only one file is allowed');
  if (editing && images.length === 0) faults.push('image: is required');
  if (fields.mode === 'image-to-image' && fields.strength === undefined)
    faults.push('strength: is required when mode is image-to-image');
  if (fields.mode === 'image-to-image' && fields.aspect_ratio !== undefined)
    faults.push('aspect_ratio: is only allowed when mode is text-to-image');
  if (route === 'generate/sd3' && !editing && images.length > 0)
    faults.push('image: is only allowed when mode is image-to-image');
  return faults;
}

async function pictureFaults(route: string, parts: readonly RecordedPart[]): Promise<string[]> {
  const faults = await Promise.all(
    filesNamed(parts, 'image', 'mask').map(async ({ name, bytes }) => {
      const found = await measurePicture(bytes);
      if (found === null || !['png', 'jpeg', 'webp'].includes(found.format))
        return [`${name}: must be a png, jpeg or webp`];
      const { width, height } = found;
      if (Math.min(width, height) < 64) return [`${name}: each side must be at least 64 pixels`];
      if (!route.startsWith('edit/')) return [];
      if (width * height > 9_437_184) return [`${name}: total pixel count must be between 4,096 and 9,437,184 pixels`];
      const long = Math.max(width, height) > 2.5 * Math.min(width, height);
      return long ? [`${name}: aspect ratio must be between 1:2.5 and 2.5:1`] : [];
    }),
  );
  return faults.flat();
}

function sizeOf(fields: JsonObject): { width: number; height: number } {
  const [w = 1, h = 1] = String(fields.aspect_ratio ?? '1:1')
    .split(':')
    .map(Number);
  const snap = (value: number) => Math.round(value / 64) * 64;
  return { width: snap(1024 * Math.sqrt(w / h)), height: snap(1024 * Math.sqrt(h / w)) };
}

async function deliver(act: Act, fields: JsonObject, accept: string, { gallery, next }: Stage): Promise<Reply> {
  const finish_reason = act.kind === 'refused_output' ? 'CONTENT_FILTERED' : 'SUCCESS';
  const seed = Number(fields.seed ?? 0) || 1_000_000 + next();
  if (act.kind === 'empty') return { status: 200, json: { seed, finish_reason } };
  const format = (fields.output_format ?? 'png') as FileFormat; // One of the three, by the rules.
  const outgoing = await gallery.make(act, { ...sizeOf(fields), format });
  const headers = { 'x-request-id': `${next()}` };
  if (accept.includes('application/json')) {
    return { status: 200, headers, json: { image: outgoing.base64(), seed, finish_reason } };
  }
  const told = { 'content-type': `image/${format}`, 'finish-reason': finish_reason, seed: String(seed) };
  return { status: 200, headers: { ...headers, ...told }, body: outgoing.file() };
}
