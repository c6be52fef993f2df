/** Black Forest Labs: a task is submitted, polled at the address that the answer gives, and its link lives ten minutes. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import type { Act } from './behaviours.ts';
import type { FieldFault, FieldRules } from './check-fields.ts';
import { type Job, type Jobs, openJobs, pollBehaviours } from './jobs.ts';
import {
  type ActTable,
  type Call,
  type ProviderServer,
  type ServerOptions,
  type Stage,
  shapesOf,
  startServer,
} from './kit.ts';
import { measurePicture, readBase64 } from './measure-picture.ts';
import type { Reply, Wire } from './wire.ts';

export interface BflOptions extends ServerOptions {
  /** Answers of `Pending` until the task ends; absent = 2. */
  readonly polls_until_done?: number;
  /** Open tasks beyond which a submit is answered with 429; absent = 24. */
  readonly tasks_max?: number;
}

interface Task {
  readonly model: string;
  readonly input: JsonObject;
  result: Wire;
}

interface Bfl {
  readonly stage: Stage;
  readonly jobs: Jobs<Task>;
  readonly tasks_max: number;
}

/** `base_url` has no path; the key is sent as `x-key`. */
export function startBflServer(options: BflOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => {
    const jobs = openJobs<Task>({ now: stage.now, polls_until_done: options.polls_until_done ?? 2 });
    const bfl: Bfl = { stage, jobs, tasks_max: options.tasks_max ?? 24 };
    return {
      provider: 'bfl',
      base_path: '',
      key: 'bfl-test-key',
      unknown_fields: 'ignore',
      delivers: 'links',
      link_life_ms: 600_000,
      acts,
      acted_by_routes: [
        shapesOf(endings),
        pollBehaviours,
        {
          ok: ['ok', 'other_words'],

          empty: ['no_sample', 'null_result'],
          job_lost: ['task_not_found', '404'],
        },
      ],
      authorized: ({ headers }, key) => headers['x-key'] === key,
      unauthorized: () => ({ status: 401, json: { detail: 'Not authenticated - Invalid Authentication' } }),
      notFound: () => ({ status: 404, json: { detail: 'Not Found' } }),
      routes: [
        { method: 'POST', path: /^\/v1\/(?<model>[\w.-]+)$/, role: 'submit', handle: (call) => submit(call, bfl) },
        { method: 'GET', path: /^\/v1\/get_result$/, role: 'poll', handle: (call) => tell(call, bfl) },
      ],
    };
  });
}

const acts: ActTable = {
  rate_limited: {
    '429': () => ({ status: 429, json: { detail: 'Too many requests. You have exceeded the limit of active tasks.' } }),
    message: () => ({ status: 429, json: { message: 'Rate limit exceeded' }, headers: { 'retry-after': '1' } }),
  },
  auth: {
    '401': () => ({ status: 401, json: { detail: 'Not authenticated - Invalid Authentication' } }),
    '403': () => ({ status: 403, json: { detail: 'Not authenticated' } }),
  },
  account: {
    '402': () => ({ status: 402, json: { detail: 'Insufficient credits. Add credits at https://api.bfl.ai' } }),
  },
  config: { '404': () => ({ status: 404, json: { detail: 'Not Found' } }) },
  overloaded: {
    '503': () => ({ status: 503, json: { error: 'Service Unavailable', message: 'Try again later', details: null } }),
  },
  unavailable: {
    '500': () => ({ status: 500, json: { detail: 'Internal Server Error' } }),
    message: () => ({ status: 500, json: { message: 'Internal Server Error' } }),
  },
  invalid_request: {
    '422': () => ({
      status: 422,
      json: { detail: [{ loc: ['body', 'prompt'], msg: 'Field required', type: 'missing' }] },
    }),
    '400': () => ({
      status: 400,
      json: { error: 'Bad Request', message: 'The input image could not be read', details: {} },
    }),
  },
  offer_limit: {
    megapixels: () => ({ status: 422, json: { detail: 'Input and output together exceed 9 megapixels' } }),
  },
};

/** Last words of a task that makes no picture. */
const endings: { readonly [Kind in Act['kind']]?: Readonly<Record<string, JsonObject>> } = {
  refused_input: {
    request_moderated: { status: 'Request Moderated', details: { 'Moderation Reasons': ['Safety Filter'] } },
  },
  refused_output: {
    content_moderated: { status: 'Content Moderated', details: { 'Moderation Reasons': ['Safety Filter'] } },
  },
  error_in_200: { Error: { status: 'Error', details: { error: 'Internal error' } } },
  unavailable: { Failed: { status: 'Failed', details: { error: 'The task failed' } } },
};

const common: FieldRules = {
  prompt: { type: 'string', required: true },
  safety_tolerance: { type: 'integer', min: 0, max: 5 },
  webhook_url: { type: 'string', pattern: /^https?:\/\// },
  webhook_secret: { type: 'string' },
};
const numbered = (name: string, count: number): FieldRules =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [i === 0 ? name : `${name}_${i + 1}`, { type: 'string', min: 1 }]),
  );
