/** stable-diffusion.cpp's server: its own jobs, the sdapi family and the OpenAI family; no key, one model. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { a1111Routes } from './a1111-routes.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { dotted, type FieldRules } from './check-fields.ts';
import { type Jobs, openJobs, pollBehaviours } from './jobs.ts';
import { type ActTable, type Call, type ProviderServer, type ServerOptions, type Stage, startServer } from './kit.ts';
import { filesNamed, textFields } from './multipart.ts';
import type { FileFormat } from './pictures.ts';
import type { Reply, Wire } from './wire.ts';

export interface SdServerOptions extends ServerOptions {
  /** Questions until a job ends; absent = 2. */
  readonly polls_until_done?: number;
  /** Jobs beyond which a submit is answered with 429; absent = 64. */
  readonly queue_max?: number;
}

interface SdJob {
  readonly input: JsonObject;
  result: Wire;
}

interface Sd {
  readonly stage: Stage;
  readonly jobs: Jobs<SdJob>;
  readonly queue_max: number;
}

const retention_ms = 600_000;

/** `base_url` has no path; no key is asked for. */
export function startSdServer(options: SdServerOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => {
    const jobs = openJobs<SdJob>({ now: stage.now, polls_until_done: options.polls_until_done ?? 2 });
    const sd: Sd = { stage, jobs, queue_max: options.queue_max ?? 64 };
    const job = '^/sdcpp/v1/jobs/(?<id>[\\w-]+)';
    return {
      provider: 'sd-server',
      base_path: '',
      key: '',
      unknown_fields: 'ignore',
      delivers: 'base64',
      acts,
      acted_by_routes: [
        pollBehaviours,
        {
          empty: ['no_images'],
          partial: ['fewer'],
          error_in_200: ['failed'],
          job_lost: ['404'],
          expired: ['410'],
          aborted: ['cancelled'],
        },
      ],
      authorized: () => true,
      unauthorized: () => ({ status: 401, body: '' }),
      notFound: () => ({ status: 404, body: '' }),
      routes: [
        { method: 'GET', path: /^\/v1\/models$/, role: 'other', handle: () => ({ status: 200, json: modelList }) },
        { method: 'POST', path: /^\/v1\/images\/generations$/, role: 'submit', handle: (call) => openai(call, stage) },
        { method: 'POST', path: /^\/v1\/images\/edits$/, role: 'submit', handle: (call) => openaiEdit(call, stage) },
        ...a1111Routes(stage, { validation: 'sd-server' }),
        {
          method: 'GET',
          path: /^\/sdcpp\/v1\/capabilities$/,
          role: 'other',
          handle: () => ({ status: 200, json: capabilities }),
        },
        { method: 'POST', path: /^\/sdcpp\/v1\/img_gen$/, role: 'submit', handle: (call) => submit(call, sd) },
        { method: 'GET', path: new RegExp(`${job}$`), role: 'poll', handle: (call) => tell(call, sd) },
        { method: 'POST', path: new RegExp(`${job}/cancel$`), role: 'cancel', handle: (call) => cancel(call, sd) },
      ],
    };
  });
}

const modelList = { object: 'list', data: [{ id: 'sd-cpp-local', object: 'model', owned_by: 'local' }] };

const capabilities = {
  model: { name: 'z-image-turbo-q4_0.gguf', stem: 'z-image-turbo-q4_0', path: 'models/z-image-turbo-q4_0.gguf' },
  supported_modes: ['img_gen'],
  defaults_by_mode: { img_gen: { width: 512, height: 512, sample_params: { sample_steps: 20 } } },
  output_formats_by_mode: { img_gen: ['png', 'jpeg', 'webp'] },
  features_by_mode: {
    img_gen: {
      init_image: true,
      mask_image: true,
      ref_images: true,
      lora: true,
      cancel_queued: true,
      cancel_generating: false,
    },
  },
  samplers: ['euler', 'euler_a'],
  schedulers: ['discrete', 'karras'],
  loras: [],
  upscalers: [],
  limits: { min_width: 64, max_width: 4096, min_height: 64, max_height: 4096, max_batch_count: 8, max_queue_size: 64 },
};

