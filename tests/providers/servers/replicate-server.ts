/** Replicate's predictions: created with or without waiting, polled, cancelled, and forgotten after an hour. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { dotted, type FieldFault, type FieldRules, isObject } from './check-fields.ts';
import { type Job, type Jobs, openJobs, pollBehaviours } from './jobs.ts';
import { type Call, type ProviderServer, type ServerOptions, type Stage, shapesOf, startServer } from './kit.ts';
import { acts, endings, invalidInput, problem, unauthorized } from './replicate-answers.ts';
import { replicateFileRoutes } from './replicate-files.ts';
import { signReplicateWebhook } from './webhooks.ts';
import type { Reply } from './wire.ts';

const hookSecret = 'whsec_Z2F0ZXdheS10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWI=';

export interface ReplicateOptions extends ServerOptions {
  /** Questions until a prediction ends, where the call does not wait for it; absent = 2. */
  readonly polls_until_done?: number;
  /** How long a second of `Prefer: wait=N` lasts here; absent = 1000. */
  readonly second_ms?: number;
}

interface Prediction {
  readonly model: string;
  readonly input: JsonObject;
  readonly webhook: string | null;
  /** When `Cancel-After` ends it, on the server's clock; null = never. */
  readonly deadline: number | null;
  output: readonly string[] | null;
}

interface Replicate {
  readonly stage: Stage;
  readonly jobs: Jobs<Prediction>;
  readonly second_ms: number;
}

const output_life_ms = 3_600_000;

