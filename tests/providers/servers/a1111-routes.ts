/** The sdapi routes of AUTOMATIC1111, which Forge, sd-server and koboldcpp speak as well. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { type FieldFault, type FieldRules, isObject } from './check-fields.ts';
import type { Call, Route, Stage } from './kit.ts';
import type { Reply, Wire } from './wire.ts';

export interface SdapiOptions {
  /** Whose error bodies a wrong field gets: FastAPI's or sd-server's. */
  readonly validation: 'fastapi' | 'sd-server';
  /** The first of several pictures is a grid of them all. */
  readonly grid?: boolean;
}

const samplers = ['Euler', 'Euler a', 'DPM++ 2M', 'euler', 'euler_a'];
const common: FieldRules = {
  prompt: { type: 'string' },
  negative_prompt: { type: 'string' },
  seed: { type: 'integer' },
  subseed: { type: 'integer' },
  subseed_strength: { type: 'number' },
  steps: { type: 'integer', min: 1, max: 150 },
  width: { type: 'integer', min: 1 },
  height: { type: 'integer', min: 1 },
  cfg_scale: { type: 'number' },
  sampler_name: { type: 'string' },
  sampler_index: { type: 'string' },
  scheduler: { type: 'string' },
  batch_size: { type: 'integer', min: 1 },
  n_iter: { type: 'integer', min: 1 },
  styles: { type: 'array' },
  denoising_strength: { type: 'number', min: 0, max: 1 },
  enable_hr: { type: 'boolean' },
  override_settings: { type: 'object' },
  override_settings_restore_afterwards: { type: 'boolean' },
  alwayson_scripts: { type: 'object' },
  send_images: { type: 'boolean' },
  save_images: { type: 'boolean' },
  force_task_id: { type: 'string' },
  infotext: { type: 'string' },
  clip_skip: { type: 'integer' },
  lora: { type: 'array' },
  extra_images: { type: 'array' },
};
const editing: FieldRules = {
  ...common,
  init_images: { type: 'array', required: true, min: 1, items: { type: 'string', min: 1 } },
  mask: { type: 'string' },
  mask_blur: { type: 'integer' },
  inpainting_fill: { type: 'integer', min: 0, max: 3 },
  inpaint_full_res: { type: 'boolean' },
  inpaint_full_res_padding: { type: 'integer' },
  inpainting_mask_invert: { type: 'integer', min: 0, max: 1 },
  resize_mode: { type: 'integer', min: 0, max: 3 },
  include_init_images: { type: 'boolean' },
};

export function a1111Routes(stage: Stage, options: SdapiOptions): readonly Route[] {
  const list = (name: string, names: readonly string[]): Route => ({
    method: 'GET',
    path: new RegExp(`^/sdapi/v1/${name}$`),
    role: 'other',
    handle: () => ({ status: 200, json: names.map((one) => ({ name: one, label: one, title: one, model_name: one })) }),
  });
  const done = (path: RegExp): Route => ({
    method: 'POST',
    path,
    role: 'cancel',
    handle: () => ({ status: 200, json: {} }),
  });
  return [
    {
      method: 'POST',
      path: /^\/sdapi\/v1\/txt2img$/,
      role: 'submit',
      handle: (call) => make(call, common, stage, options),
    },
    {
      method: 'POST',
      path: /^\/sdapi\/v1\/img2img$/,
      role: 'submit',
      handle: (call) => make(call, editing, stage, options),
    },
    {
      method: 'GET',
      path: /^\/sdapi\/v1\/progress$/,
      role: 'poll',
      handle: () => ({
        status: 200,
        json: {
          progress: 0,
          eta_relative: 0,
          state: { job: '', sampling_step: 0 },
          current_image: null,
          textinfo: null,
        },
      }),
    },
    done(/^\/sdapi\/v1\/interrupt$/),
    done(/^\/sdapi\/v1\/skip$/),
    {
      method: 'GET',
      path: /^\/sdapi\/v1\/options$/,
      role: 'other',
      handle: () => ({ status: 200, json: { return_grid: true } }),
    },
    done(/^\/sdapi\/v1\/options$/),
    list('samplers', samplers),
    list('schedulers', ['automatic', 'karras']),
    list('sd-models', ['sd_xl_base_1.0']),
    list('loras', []),
    list('upscalers', ['None', 'Lanczos']),
  ];
}

const fastApi = (details: readonly JsonObject[]): Reply => ({ status: 422, json: { detail: details } });

function wordFault({ kind, path, rule }: FieldFault): JsonObject {
  const words = {
    unknown: ['extra fields not permitted', 'value_error.extra'],
    required: ['field required', 'value_error.missing'],
    type: [`value is not a valid ${rule.type}`, `type_error.${rule.type}`],
    value: ['value is not allowed', 'type_error.enum'],
    min: [`ensure this value is greater than or equal to ${rule.min}`, 'value_error.number.not_ge'],
    max: [`ensure this value is less than or equal to ${rule.max}`, 'value_error.number.not_le'],
    pattern: ['string does not match', 'value_error.str.regex'],
  } as const;
  const [msg, type] = words[kind];
  return { loc: ['body', ...path], msg, type };
}

function make(call: Call, rules: FieldRules, stage: Stage, options: SdapiOptions): Promise<Reply> | Reply {
  const { body } = call;
  const strict = options.validation === 'fastapi';
  if (body === null)
    return strict
      ? fastApi([{ loc: ['body'], msg: 'Expecting value', type: 'value_error.jsondecode' }])
      : { status: 400, json: { error: 'invalid json' } };
  const faults = stage.check(call, body, rules);
  if (faults.length > 0) {
    if (strict) return fastApi(faults.map(wordFault));
    return { status: 400, json: { error: `invalid ${faults[0]?.path.join('.')}` } };
  }
  const sampler = body.sampler_name;
  if (strict && sampler !== undefined && !samplers.includes(String(sampler))) {
    return { status: 404, json: { detail: 'Sampler not found' } };
  }
  return stage.perform(call, (act) => deliver(act, body, stage, options));
}

async function deliver(act: Act, body: JsonObject, { gallery, next }: Stage, options: SdapiOptions): Promise<Reply> {
  const count = Number(body.batch_size ?? 1) * Number(body.n_iter ?? 1);
  const delivered = deliveredOf(act, count);
  const [width, height] = [Number(body.width ?? 512), Number(body.height ?? 512)];
  const seed = Number(body.seed ?? -1) < 0 ? 1_000_000 + next() : Number(body.seed);
  const settings = isObject(body.override_settings) ? body.override_settings : {};
  const images: Wire[] = [];
  const asked_grid = options.grid === true && delivered > 1 && settings.return_grid !== false;
  if (asked_grid) {
    const grid: Act = { kind: 'empty', shape: 'grid' };
    images.push((await gallery.make(grid, { width: width * delivered, height, format: 'png' })).base64());
  }
  for (let i = 0; i < delivered; i++) images.push((await gallery.make(act, { width, height, format: 'png' })).base64());
  const all_seeds = Array.from({ length: count }, (_, i) => seed + i);
  const info = {
    seed,
    all_seeds,
    infotexts: all_seeds.map(() => String(body.prompt ?? '')),
    width,
    height,
    sd_model_name: 'sd_xl_base_1.0',
  };
  const parameters = { prompt: body.prompt ?? '', width, height, steps: body.steps ?? 50 };
  return {
    status: 200,
    json: { images, parameters, info: JSON.stringify(info) },
    headers: { 'x-process-time': '1.234' },
  };
}