const acts: ActTable = {
  invalid_request: { '400': () => ({ status: 400, json: { error: 'prompt is required' } }) },
  overloaded: { '429': () => ({ status: 429, json: { error: 'job queue is full' } }) },
  unavailable: {
    '500': () => ({ status: 500, json: { error: 'server_error', message: 'generate_image failed' } }),
    text: () => ({ status: 500, json: { error: 'generate_image returned no results' } }),
  },
};

const picture = { type: 'string', min: 1 } as const;
const nativeRules: FieldRules = {
  prompt: { type: 'string', required: true },
  negative_prompt: { type: 'string' },
  width: { type: 'integer', min: 64, max: 4096 },
  height: { type: 'integer', min: 64, max: 4096 },
  seed: { type: 'integer' },
  batch_count: { type: 'integer', min: 1, max: 8 },
  strength: { type: 'number', min: 0, max: 1 },
  clip_skip: { type: 'integer' },
  init_image: picture,
  ref_images: { type: 'array', items: picture },
  mask_image: picture,
  control_image: picture,
  control_strength: { type: 'number' },
  ip_adapter_image: picture,
  ip_adapter_strength: { type: 'number' },
  auto_resize_ref_image: { type: 'boolean' },
  increase_ref_index: { type: 'boolean' },
  embed_image_metadata: { type: 'boolean' },
  sample_params: {
    type: 'object',
    fields: {
      scheduler: { type: 'string', values: capabilities.schedulers },
      sample_method: { type: 'string', values: capabilities.samplers },
      sample_steps: { type: 'integer', min: 1 },
      eta: { type: 'number' },
      shifted_timestep: { type: 'integer' },
      custom_sigmas: { type: 'array' },
      flow_shift: { type: 'number' },
      guidance: {
        type: 'object',
        fields: {
          txt_cfg: { type: 'number' },
          img_cfg: { type: 'number' },
          distilled_guidance: { type: 'number' },
          slg: { type: 'object' },
        },
      },
    },
  },
  lora: { type: 'array' },
  hires: { type: 'object' },
  vae_tiling_params: { type: 'object' },
  cache_mode: { type: 'string' },
  output_format: { type: 'string', values: ['png', 'jpeg', 'webp'] },
  output_compression: { type: 'integer', min: 0, max: 100 },
};

const refuse = (status: number, error: string): Reply => ({ status, json: { error } });

function submit(call: Call, sd: Sd): Promise<Reply> | Reply {
  if (call.body === null) return refuse(400, 'invalid json');
  const [fault] = sd.stage.check(call, call.body, nativeRules);
  if (fault !== undefined) return refuse(400, `invalid value for ${dotted(fault.path)}`);
  if (sd.jobs.open() >= sd.queue_max) return refuse(429, 'job queue is full');
  const input = call.body;
  return sd.stage.perform(call, (act) => {
    const id = `job_${sd.stage.next()}`;
    const job = sd.jobs.add(id, act, { input, result: null });
    const created = Math.floor(job.made_at / 1000);
    return { status: 202, json: { id, kind: 'img_gen', status: 'queued', created, poll_url: `/sdcpp/v1/jobs/${id}` } };
  });
}