/** `base_url` ends in `/v1`; the key is sent as a bearer token. */
export function startReplicateServer(options: ReplicateOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => {
    const jobs = openJobs<Prediction>({ now: stage.now, polls_until_done: options.polls_until_done ?? 2 });
    const replicate: Replicate = { stage, jobs, second_ms: options.second_ms ?? 1000 };
    const one = '^/v1/predictions/(?<id>[a-z0-9]+)';
    return {
      provider: 'replicate',
      base_path: '/v1',
      key: 'r8_test_key',
      unknown_fields: 'refuse',
      delivers: 'links',
      link_life_ms: output_life_ms,
      acts,
      acted_by_routes: [
        shapesOf(endings),
        pollBehaviours,
        {
          ok: ['ok', 'starting', 'processing'],

          empty: ['empty_array', 'null_output'],
          job_lost: ['404'],
          aborted: ['aborted', 'canceled'],
          expired: ['data_removed', 'link'],
          partial: ['fewer'],
        },
      ],
      hooks: {
        finish: () => jobs.all().forEach(jobs.finish),
        messages: () =>
          Promise.all(
            jobs.all().map(async (job) => ({
              id: `msg_${job.id}`,
              url: job.data.webhook,
              body: JSON.stringify(await present(job, replicate)),
            })),
          ),
        sign: ({ id, body }, timestamp) => signReplicateWebhook({ id, timestamp, body }, hookSecret),
      },
      authorized: ({ headers }, key) => [`Bearer ${key}`, `Token ${key}`].includes(headers.authorization ?? ''),
      unauthorized,
      notFound: () => problem(404, 'Not found', 'The requested resource could not be found.'),
      routes: [
        {
          method: 'POST',
          path: /^\/v1\/models\/(?<model>[\w-]+\/[\w.-]+)\/predictions$/,
          role: 'submit',
          handle: (call) => create(call, call.params.model ?? '', replicate),
        },
        {
          method: 'POST',
          path: /^\/v1\/predictions$/,
          role: 'submit',
          handle: (call) => createByVersion(call, replicate),
        },
        { method: 'GET', path: new RegExp(`${one}$`), role: 'poll', handle: (call) => tell(call, replicate) },
        {
          method: 'POST',
          path: new RegExp(`${one}/cancel$`),
          role: 'cancel',
          handle: (call) => cancel(call, replicate),
        },
        ...replicateFileRoutes(stage),
        {
          method: 'GET',
          path: /^\/v1\/webhooks\/default\/secret$/,
          role: 'other',
          handle: () => ({ status: 200, json: { key: hookSecret } }),
        },
      ],
    };
  });
}
const ratios = ['match_input_image', '1:1', '4:3', '3:4', '16:9', '9:16', '3:2', '2:3', '21:9'];
const inputRules = (tiers: readonly string[]): FieldRules => ({
  prompt: { type: 'string', required: true },
  image_input: { type: 'array', max: 10, items: { type: 'string', pattern: /^(https?:\/\/|data:)/ } },
  size: { type: 'string', values: [...tiers, 'custom'] },
  aspect_ratio: { type: 'string', values: ratios },
  width: { type: 'integer', min: 1024, max: 4096 },
  height: { type: 'integer', min: 1024, max: 4096 },
  sequential_image_generation: { type: 'string', values: ['disabled', 'auto'] },
  max_images: { type: 'integer', min: 1, max: 15 },
  enhance_prompt: { type: 'boolean' },
});
const models: Readonly<Record<string, FieldRules>> = {
  'bytedance/seedream-4': inputRules(['1K', '2K', '4K']),
  'bytedance/seedream-4.5': inputRules(['2K', '4K']),
};
const bodyRules: FieldRules = {
  input: { type: 'object', required: true },
  webhook: { type: 'string', pattern: /^https:\/\// },
  webhook_events_filter: { type: 'array', items: { type: 'string', values: ['start', 'output', 'logs', 'completed'] } },
  stream: { type: 'boolean' },
};

function wordFault({ kind, path, rule }: FieldFault) {
  const name = dotted(path);
  const last = String(path.at(-1));
  const words = {
    unknown: ['additional_property_not_allowed', `Additional property ${last} is not allowed`],
    required: ['required', `${last} is required`],
    type: ['invalid_type', `Invalid type. Expected: ${rule.type}`],
    value: ['enum', `${last} must be one of the following: ${rule.values?.map((value) => `"${value}"`).join(', ')}`],
    min: ['number_gte', `Must be greater than or equal to ${rule.min}`],
    max: [rule.type === 'array' ? 'array_max_items' : 'number_lte', `Must be less than or equal to ${rule.max}`],
    pattern: ['format', 'Does not match format uri'],
  } as const;
  const [type, description] = words[kind];
  return { type, field: name, description };
}

function createByVersion(call: Call, replicate: Replicate): Promise<Reply> | Reply {
  const version = call.body?.version;
  if (typeof version !== 'string' || models[version] === undefined) {
    const missing = { type: 'required', field: 'version', description: 'version is required' };
    return version === undefined
      ? invalidInput([missing])
      : (acts.invalid_request?.invalid_version?.(call) ?? unauthorized());
  }
  return create(call, version, replicate);
}

function create(call: Call, model: string, replicate: Replicate): Promise<Reply> | Reply {
  const rules = models[model];
  if (rules === undefined) return problem(404, 'Not found', 'The requested resource could not be found.');
  const { body, request } = call;
  if (body === null) return problem(400, 'Bad request', 'The request body is not valid JSON.');
  const version: FieldRules = call.params.model === undefined ? { version: { type: 'string' } } : {};
  const fields = { ...bodyRules, ...version, input: { type: 'object', required: true, fields: rules } } as const;
  const wrong = replicate.stage.check(call, body, fields);
  if (wrong.length > 0) return invalidInput(wrong.map(wordFault));
  const input = isObject(body.input) ? body.input : {};
  if (referencesOf(input) + countOf(input) > 15) {
    return invalidInput([
      {
        type: 'number_lte',
        field: 'input.max_images',
        description: 'Input images and output images together must be at most 15',
      },
    ]);
  }
  const wait_s = waitOf(request.headers.prefer);
  const life_ms = durationOf(request.headers['cancel-after']);
  if (wait_s === null)
    return problem(400, 'Bad request', 'The Prefer header must match ^wait(=([1-9]|[1-9][0-9]|60))?$');
  if (life_ms === null)
    return problem(400, 'Bad request', 'The Cancel-After header must be a duration of at least 5 seconds.');
  return replicate.stage.perform(call, (act) =>
    start(act, { model, input, webhook: String(body.webhook ?? '') || null, wait_s, life_ms }, replicate),
  );
}

const referencesOf = (input: JsonObject): number => (Array.isArray(input.image_input) ? input.image_input.length : 0);
const countOf = (input: JsonObject): number =>
  input.sequential_image_generation === 'auto' ? Number(input.max_images ?? 1) : 1;

/** Seconds that the call waits: 0 without the header, 60 for a bare `wait`; null where it is malformed. */
function waitOf(prefer: string | undefined): number | null {
  if (prefer === undefined) return 0;
  const found = /^wait(=([1-9]|[1-5][0-9]|60))?$/.exec(prefer);
  return found === null ? null : Number(found[2] ?? 60);
}

/** `30`, `90s`, `5m`, `1h30m45s` in milliseconds; undefined without the header, null where it is malformed or too short. */
function durationOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(text);
  if (found === null || text === '') return null;
  const [hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  const ms = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
  return ms >= 5000 ? ms : null;
}

interface Start {
  readonly model: string;
  readonly input: JsonObject;
  readonly webhook: string | null;
  readonly wait_s: number;
  readonly life_ms: number | undefined;
}

async function start(
  act: Act,
  { model, input, webhook, wait_s, life_ms }: Start,
  replicate: Replicate,
): Promise<Reply> {
  const { stage, jobs, second_ms } = replicate;
  const id = `p${String(stage.next()).padStart(25, '0')}`;
  const deadline = life_ms === undefined ? null : stage.now() + life_ms;
  const job = jobs.add(id, act, { model, input, webhook, deadline, output: null });
  const wait_ms = wait_s * second_ms;
  const endless = act.kind === 'silent' || act.kind === 'aborted' || act.kind === 'job_lost' || act.shape === 'poll';
  if (wait_ms === 0 || endless || act.shape === 'starting' || act.shape === 'processing') {
    if (act.shape === 'processing' || (wait_ms > 0 && endless)) job.started_at = stage.now();
    return { status: wait_ms > 0 ? 202 : 201, json: await present(job, replicate) };
  }
  const slow_ms = act.kind === 'slow' ? (act.ms ?? 50) : 0;
  if (slow_ms <= wait_ms) jobs.finish(job);
  else job.started_at = stage.now();
  const json = await present(job, replicate);
  return { status: slow_ms <= wait_ms ? 201 : 202, json, delay_ms: Math.min(slow_ms, wait_ms) };
}

type Status = 'starting' | 'processing' | 'succeeded' | 'failed' | 'canceled' | 'aborted';

function statusOf(job: Job<Prediction>, { stage, jobs }: Replicate): Status {
  const late = job.data.deadline !== null && job.ended_at === null && stage.now() >= job.data.deadline;
  if (job.cancelled || late) {
    job.cancelled = true;
    job.ended_at ??= stage.now();
    return job.started_at === null && job.data.deadline !== null ? 'aborted' : 'canceled';
  }
  const state = jobs.state(job);
  if (state !== 'done') return state === 'running' || job.started_at !== null ? 'processing' : 'starting';
  if (job.act.kind === 'aborted') return job.act.shape === 'canceled' ? 'canceled' : 'aborted';
  return endings[job.act.kind]?.[job.act.shape] === undefined ? 'succeeded' : 'failed';
}

async function present(job: Job<Prediction>, replicate: Replicate): Promise<JsonObject> {
  const { stage } = replicate;
  const status = statusOf(job, replicate);
  const { model, input, data_removed, output } = await contentsOf(job, status, stage);
  const url = `${stage.origin()}/v1/predictions/${job.id}`;
  const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    id: job.id,
    model,
    version: 'hidden',
    input,
    output,
    logs: '',
    error: status === 'failed' ? (endings[job.act.kind]?.[job.act.shape] ?? null) : null,
    status,
    created_at: iso(job.made_at),
    started_at: iso(job.started_at),
    completed_at: iso(job.ended_at),
    ...(job.data.deadline === null ? {} : { deadline: iso(job.data.deadline) }),
    data_removed,
    source: 'api',
    ...(status === 'succeeded' ? { metrics: { predict_time: 4.2, total_time: 4.5 } } : {}),
    urls: { get: url, cancel: `${url}/cancel`, web: `https://replicate.com/p/${job.id}` },
  };
}

