/** Local servers that look like OpenAI's images API and differ: LocalAI, vLLM-Omni and SGLang. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { dotted, type FieldFault, type FieldRules } from './check-fields.ts';
import {
  type ActTable,
  type Call,
  type Dialect,
  type ProviderServer,
  type Route,
  type ServerOptions,
  type Stage,
  startServer,
} from './kit.ts';
import { filesNamed, textFields } from './multipart.ts';
import type { FileFormat } from './pictures.ts';
import type { Reply, Wire } from './wire.ts';

export type Engine = 'localai' | 'vllm-omni' | 'sglang';

export interface OpenaiLikeOptions extends ServerOptions {
  readonly engine: Engine;
  /** Asks for `key` as a bearer token; absent = false. */
  readonly guarded?: boolean;
}

/** `base_url` ends in `/v1`. */
export function startOpenaiLikeServer(options: OpenaiLikeOptions): Promise<ProviderServer> {
  return startServer(options, (stage) => dialectOf(engines[options.engine], options, stage));
}

interface EngineTraits {
  readonly delivers: Dialect['delivers'];
  readonly default_size: string;
  readonly default_format: 'url' | 'b64_json';
  readonly rules: FieldRules;
  /** Multipart edits; null where there is no such route. */
  readonly edit: { readonly rules: FieldRules; readonly files: readonly string[]; readonly url_field: string } | null;
  error(status: number, message: string, faults?: readonly FieldFault[]): Reply;
}

const prompt = { type: 'string', required: true } as const;
const n = { type: 'integer', min: 1, max: 10 } as const;
const ignored = { type: 'any', ignored: true } as const;
const sampling: FieldRules = {
  negative_prompt: { type: 'string' },
  num_inference_steps: { type: 'integer', min: 1, max: 200 },
  guidance_scale: { type: 'number', min: 0, max: 20 },
  true_cfg_scale: { type: 'number' },
  seed: { type: 'integer' },
};
const rendering: FieldRules = {
  output_format: { type: 'string', values: ['png', 'jpg', 'jpeg', 'webp'] },
  output_compression: { type: 'integer', min: 0, max: 100 },
  background: { type: 'string' },
};

const vllmRules: FieldRules = {
  prompt,
  n,
  model: { type: 'string' },
  size: { type: 'string', pattern: /^(\d+x\d+|auto)$/ },
  response_format: { type: 'string', values: ['b64_json'] },
  user: { type: 'string' },
  ...sampling,
};
const sglangRules: FieldRules = {
  ...vllmRules,
  ...rendering,
  response_format: { type: 'string', values: ['b64_json', 'url'] },
  width: { type: 'integer' },
  height: { type: 'integer' },
  quality: { type: 'string' },
  enable_teacache: { type: 'boolean' },
  enable_upscaling: { type: 'boolean' },
  diffusers_kwargs: { type: 'object' },
};

const fastApi: EngineTraits['error'] = (status, message, faults = []) => ({
  status,
  json: { detail: faults.length === 0 ? message : faults.map(pydantic) },
});

const engines: Readonly<Record<Engine, EngineTraits>> = {
  localai: {
    delivers: 'both',
    default_size: '512x512',
    default_format: 'url',
    rules: {
      prompt,
      n: { type: 'integer', min: 1 },
      model: { type: 'string' },
      size: { type: 'string', pattern: /^\d+x\d+$/ },
      step: { type: 'integer' },
      seed: { type: 'integer' },
      response_format: { type: 'string', values: ['url', 'b64_json'] },
      file: { type: 'string' },
      files: { type: 'array', items: { type: 'string' } },
      ref_images: { type: 'array', items: { type: 'string' } },
      quality: ignored,
      user: ignored,
    },
    edit: null,
    error: (status, message) => ({ status, json: { error: { code: status, message, type: '' } } }),
  },
  'vllm-omni': {
    delivers: 'base64',
    default_size: '1024x1024',
    default_format: 'b64_json',
    rules: vllmRules,
    edit: {
      rules: { ...vllmRules, ...rendering },
      files: ['image', 'mask_image', 'reference_image'],
      url_field: 'url',
    },
    error: fastApi,
  },
  sglang: {
    delivers: 'base64',
    default_size: '1024x1024',
    // The schema says url; without storage the answer is base64 all the same.
    default_format: 'b64_json',
    rules: sglangRules,
    edit: { rules: sglangRules, files: ['image', 'image[]', 'mask'], url_field: 'url' },
    error: fastApi,
  },
};

