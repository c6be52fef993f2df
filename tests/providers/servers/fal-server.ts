/** fal's queue: submit, poll the addresses that come back, fetch the result; the model itself judges the input. */
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { checkFields, type FieldFault, type FieldRules, isObject } from './check-fields.ts';
import { acts, detail, type Ending, endings, ran } from './fal-answers.ts';
import type { HookMessage } from './job-hooks.ts';
import { type Job, type Jobs, openJobs, pollBehaviours } from './jobs.ts';
import { type Call, type ProviderServer, type ServerOptions, type Stage, shapesOf, startServer } from './kit.ts';
import { ed25519Key, falKeySet, signFalWebhook } from './webhooks.ts';
import type { Reply, Wire } from './wire.ts';

const hookKey = ed25519Key(Buffer.alloc(32, 7));

export interface FalOptions extends ServerOptions {
  /** Status questions until COMPLETED; absent = 2: IN_QUEUE, IN_PROGRESS, then done. */
  readonly polls_until_done?: number;
}

interface FalJob {
  readonly app: string;
  readonly endpoint: string;
  readonly input: JsonObject;
  /** What is called when the job ends. */
  readonly webhook: string | null;
  /** Where the model refuses the input. */
  readonly fault: Ending | null;
  result: Reply | null;
}

interface Fal {
  readonly stage: Stage;
  readonly jobs: Jobs<FalJob>;
}

/** `base_url` is the queue host: no path. The key is sent as `Key <key>`. */
export function startFalServer(options: FalOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => {
    const fal: Fal = { stage, jobs: openJobs({ now: stage.now, polls_until_done: options.polls_until_done ?? 2 }) };
    const job = '(?<owner>[\\w-]+)/(?<app>[\\w-]+)/requests/(?<id>[\\w-]+)';
    return {
      provider: 'fal',
      base_path: '',
      key: 'fal-test-id:fal-test-secret',
      // fal's models pass over names that they do not know.
      unknown_fields: 'ignore',
      delivers: 'links',
      link_life_ms: 7 * 24 * 3_600_000,
      acts,
      acted_by_routes: [
        shapesOf(endings),
        pollBehaviours,
        {
          empty: ['no_images'],
          partial: ['fewer'],
          job_lost: ['status', 'result'],
        },
      ],
      authorized: ({ headers }, key) => headers.authorization === `Key ${key}`,
      unauthorized: () =>
        detail(401, 'Cannot access application. Authentication is required to access this application.'),
      notFound: ({ path }) => detail(404, `Path ${path} not found`),
      hooks: {
        finish: () => fal.jobs.all().forEach(fal.jobs.finish),
        messages: () => Promise.all(fal.jobs.all().map((one) => hookMessage(one, fal))),
        sign: ({ id, body }, timestamp) =>
          signFalWebhook({ request_id: id, user_id: 'fal-test-user', timestamp, body }, hookKey),
      },
      headers: () => ({ 'x-fal-request-id': `00000000-0000-4000-8000-${String(stage.next()).padStart(12, '0')}` }),
      routes: [
        {
          method: 'GET',
          path: /^\/\.well-known\/jwks\.json$/,
          role: 'other',
          open: true,
          handle: () => ({ status: 200, json: { keys: falKeySet(hookKey).keys.map((key) => ({ ...key })) } }),
        },
        { method: 'GET', path: new RegExp(`^/${job}/status$`), role: 'poll', handle: (call) => tellStatus(call, fal) },
        { method: 'GET', path: new RegExp(`^/${job}$`), role: 'poll', handle: (call) => tellResult(call, fal) },
        { method: 'PUT', path: new RegExp(`^/${job}/cancel$`), role: 'cancel', handle: (call) => cancel(call, fal) },
        {
          method: 'POST',
          path: /^\/(?<model>(?!.*\/requests\/).+)$/,
          role: 'submit',
          handle: (call) => submit(call, fal),
        },
      ],
    };
  });
}
const imageSize: FieldRules = {
  width: { type: 'integer', required: true, min: 1, max: 14_142 },
  height: { type: 'integer', required: true, min: 1, max: 14_142 },
};
const presets: Readonly<Record<string, readonly [number, number]>> = {
  square_hd: [1024, 1024],
  square: [512, 512],
  portrait_4_3: [768, 1024],
  portrait_16_9: [576, 1024],
  landscape_4_3: [1024, 768],
  landscape_16_9: [1024, 576],
  auto: [2048, 2048],
  auto_2K: [2048, 2048],
  auto_4K: [4096, 4096],
};
const textRules: FieldRules = {
  prompt: { type: 'string', required: true },
  image_size: { type: 'any' },
  num_images: { type: 'integer', min: 1, max: 6 },
  max_images: { type: 'integer', min: 1, max: 6 },
  seed: { type: 'integer' },
  sync_mode: { type: 'boolean' },
  enable_safety_checker: { type: 'boolean' },
  enhance_prompt_mode: { type: 'string', values: ['standard', 'fast'] },
};
const editRules: FieldRules = {
  ...textRules,
  image_urls: {
    type: 'array',
    required: true,
    min: 1,
    items: { type: 'string', pattern: /^(https?:\/\/|data:image\/)/ },
  },
};