async function tell(call: Call, { stage, jobs }: Sd): Promise<Reply> {
  const job = jobs.get(call.params.id);
  if (job === null || job.act.kind === 'job_lost') return refuse(404, 'job not found');
  const old = job.ended_at !== null && stage.now() - job.ended_at > retention_ms;
  if (old || job.act.kind === 'expired') return refuse(410, 'job expired');
  const failure = jobs.poll(job);
  if (failure !== null) return failure;
  const seconds = (at: number | null) => (at === null ? null : Math.floor(at / 1000));
  const state = jobs.state(job);
  const stopped = job.cancelled || (state === 'done' && job.act.kind === 'aborted');
  const failed = state === 'done' && job.act.kind === 'error_in_200';
  if (state === 'done' && !stopped && !failed) job.data.result ??= await makeResult(job.act, job.data.input, stage);
  const status = stopped
    ? 'cancelled'
    : failed
      ? 'failed'
      : { queued: 'queued', running: 'generating', done: 'completed' }[state];
  return {
    status: 200,
    json: {
      id: job.id,
      kind: 'img_gen',
      status,
      created: seconds(job.made_at),
      started: seconds(job.started_at),
      completed: seconds(job.ended_at),
      queue_position: 0,
      result: status === 'completed' ? job.data.result : null,
      error: failed ? { code: 'generation_failed', message: 'generate_image returned no results' } : null,
    },
  };
}

function cancel(call: Call, { jobs }: Sd): Reply {
  const job = jobs.get(call.params.id);
  if (job === null) return refuse(404, 'job not found');
  if (jobs.state(job) !== 'queued') return refuse(409, 'job is already generating');
  job.cancelled = true;
  return { status: 200, json: { id: job.id, kind: 'img_gen', status: 'cancelled' } };
}

async function makeResult(act: Act, input: JsonObject, { gallery }: Stage): Promise<Wire> {
  // Sizes are rounded up to the model's multiple.
  const up = (side: unknown) => Math.ceil(Number(side ?? 512) / 16) * 16;
  const format = (input.output_format ?? 'png') as FileFormat; // One of the three, by the rules.
  const images: Wire[] = [];
  for (let index = 0; index < deliveredOf(act, Number(input.batch_count ?? 1)); index++) {
    const { base64 } = await gallery.make(act, { width: up(input.width), height: up(input.height), format });
    images.push({ index, b64_json: base64() });
  }
  return { output_format: format, images };
}

const openaiRules = (formats: readonly string[]): FieldRules => ({
  prompt: { type: 'string', required: true, min: 1 },
  n: { type: 'integer', min: 1, max: 8 },
  size: { type: 'string' },
  output_format: { type: 'string', values: formats },
  output_compression: { type: 'integer', min: 0, max: 100 },
});

function openai(call: Call, stage: Stage): Promise<Reply> | Reply {
  if (call.body === null) return refuse(400, 'empty body');
  return openaiAnswer(call, call.body, ['png', 'jpeg', 'webp'], stage);
}

function openaiEdit(call: Call, stage: Stage): Promise<Reply> | Reply {
  const { parts } = call.request;
  if (parts === null) return refuse(400, 'Content-Type must be multipart/form-data');
  if (filesNamed(parts, 'image', 'image[]').length === 0) return refuse(400, 'at least one image[] required');
  return openaiAnswer(call, textFields(parts), ['png', 'jpeg'], stage);
}

function openaiAnswer(
  call: Call,
  fields: JsonObject,
  formats: readonly string[],
  stage: Stage,
): Promise<Reply> | Reply {
  const [fault] = stage.check(call, fields, openaiRules(formats), call.request.parts !== null);
  if (fault?.kind === 'required') return refuse(400, `${dotted(fault.path)} required`);
  if (fault !== undefined) return refuse(400, `invalid ${dotted(fault.path)}`);
  return stage.perform(call, async (act) => {
    // A size that cannot be read is 512x512, without a word.
    const sides = /^(\d+)x(\d+)$/.exec(String(fields.size ?? ''));
    const [width, height] = [Number(sides?.[1] ?? 512), Number(sides?.[2] ?? 512)];
    const format = (fields.output_format ?? 'png') as FileFormat; // One of the three, by the rules.
    const data: Wire[] = [];
    if (act.kind === 'error_in_200') return { status: 200, json: { error: 'generate_image returned no results' } };
    for (let i = 0; i < deliveredOf(act, Number(fields.n ?? 1)); i++) {
      data.push({ b64_json: (await stage.gallery.make(act, { width, height, format })).base64() });
    }
    return { status: 200, json: { created: Math.floor(stage.now() / 1000), output_format: format, data } };
  });
}