const sized: FieldRules = {
  ...common,
  width: { type: 'integer', min: 64 },
  height: { type: 'integer', min: 64 },
  seed: { type: 'integer' },
  output_format: { type: 'string', values: ['jpeg', 'png'] },
  disable_pup: { type: 'boolean' },
};
const kontext: FieldRules = {
  ...common,
  aspect_ratio: { type: 'string', pattern: /^\d+:\d+$/ },
  seed: { type: 'integer' },
  output_format: { type: 'string', values: ['jpeg', 'png'] },
  prompt_upsampling: { type: 'boolean' },
  ...numbered('input_image', 4),
};
const flux3Ratios = 'auto 21:9 2:1 16:9 3:2 7:5 4:3 5:4 1:1 4:5 3:4 5:7 2:3 9:16 1:2 9:21'.split(' ');
const flux3: FieldRules = {
  ...common,
  safety_tolerance: { type: 'integer', min: 0, max: 4 },
  aspect_ratio: { type: 'string', values: flux3Ratios },
  resolution: { type: 'string', values: ['768sq', '1k', '1.5k', '2k', '4k'] },
  version: { type: 'string' },
};
const models: Readonly<Record<string, FieldRules>> = {
  'flux-2-klein-4b': { ...sized, ...numbered('input_image', 4) },
  'flux-2-klein-9b': { ...sized, ...numbered('input_image', 4) },
  'flux-2-pro': { ...sized, ...numbered('input_image', 8) },
  'flux-2-pro-preview': { ...sized, ...numbered('input_image', 8) },
  'flux-2-max': { ...sized, ...numbered('input_image', 8) },
  'flux-2-flex': {
    ...sized,
    ...numbered('input_image', 8),
    steps: { type: 'integer', min: 1, max: 50 },
    guidance: { type: 'number', min: 1.5, max: 10 },
    prompt_upsampling: { type: 'boolean' },
  },
  'flux-kontext-pro': kontext,
  'flux-kontext-max': kontext,
  'flux-pro-1.1-ultra': {
    ...kontext,
    raw: { type: 'boolean' },
    image_prompt: { type: 'string' },
    image_prompt_strength: { type: 'number', min: 0, max: 1 },
  },
  'flux-pro-1.0-fill': {
    ...common,
    image: { type: 'string', required: true },
    mask: { type: 'string' },
    steps: { type: 'integer', min: 15, max: 50 },
    guidance: { type: 'number', min: 1.5, max: 100 },
    seed: { type: 'integer' },
    output_format: { type: 'string', values: ['jpeg', 'png'] },
  },
  'flux-3-image': flux3,
  'flux-3-image-klein': flux3,
};

async function submit(call: Call, bfl: Bfl): Promise<Reply> {
  const model = call.params.model ?? '';
  const rules = models[model];
  if (rules === undefined) return { status: 404, json: { detail: 'Not Found' } };
  const { body } = call;
  if (body === null)
    return { status: 422, json: { detail: [{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }] } };
  const wrong = bfl.stage.check(call, body, rules);
  const words = [...wrong.map(wordFault), ...sizeFaults(body), ...(await pictureFaults(body))];
  if (words.length > 0) return { status: 422, json: { detail: words } };
  if (bfl.jobs.open() >= (model === 'flux-kontext-max' ? Math.min(6, bfl.tasks_max) : bfl.tasks_max)) {
    return { status: 429, json: { detail: `Too many requests. You have more than ${bfl.tasks_max} active tasks.` } };
  }
  return bfl.stage.perform(call, (act) => accept(act, { model, input: body, result: null }, bfl));
}

function wordFault({ kind, path, rule }: FieldFault): JsonObject {
  const words = {
    unknown: ['Extra inputs are not permitted', 'extra_forbidden'],
    required: ['Field required', 'missing'],
    type: [`Input should be a valid ${rule.type}`, `${rule.type}_type`],
    value: [`Input should be ${rule.values?.map((value) => `'${value}'`).join(' or ')}`, 'enum'],
    min: [`Input should be greater than or equal to ${rule.min}`, 'greater_than_equal'],
    max: [`Input should be less than or equal to ${rule.max}`, 'less_than_equal'],
    pattern: ['Input has a wrong format', 'string_pattern_mismatch'],
  } as const;
  const [msg, type] = words[kind];
  return { loc: ['body', ...path], msg, type };
}