function dialectOf(traits: EngineTraits, options: OpenaiLikeOptions, stage: Stage): Dialect {
  const routes: Route[] = [
    {
      method: 'GET',
      path: /^\/v1\/models$/,
      role: 'other',
      handle: () => ({ status: 200, json: { object: 'list', data: [{ id: 'local-model', object: 'model' }] } }),
    },
    {
      method: 'POST',
      path: /^\/v1\/images\/generations$/,
      role: 'submit',
      handle: (call) => generate(call, traits, stage),
    },
  ];
  if (traits.edit !== null) {
    routes.push({
      method: 'POST',
      path: /^\/v1\/images\/edits$/,
      role: 'submit',
      handle: (call) => edit(call, traits, stage),
    });
  }
  return {
    provider: options.engine,
    base_path: '/v1',
    key: 'local-test-key',
    unknown_fields: 'ignore',
    delivers: traits.delivers,
    acts: actsOf(traits),
    acted_by_routes: [{ empty: ['no_data'], partial: ['fewer'] }],
    authorized: ({ headers }, key) => options.guarded !== true || headers.authorization === `Bearer ${key}`,
    unauthorized: () => traits.error(401, 'Unauthorized'),
    notFound: () => traits.error(404, 'Not Found'),
    routes,
  };
}

const actsOf = ({ error }: EngineTraits): ActTable => ({
  auth: { '401': () => error(401, 'Unauthorized') },
  config: { '404': () => error(404, 'The model `local-model` does not exist.') },
  invalid_request: { '400': () => error(400, 'Invalid size format: expected WIDTHxHEIGHT') },
  overloaded: { '503': () => error(503, 'The server is busy') },
  unavailable: { '500': () => error(500, 'Image generation failed: out of memory') },
  error_in_200: { error: () => ({ ...error(500, 'Image generation failed'), status: 200 }) },
});

function pydantic({ kind, path, rule }: FieldFault): JsonObject {
  const words = {
    unknown: ['extra_forbidden', 'Extra inputs are not permitted'],
    required: ['missing', 'Field required'],
    type: [`${rule.type}_type`, `Input should be a valid ${rule.type}`],
    value: ['literal_error', `Input should be ${rule.values?.map((value) => `'${value}'`).join(' or ')}`],
    min: ['greater_than_equal', `Input should be greater than or equal to ${rule.min}`],
    max: ['less_than_equal', `Input should be less than or equal to ${rule.max}`],
    pattern: ['string_pattern_mismatch', 'String should match pattern'],
  } as const;
  const [type, msg] = words[kind];
  return { type, loc: ['body', ...path], msg };
}

function generate(call: Call, traits: EngineTraits, stage: Stage): Promise<Reply> | Reply {
  const { body } = call;
  if (body === null) return traits.error(400, 'Invalid JSON body');
  const faults = stage.check(call, body, traits.rules);
  const [first] = faults;
  if (first !== undefined)
    return traits.error(traits.edit === null ? 400 : 422, `invalid ${dotted(first.path)}`, faults);
  return stage.perform(call, (act) => deliver(act, body, traits, stage));
}

function edit(call: Call, traits: EngineTraits, stage: Stage): Promise<Reply> | Reply {
  const { parts } = call.request;
  if (parts === null || traits.edit === null) return traits.error(422, 'Expected multipart/form-data');
  const { rules, files, url_field } = traits.edit;
  const { [url_field]: url, ...fields } = textFields(parts);
  const images = filesNamed(parts, 'image', ...files.filter((name) => name === 'image[]'));
  if (images.length === 0 && url === undefined) return traits.error(422, 'Field required: image');
  call.request.ignored.push(
    ...parts.filter(({ name, text }) => text === null && !files.includes(name)).map(({ name }) => name),
  );
  const faults = stage.check(call, fields, rules, true);
  if (faults.length > 0) return traits.error(422, 'invalid form', faults);
  return stage.perform(call, (act) => deliver(act, fields, traits, stage));
}

async function deliver(
  act: Act,
  fields: JsonObject,
  traits: EngineTraits,
  { gallery, next, now }: Stage,
): Promise<Reply> {
  const asked = String(fields.size ?? 'auto');
  const size = asked === 'auto' ? traits.default_size : asked;
  const [width, height] = [Number(fields.width ?? size.split('x')[0]), Number(fields.height ?? size.split('x')[1])];
  const format = String(fields.output_format ?? 'png').replace('jpg', 'jpeg') as FileFormat; // One of the three, by the rules.
  const links = traits.delivers === 'both' && (fields.response_format ?? traits.default_format) === 'url';
  const data: Wire[] = [];
  for (let i = 0; i < deliveredOf(act, Number(fields.n ?? 1)); i++) {
    const outgoing = await gallery.make(act, { width, height, format });
    data.push(links ? { url: outgoing.url() } : { b64_json: outgoing.base64(), url: null, revised_prompt: null });
  }
  return { status: 200, json: { id: `images-${next()}`, created: Math.floor(now() / 1000), data } };
}
