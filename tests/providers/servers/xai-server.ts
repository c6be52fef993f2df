/** xAI's Grok Imagine: JSON only, a refusal is a 200 without a picture, `size` is not supported. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { dotted, type FieldFault, type FieldRules } from './check-fields.ts';
import { type ActTable, type Call, type ProviderServer, type ServerOptions, type Stage, startServer } from './kit.ts';
import type { Reply, Wire } from './wire.ts';

/** `base_url` ends in `/v1`; the key is sent as a bearer token. */
export function startXaiServer(options: ServerOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => ({
    provider: 'xai',
    base_path: '/v1',
    key: 'xai-test-key',
    unknown_fields: 'refuse',
    delivers: 'both',
    link_life_ms: 3_600_000,
    acts,
    acted_by_routes: [
      {
        refused_output: ['respect_moderation', 'empty_data'],
        empty: ['no_payload'],
        partial: ['moderated', 'fewer'],
      },
    ],
    authorized: ({ headers }, key) => headers.authorization === `Bearer ${key}`,
    unauthorized: ({ headers }) => (headers.authorization === undefined ? noKey() : wrongKey()),
    notFound: () => ({ status: 404, json: { error: 'Not Found' } }),
    headers: () => ({ 'x-request-id': `x-${stage.next()}` }),
    routes: [
      {
        method: 'POST',
        path: /^\/v1\/images\/generations$/,
        role: 'submit',
        handle: (call) => make(call, false, stage),
      },
      { method: 'POST', path: /^\/v1\/images\/edits$/, role: 'submit', handle: (call) => make(call, true, stage) },
    ],
  }));
}

const coded = (status: number, code: string, error: string, headers = {}): Reply => ({
  status,
  json: { code, error },
  headers,
});
const invalidArgument = 'Client specified an invalid argument';

const noKey = (): Reply =>
  coded(401, 'The caller does not have valid authentication credentials', 'No API key provided.');
const wrongKey = (): Reply =>
  coded(
    400,
    invalidArgument,
    'Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai.',
  );

const refusedPrompt = 'Generated image rejected by content moderation.';
const acts: ActTable = {
  refused_input: {
    code_and_text: () => coded(400, invalidArgument, refusedPrompt),
    object: () => ({
      status: 400,
      json: {
        error: { message: refusedPrompt, type: 'invalid_request_error', param: 'prompt', code: 'content_policy' },
      },
    }),
    text: () => ({ status: 400, json: { error: refusedPrompt } }),
  },
  rate_limited: {
    '429': () =>
      coded(
        429,
        'Some resource has been exhausted',
        'Too many requests for team. Your rate limit is 5 requests per second.',
      ),
    retry_after: () => coded(429, 'Some resource has been exhausted', 'Too many requests.', { 'retry-after': '1' }),
  },
  overloaded: {
    '503': () => coded(503, 'The service is currently unavailable', 'The model is at capacity. Try again later.'),
  },
  unavailable: {
    '500': () => coded(500, 'Internal error', 'Internal server error'),
    text: () => ({ status: 502, json: { error: 'Bad Gateway' } }),
  },
  auth: { '401': noKey, incorrect_key: wrongKey },
  account: {
    no_credits: () =>
      coded(
        403,
        'The caller does not have permission to execute the specified operation',
        'Your newly created team does not have any credits yet. You can purchase credits on https://console.x.ai.',
      ),
    exhausted: () =>
      coded(
        429,
        'Some resource has been exhausted',
        'Your team has either used all available credits or reached its monthly spending limit.',
      ),
  },
  config: {
    no_model: () =>
      coded(
        404,
        'Some requested entity was not found',
        'The model grok-imagine-image does not exist or your team does not have access to it.',
      ),
  },
  invalid_request: {
    '422': () => ({
      status: 422,
      json: { error: 'Failed to deserialize the JSON body into the target type: missing field `prompt`' },
    }),
    '400': () => coded(400, invalidArgument, 'The image could not be read.'),
  },
  offer_limit: { images: () => coded(400, invalidArgument, 'Too many images: at most 3 are supported.') },
  error_in_200: {
    error: () => ({
      status: 200,
      json: { error: { message: 'Internal error', type: 'server_error', param: null, code: null } },
    }),
  },
};

interface Model {
  readonly resolutions: readonly string[];
  readonly quality: boolean;
  readonly ticks: number;
}

const models: readonly (readonly [RegExp, Model])[] = [
  [/^grok-imagine-image-2\.0$/, { resolutions: ['1k', '1.5k', '2k'], quality: true, ticks: 400_000_000 }],
  [/^grok-imagine-image-(quality|pro)/, { resolutions: ['1k', '2k'], quality: false, ticks: 500_000_000 }],
  [/^grok-imagine-image(-2026-03-02)?$/, { resolutions: ['1k', '2k'], quality: false, ticks: 200_000_000 }],
];