async function contentsOf(job: Job<Prediction>, status: Status, stage: Stage) {
  const { model, input } = job.data;
  const old = job.ended_at !== null && stage.now() - job.ended_at >= output_life_ms;
  const removed = old || (job.act.shape === 'data_removed' && status === 'succeeded');
  if (removed) return { model, input: {}, output: null, data_removed: true };
  if (status === 'succeeded') job.data.output ??= await makeOutput(job, stage);
  const output = job.act.shape === 'null_output' ? null : job.data.output;
  return { model, input, output, data_removed: false };
}

async function makeOutput({ act, data: { input } }: Job<Prediction>, { gallery }: Stage): Promise<readonly string[]> {
  const urls: string[] = [];
  for (let i = 0; i < deliveredOf(act, countOf(input)); i++) {
    urls.push((await gallery.make(act, { ...sizeOf(input), format: 'jpeg' })).url());
  }
  return urls;
}

const tierSides: Readonly<Record<string, number>> = { '1K': 1024, '2K': 2048, '4K': 4096 };

function sizeOf(input: JsonObject): { width: number; height: number } {
  if (input.size === 'custom') return { width: Number(input.width ?? 2048), height: Number(input.height ?? 2048) };
  const side = tierSides[String(input.size ?? '2K')] ?? 2048;
  const [w = 1, h = 1] = /^\d+:\d+$/.test(String(input.aspect_ratio))
    ? String(input.aspect_ratio).split(':').map(Number)
    : [];
  const height = Math.floor(side * Math.sqrt(h / w));
  return { width: Math.floor((height * w) / h), height };
}

async function tell(call: Call, replicate: Replicate): Promise<Reply> {
  const job = replicate.jobs.get(call.params.id);
  if (job === null || job.act.kind === 'job_lost') return problem(404, 'Not found', 'Prediction not found');
  // A deadline that has passed comes before whatever else would have happened.
  statusOf(job, replicate);
  const failure = replicate.jobs.poll(job);
  return failure ?? { status: 200, json: await present(job, replicate) };
}

async function cancel(call: Call, replicate: Replicate): Promise<Reply> {
  const job = replicate.jobs.get(call.params.id);
  if (job === null) return problem(404, 'Not found', 'Prediction not found');
  if (['starting', 'processing'].includes(statusOf(job, replicate))) job.cancelled = true;
  return { status: 200, json: await present(job, replicate) };
}