function sizeFaults({ width, height, aspect_ratio }: JsonObject): JsonObject[] {
  const fault = (name: string, msg: string) => ({ loc: ['body', name], msg, type: 'value_error' });
  const faults = Object.entries({ width, height }).flatMap(([name, side]) =>
    typeof side === 'number' && side % 16 !== 0 ? [fault(name, 'Input should be a multiple of 16')] : [],
  );
  if (Number(width ?? 0) * Number(height ?? 0) > 4_194_304) faults.push(fault('width', 'At most 4 megapixels'));
  const [w, h] = String(aspect_ratio ?? '1:1')
    .split(':')
    .map(Number);
  const ratio = (w ?? 1) / (h ?? 1);
  if (ratio < 3 / 7 || ratio > 7 / 3) faults.push(fault('aspect_ratio', 'Aspect ratio must be between 3:7 and 7:3'));
  return faults;
}

/** References are addresses or bare base64 of up to 20 MB and 20 megapixels. */
async function pictureFaults(body: JsonObject): Promise<JsonObject[]> {
  const given = Object.entries(body).filter(([name]) => /^(input_image(_\d)?|image|mask|image_prompt)$/.test(name));
  const faults = await Promise.all(
    given.map(async ([name, value]) => {
      if (typeof value !== 'string' || /^https?:\/\//.test(value)) return [];
      const fault = (msg: string) => [{ loc: ['body', name], msg, type: 'value_error' }];
      const bytes = readBase64(value);
      const found = bytes === null ? null : await measurePicture(bytes);
      if (bytes === null || found === null) return fault('Input is neither a URL nor a base64 encoded image');
      if (bytes.length > 20_000_000) return fault('Image is larger than 20 MB');
      return found.width * found.height > 20_000_000 ? fault('Image is larger than 20 megapixels') : [];
    }),
  );
  return faults.flat();
}

function accept(act: Act, task: Task, { stage, jobs }: Bfl): Reply {
  const id = `${String(stage.next()).padStart(8, '0')}-0000-4000-8000-0000000000bf`;
  jobs.add(id, act, task);
  const { width, height } = sizeOf(task.input);
  const polling_url = `${stage.origin()}/v1/get_result?id=${id}`;
  const { webhook_url } = task.input;
  if (webhook_url !== undefined) return { status: 200, json: { id, status: 'Pending', webhook_url, polling_url } };
  const output_mp = Math.round((width * height) / 10_000) / 100;
  return { status: 200, json: { id, polling_url, cost: 3, input_mp: 0, output_mp } };
}

const tierSides: Readonly<Record<string, number>> = { '768sq': 768, '1k': 1024, '1.5k': 1536, '2k': 2048, '4k': 4096 };

function sizeOf(input: JsonObject): { width: number; height: number } {
  if (input.width !== undefined || input.height !== undefined) {
    return { width: Number(input.width ?? 1024), height: Number(input.height ?? 1024) };
  }
  const side = tierSides[String(input.resolution ?? '1k')] ?? 1024;
  const ratio = String(input.aspect_ratio ?? 'auto');
  const [w = 1, h = 1] = ratio === 'auto' ? [] : ratio.split(':').map(Number);
  const snap = (value: number) => Math.max(16, Math.round(value / 16) * 16);
  return { width: snap(side * Math.sqrt(w / h)), height: snap(side * Math.sqrt(h / w)) };
}

async function tell(call: Call, { stage, jobs }: Bfl): Promise<Reply> {
  const id = call.request.query.id ?? '';
  const job = jobs.get(id);
  const lost = { id, status: 'Task not found', result: null };
  if (job === null) return { status: 404, json: lost };
  if (job.act.kind === 'job_lost') return { status: job.act.shape === '404' ? 404 : 200, json: lost };
  const failure = jobs.poll(job);
  if (failure !== null) return failure;
  const state = jobs.state(job);
  if (state !== 'done')
    return { status: 200, json: { id, status: wordOf(job, state), result: null, progress: null, details: null } };
  const ending = endings[job.act.kind]?.[job.act.shape];
  if (ending !== undefined) return { status: 200, json: { id, result: null, progress: null, ...ending } };
  job.data.result ??= await makeResult(job, stage);
  return { status: 200, json: { id, status: 'Ready', result: job.data.result, progress: null, details: null } };
}

/** FLUX 3 has words of its own for a task that is under way. */
function wordOf(job: Job<Task>, state: string): string {
  if (job.act.shape !== 'other_words') return 'Pending';
  return state === 'queued' ? 'Reasoning' : 'Generating';
}

async function makeResult({ act, data: { input } }: Job<Task>, { gallery, next, now }: Stage): Promise<Wire> {
  if (act.shape === 'null_result') return null;
  const seed = input.seed ?? 42_000 + next();
  const times = { start_time: now() / 1000 - 4, end_time: now() / 1000, duration: 4 };
  if (act.shape === 'no_sample') return { prompt: input.prompt, seed, ...times };
  const format = input.output_format === 'png' ? 'png' : 'jpeg';
  const { url } = await gallery.make(act, { ...sizeOf(input), format });
  return { sample: url(), prompt: input.prompt, seed, ...times };
}