const ratios = '1:1 3:4 4:3 9:16 16:9 2:3 3:2 9:19.5 19.5:9 9:20 20:9 1:2 2:1 auto'.split(' ');
const image = {
  type: 'object',
  fields: {
    url: { type: 'string', pattern: /^(https?:\/\/|data:image\/)/ },
    file_id: { type: 'string' },
    type: { type: 'string', values: ['image_url'] },
  },
} as const;

const rulesFor = ({ resolutions, quality }: Model, editing: boolean): FieldRules => ({
  model: { type: 'string', required: true },
  prompt: { type: 'string', required: true, min: 1 },
  n: { type: 'integer', min: 1, max: 10 },
  aspect_ratio: { type: 'string', values: ratios },
  resolution: { type: 'string', values: resolutions },
  response_format: { type: 'string', values: ['url', 'b64_json'] },
  storage_options: {
    type: 'object',
    fields: {
      filename: { type: 'string' },
      expires_after: { type: 'integer', min: 3600, max: 2_592_000 },
      public_url: { type: 'boolean' },
    },
  },
  user: { type: 'string' },
  ...(quality ? { quality: { type: 'string', values: ['low', 'medium'] } } : {}),
  // The trap: a picture sent to generations is passed over, and the call is billed.
  ...(editing
    ? { image, images: { type: 'array', min: 1, max: 3, items: image } }
    : { image: { type: 'any', ignored: true } }),
});

function make(call: Call, editing: boolean, stage: Stage): Promise<Reply> | Reply {
  const { body, request } = call;
  if (request.parts !== null)
    return { status: 415, json: { error: 'Expected request with `Content-Type: application/json`' } };
  if (body === null) return { status: 400, json: { error: 'Failed to parse the request body as JSON' } };
  if (body.model === undefined) return { status: 422, json: { error: missing('model') } };
  const model = models.find(([pattern]) => pattern.test(String(body.model)))?.[1];
  if (model === undefined) {
    return coded(
      404,
      'Some requested entity was not found',
      `The model ${body.model} does not exist or your team does not have access to it.`,
    );
  }
  const [first] = stage.check(call, body, rulesFor(model, editing));
  if (first !== undefined) return wordFault(first);
  if (editing && (body.image === undefined) === (body.images === undefined)) {
    return coded(
      400,
      invalidArgument,
      body.image === undefined ? 'An image is required.' : 'Only one of image and images is allowed.',
    );
  }
  if (!editing && body.image !== undefined) request.ignored.push('image');
  return stage.perform(call, (act) => deliver(act, body, model, stage));
}

const missing = (name: string): string =>
  `Failed to deserialize the JSON body into the target type: missing field \`${name}\``;

function wordFault({ kind, path, value, rule }: FieldFault): Reply {
  const name = dotted(path);
  if (kind === 'unknown') return coded(400, invalidArgument, `Argument not supported: ${name}`);
  if (kind === 'required') return { status: 422, json: { error: missing(name) } };
  if (kind === 'type') {
    const error = `Failed to deserialize the JSON body into the target type: ${name}: invalid type, expected ${rule.type}`;
    return { status: 422, json: { error } };
  }
  return coded(400, invalidArgument, `Invalid value for ${name}: ${JSON.stringify(value)?.slice(0, 60)}`);
}

function sizeOf({ aspect_ratio, resolution }: JsonObject): { width: number; height: number } {
  const side = { '1.5k': 1536, '2k': 2048 }[String(resolution)] ?? 1024;
  const ratio = String(aspect_ratio ?? 'auto');
  const [w = 1, h = 1] = ratio === 'auto' ? [] : ratio.split(':').map(Number);
  const snap = (value: number) => Math.round(value / 16) * 16;
  return { width: snap(side * Math.sqrt(w / h)), height: snap(side * Math.sqrt(h / w)) };
}

async function deliver(act: Act, body: JsonObject, { ticks }: Model, stage: Stage): Promise<Reply> {
  const asked = Number(body.n ?? 1);
  const refused = act.kind === 'refused_output';
  const delivered = refused ? 0 : deliveredOf(act, asked);
  const data: Wire[] = [];
  for (let i = 0; i < delivered; i++) {
    const { url, base64 } = await stage.gallery.make(act, { ...sizeOf(body), format: 'jpeg' });
    const file = body.response_format === 'b64_json' ? { b64_json: base64() } : { url: url() };
    data.push({ ...file, mime_type: 'image/jpeg', revised_prompt: '', respect_moderation: true });
  }
  if (act.shape === 'respect_moderation' || act.shape === 'moderated') {
    for (let i = delivered; i < asked; i++)
      data.push({ mime_type: 'image/jpeg', revised_prompt: '', respect_moderation: false });
  }
  if (act.shape === 'no_payload') data.push({ mime_type: 'image/jpeg', revised_prompt: '' });
  // Moderated pictures are billed as well.
  const billed = refused ? asked : delivered;
  return { status: 200, json: { data, usage: { cost_in_usd_ticks: billed * ticks } } };
}