interface Endpoint {
  readonly rules: FieldRules;
  readonly area_min: number;
}

const versions = { v4: 921_600, 'v4.5': 3_686_400 };
const endpoints: Readonly<Record<string, Endpoint>> = Object.fromEntries(
  Object.entries(versions).flatMap(([version, area_min]) => [
    [`fal-ai/bytedance/seedream/${version}/text-to-image`, { rules: textRules, area_min }],
    [`fal-ai/bytedance/seedream/${version}/edit`, { rules: editRules, area_min }],
  ]),
);

const area_max = 16_777_216;

function submit(call: Call, { stage, jobs }: Fal): Promise<Reply> | Reply {
  const model = call.params.model ?? '';
  const endpoint = endpoints[model];
  if (endpoint === undefined) {
    const [owner, app, ...rest] = model.split('/');
    const known = `${owner}/${app}` === 'fal-ai/bytedance';
    return detail(404, known ? `Path /${rest.join('/')} not found` : `Application '${app ?? model}' not found`);
  }
  if (call.body === null) return detail(422, 'Invalid JSON body');
  const { fal_webhook: webhook = null } = call.request.query;
  if (webhook !== null && !/^https:\/\/[^/]/.test(webhook)) return detail(422, 'Invalid webhook URL');
  const input = call.body;
  const fault = inputFault(call, input, endpoint, stage);
  const queue = (act: Act): Reply => {
    const id = `${String(stage.next()).padStart(8, '0')}-0000-4000-8000-00000000fa10`;
    jobs.add(id, act, { app: 'fal-ai/bytedance', endpoint: model, input, webhook, fault, result: null });
    const url = `${stage.origin()}/fal-ai/bytedance/requests/${id}`;
    const urls = { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
    return {
      status: 200,
      json: { request_id: id, gateway_request_id: id, status: 'IN_QUEUE', queue_position: 0, ...urls },
    };
  };
  // The queue takes anything: what the model refuses comes out at the end of the job, and takes no behaviour.
  return fault === null ? stage.perform(call, queue) : queue({ kind: 'invalid_request', shape: 'input' });
}

function inputFault(call: Call, input: JsonObject, { rules, area_min }: Endpoint, stage: Stage): Ending | null {
  const wrong = [...stage.check(call, input, rules)];
  const size = input.image_size;
  if (isObject(size)) {
    wrong.push(
      ...checkFields({ width: size.width ?? null, height: size.height ?? null }, imageSize).map((fault) => ({
        ...fault,
        path: ['image_size', ...fault.path],
      })),
    );
    const area = Number(size.width) * Number(size.height);
    const rule = { type: 'any', min: area_min, max: area_max } as const;
    if (area > area_max) wrong.push({ kind: 'max', path: ['image_size'], value: size, rule });
    if (area < area_min && rules === textRules) wrong.push({ kind: 'min', path: ['image_size'], value: size, rule });
  } else if (size !== undefined && presets[String(size)] === undefined) {
    wrong.push({
      kind: 'value',
      path: ['image_size'],
      value: size,
      rule: { type: 'string', values: Object.keys(presets) },
    });
  }
  const references = Array.isArray(input.image_urls) ? input.image_urls.length : 0;
  if (wrong.length === 0 && references > 10)
    call.request.ignored.push(...Array.from({ length: references - 10 }, (_, i) => `image_urls[${i}]`));
  if (wrong.length === 0 && Math.min(10, references) + countOf(input) > 15 && references > 0) {
    wrong.push({
      kind: 'max',
      path: ['max_images'],
      value: input.max_images,
      rule: { type: 'integer', max: 15 - references },
    });
  }
  if (wrong.length === 0) return null;
  return {
    status: 422,
    body: { detail: wrong.map(wordFault) },
    headers: { 'x-fal-retryable': 'false', 'x-fal-billable-units': '0' },
  };
}

function wordFault({ kind, path, value, rule }: FieldFault): JsonObject {
  const counted = Array.isArray(value);
  const words = {
    unknown: ['extra_forbidden', 'Extra inputs are not permitted', {}],
    required: ['missing', 'Field required', {}],
    type: [`${rule.type}_type`, `Input should be a valid ${rule.type}`, {}],
    value: ['one_of', `Input should be one of ${rule.values?.join(', ') ?? ''}`, { expected: rule.values ?? [] }],
    min: counted
      ? ['sequence_too_short', `At least ${rule.min} items`, { min_length: rule.min ?? 0 }]
      : ['greater_than_equal', `Input should be greater than or equal to ${rule.min}`, { ge: rule.min ?? 0 }],
    max: counted
      ? ['sequence_too_long', `At most ${rule.max} items`, { max_length: rule.max ?? 0 }]
      : ['less_than_equal', `Input should be less than or equal to ${rule.max}`, { le: rule.max ?? 0 }],
    pattern: ['file_download_error', 'Failed to download the file.', {}],
  } as const;
  const [type, msg, ctx] = words[kind];
  return { loc: ['body', ...path], msg, type, url: `https://docs.fal.ai/errors/#${type}`, ctx };
}

const countOf = (input: JsonObject): number => Number(input.num_images ?? 1) * Number(input.max_images ?? 1);

function find(call: Call, { jobs }: Fal): Job<FalJob> | null {
  const job = jobs.get(call.params.id);
  return job !== null && job.data.app === `${call.params.owner}/${call.params.app}` ? job : null;
}

const endingOf = (job: Job<FalJob>): Ending | null => {
  if (job.cancelled) return ran(499, 'client_cancelled', 'Request cancelled');
  return job.data.fault ?? endings[job.act.kind]?.[job.act.shape] ?? null;
};

function tellStatus(call: Call, fal: Fal): Reply {
  const job = find(call, fal);
  if (job === null || (job.act.kind === 'job_lost' && job.act.shape === 'status'))
    return detail(404, 'Request not found');
  const failure = fal.jobs.poll(job);
  if (failure !== null) return failure;
  const logs = call.request.query.logs === '1' ? [] : null;
  const url = `${fal.stage.origin()}/${job.data.app}/requests/${job.id}`;
  const head = { request_id: job.id, response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
  const state = job.cancelled ? 'done' : fal.jobs.state(job);
  if (state === 'queued') return { status: 202, json: { status: 'IN_QUEUE', queue_position: 0, ...head } };
  if (state === 'running') return { status: 202, json: { status: 'IN_PROGRESS', logs, ...head } };
  const ending = endingOf(job);
  const type = ending?.body.error_type;
  const error = type === undefined ? {} : { error: ending?.body.detail, error_type: type };
  return { status: 200, json: { status: 'COMPLETED', logs, metrics: { inference_time: 3.2 }, ...head, ...error } };
}

async function tellResult(call: Call, fal: Fal): Promise<Reply> {
  const job = find(call, fal);
  if (job === null || job.act.kind === 'job_lost') return detail(404, 'Request not found');
  if (!job.cancelled && fal.jobs.state(job) !== 'done') return detail(400, 'Request is still in progress');
  const ending = endingOf(job);
  if (ending !== null)
    return { status: ending.status, json: ending.body, ...(ending.headers && { headers: ending.headers }) };
  return tellMade(job, fal);
}

async function tellMade(job: Job<FalJob>, { stage }: Fal): Promise<Reply> {
  job.data.result ??= await makeResult(job, stage);
  return job.data.result;
}

async function makeResult({ act, data: { input, endpoint } }: Job<FalJob>, { gallery, next }: Stage): Promise<Reply> {
  const { width, height } = sizeOf(input, endpoints[endpoint]?.area_min ?? 0);
  const images: Wire[] = [];
  for (let i = 0; i < deliveredOf(act, countOf(input)); i++) {
    const { picture, url, base64 } = await gallery.make(act, { width, height, format: 'jpeg' });
    const file = input.sync_mode === true ? base64('data:image/jpeg;base64,') : url();
    images.push({
      url: file,
      content_type: 'image/jpeg',
      file_name: `${i}.jpg`,
      file_size: picture.bytes,
      width,
      height,
    });
  }
  const seed = input.seed ?? 1_000_000 + next();
  return { status: 200, json: { images, seed }, headers: { 'x-fal-billable-units': String(images.length) } };
}

/** Smaller than the model makes is scaled up and keeps its shape. */
function sizeOf(input: JsonObject, area_min: number): { width: number; height: number } {
  const given = input.image_size;
  const [w, h] = isObject(given)
    ? [Number(given.width), Number(given.height)]
    : (presets[String(given ?? 'auto')] ?? [2048, 2048]);
  const scale = Math.max(1, Math.sqrt(area_min / (w * h)));
  return { width: Math.ceil(w * scale), height: Math.ceil(h * scale) };
}

function cancel(call: Call, fal: Fal): Reply {
  const job = find(call, fal);
  if (job === null) return { status: 404, json: { status: 'NOT_FOUND' } };
  const state = fal.jobs.state(job);
  if (job.cancelled || state === 'done') return { status: 400, json: { status: 'ALREADY_COMPLETED' } };
  // Once it runs, it is only a signal: the picture may still be made, and billed.
  if (state === 'running') return { status: 202, json: { status: 'CANCELLATION_REQUESTED' } };
  job.cancelled = true;
  return { status: 202, json: { status: 'OK' } };
}

/** What the webhook says: it says `OK` of a job that has not ended too, since nobody may believe it. */
async function hookMessage(job: Job<FalJob>, fal: Fal): Promise<HookMessage> {
  const ending = endingOf(job);
  const head = { request_id: job.id, gateway_request_id: `${job.id}-again` };
  const isDone = fal.jobs.state(job) === 'done';
  const lie = { images: [{ url: 'https://pictures.invalid/not-made.jpg' }] };
  const payload = isDone && ending === null ? ((await tellMade(job, fal)).json ?? null) : lie;
  const body =
    ending === null
      ? { ...head, status: 'OK', payload }
      : { ...head, status: 'ERROR', error: `Invalid status code: ${ending.status}`, payload: ending.body };
  return { id: job.id, url: job.data.webhook, body: JSON.stringify(body) };
}
