/** ComfyUI: a graph is queued, its history is empty until it is done, pictures are viewed by name; no key. */
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../../src/contracts/json.ts';
import { type Act, deliveredOf } from './behaviours.ts';
import { isObject } from './check-fields.ts';
import { type Job, type JobState, type Jobs, openJobs, pollBehaviours } from './jobs.ts';
import {
  type ActTable,
  type Call,
  type ProviderServer,
  type Route,
  type ServerOptions,
  type Stage,
  startServer,
} from './kit.ts';
import { filesNamed, textFields } from './multipart.ts';
import type { Reply, Wire } from './wire.ts';

export interface ComfyuiOptions extends ServerOptions {
  /** Questions of the history until a graph is done; absent = 2. */
  readonly polls_until_done?: number;
}

interface Run {
  readonly graph: JsonObject;
  readonly number: number;
  /** The same graph has run before: nothing is made again. */
  readonly cached: boolean;
  outputs: Wire;
}

interface Comfy {
  readonly stage: Stage;
  readonly jobs: Jobs<Run>;
  readonly seen: Set<string>;
  readonly ids: string[];
  readonly uploads: Set<string>;
  readonly views: Map<string, { readonly act: Act; readonly pieces: readonly Buffer[] }>;
}

/** `base_url` has no path; every route is there with and without `/api` before it. */
export function startComfyuiServer(options: ComfyuiOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => {
    const jobs = openJobs<Run>({ now: stage.now, polls_until_done: options.polls_until_done ?? 2 });
    const comfy: Comfy = { stage, jobs, seen: new Set(), ids: [], uploads: new Set(), views: new Map() };
    return {
      provider: 'comfyui',
      base_path: '',
      key: '',
      unknown_fields: 'ignore',
      delivers: 'base64',
      acts,
      acted_by_routes: [
        pollBehaviours,
        {
          cut: ['answer', 'poll', 'view'],
          dead_link: ['view'],
          empty: ['cached', 'no_outputs'],
          error_in_200: ['execution_error'],
          aborted: ['execution_interrupted'],
          partial: ['fewer'],
          job_lost: ['forgotten'],
        },
      ],
      authorized: () => true,
      unauthorized: () => ({ status: 401, body: '' }),
      notFound: () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: '404: Not Found' }),
      routes: routesOf(comfy),
    };
  });
}

function routesOf(comfy: Comfy): readonly Route[] {
  const at = (path: string) => new RegExp(`^(?:/api)?${path}$`);
  const ok = (json: Wire) => (): Reply => ({ status: 200, json });
  return [
    { method: 'POST', path: at('/prompt'), role: 'submit', handle: (call) => submit(call, comfy) },
    { method: 'GET', path: at('/history/(?<id>[^/]+)'), role: 'poll', handle: (call) => tell(call, comfy) },
    { method: 'GET', path: at('/view'), role: 'link', handle: (call) => view(call, comfy) },
    { method: 'POST', path: at('/upload/(?:image|mask)'), role: 'upload', handle: (call) => upload(call, comfy) },
    {
      method: 'POST',
      path: at('/interrupt'),
      role: 'cancel',
      handle: (call) => stop(String(call.body?.prompt_id ?? ''), comfy),
    },
    {
      method: 'POST',
      path: at('/jobs/(?<id>[^/]+)/cancel'),
      role: 'cancel',
      handle: (call) => stop(call.params.id ?? '', comfy),
    },
    { method: 'POST', path: at('/queue'), role: 'cancel', handle: (call) => unqueue(call, comfy) },
    { method: 'GET', path: at('/queue'), role: 'other', handle: () => tellQueue(comfy) },
    {
      method: 'GET',
      path: at('/system_stats'),
      role: 'other',
      handle: ok({ system: { comfyui_version: '0.3.60' }, devices: [] }),
    },
    { method: 'GET', path: at('/object_info(?:/\\w+)?'), role: 'other', handle: ok({}) },
  ];
}

function graphError(type: string, message: string, details: string, node_errors: JsonObject = {}): Reply {
  return { status: 400, json: { error: { type, message, details, extra_info: {} }, node_errors } };
}

const failedValidation = (node: string, class_type: string, input: string, received: string): Reply =>
  graphError('prompt_outputs_failed_validation', 'Prompt outputs failed validation', '', {
    [node]: {
      errors: [
        {
          type: 'custom_validation_failed',
          message: 'Custom validation failed for node',
          details: `${input} - Invalid: ${received}`,
          extra_info: { input_name: input, received_value: received },
        },
      ],
      dependent_outputs: [],
      class_type,
    },
  });

const acts: ActTable = {
  config: {
    missing_node_type: () =>
      graphError(
        'missing_node_type',
        'Cannot execute because a node is missing the class_type property.',
        "Node ID '#4'",
      ),
    checkpoint: () => failedValidation('4', 'CheckpointLoaderSimple', 'ckpt_name', 'model.safetensors'),
  },
  invalid_request: { node_errors: () => failedValidation('10', 'LoadImage', 'image', 'missing.png') },
  unavailable: {
    '500': () => ({
      status: 500,
      headers: { 'content-type': 'text/plain' },
      body: '500 Internal Server Error\n\nServer got itself in trouble',
    }),
  },
};

interface Node {
  readonly id: string;
  readonly class_type: string;
  readonly inputs: JsonObject;
}

function nodesOf(graph: JsonObject): readonly Node[] {
  return Object.entries(graph).map(([id, node]) => ({
    id,
    class_type: isObject(node) ? String(node.class_type ?? '') : '',
    inputs: isObject(node) && isObject(node.inputs) ? node.inputs : {},
  }));
}

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const bodyFields = ['prompt', 'client_id', 'prompt_id', 'number', 'front', 'extra_data', 'partial_execution_targets'];

function submit(call: Call, comfy: Comfy): Promise<Reply> | Reply {
  const { body } = call;
  if (body === null || !isObject(body.prompt))
    return graphError('no_prompt', 'No prompt provided', 'No prompt provided');
  call.request.ignored.push(...Object.keys(body).filter((name) => !bodyFields.includes(name)));
  const { prompt: graph, prompt_id } = body;
  if (prompt_id !== undefined && !canonicalUuid.test(String(prompt_id))) {
    return graphError('invalid_prompt_id', 'prompt_id must be a canonical lower-case UUID', String(prompt_id));
  }
  const fault = graphFault(nodesOf(graph), comfy);
  if (fault !== null) return fault;
  return comfy.stage.perform(call, (act) => queue(act, graph, prompt_id, comfy));
}

function graphFault(nodes: readonly Node[], { uploads }: Comfy): Reply | null {
  const untyped = nodes.find(({ class_type }) => class_type === '');
  if (untyped !== undefined) {
    return graphError(
      'missing_node_type',
      'Cannot execute because a node is missing the class_type property.',
      `Node ID '#${untyped.id}'`,
    );
  }
  if (!nodes.some(({ class_type }) => class_type === 'SaveImage' || class_type === 'PreviewImage')) {
    return graphError('prompt_no_outputs', 'Prompt has no outputs', '');
  }
  const loader = nodes.find(
    ({ class_type, inputs }) => class_type.startsWith('LoadImage') && !uploads.has(String(inputs.image)),
  );
  return loader === undefined
    ? null
    : failedValidation(loader.id, loader.class_type, 'image', `Invalid image file: ${loader.inputs.image}`);
}

function queue(
  act: Act,
  graph: JsonObject,
  prompt_id: JsonValue | undefined,
  { stage, jobs, seen, ids }: Comfy,
): Reply {
  const number = stage.next();
  const id =
    prompt_id === undefined ? `00000000-0000-4000-8000-${String(number).padStart(12, '0')}` : String(prompt_id);
  const hash = createHash('sha256').update(JSON.stringify(graph)).digest('hex');
  jobs.add(id, act, { graph, number, cached: seen.has(hash), outputs: null });
  seen.add(hash);
  ids.push(id);
  return { status: 200, json: { prompt_id: id, number, node_errors: {} } };
}

async function tell(call: Call, comfy: Comfy): Promise<Reply> {
  const job = comfy.jobs.get(call.params.id);
  if (job === null || job.act.kind === 'job_lost') return { status: 200, json: {} };
  const failure = comfy.jobs.poll(job);
  if (failure !== null) return failure;
  const interrupted = job.cancelled || job.act.kind === 'aborted';
  if (!job.cancelled && comfy.jobs.state(job) !== 'done') return { status: 200, json: {} };
  const failed = interrupted || job.act.kind === 'error_in_200';
  if (!failed) job.data.outputs ??= await makeOutputs(job, comfy);
  const event = interrupted ? 'execution_interrupted' : failed ? 'execution_error' : 'execution_success';
  const detail =
    failed && !interrupted
      ? {
          exception_message: 'Allocation on device',
          exception_type: 'OutOfMemoryError',
          node_id: '3',
          node_type: 'KSampler',
        }
      : {};
  const messages: Wire[] = [['execution_start', { prompt_id: job.id }]];
  if (job.data.cached || job.act.shape === 'cached')
    messages.push(['execution_cached', { nodes: Object.keys(job.data.graph), prompt_id: job.id }]);
  messages.push([event, { prompt_id: job.id, ...detail }]);
  const status = { status_str: failed ? 'error' : 'success', completed: !failed, messages };
  const prompt = [job.data.number, job.id, job.data.graph, {}, []];
  return { status: 200, json: { [job.id]: { prompt, outputs: failed ? {} : job.data.outputs, status } } };
}

async function makeOutputs({ act, data: { graph, cached } }: Job<Run>, { stage, views }: Comfy): Promise<Wire> {
  if (cached || act.kind === 'empty') return {};
  const nodes = nodesOf(graph);
  const latent = nodes.find(
    ({ inputs }) => typeof inputs.width === 'number' && typeof inputs.height === 'number',
  )?.inputs;
  const shape = { width: Number(latent?.width ?? 512), height: Number(latent?.height ?? 512), format: 'png' } as const;
  const output = nodes.find(({ class_type }) => class_type === 'SaveImage' || class_type === 'PreviewImage');
  const images: Wire[] = [];
  for (let i = 0; i < deliveredOf(act, Number(latent?.batch_size ?? 1)); i++) {
    const filename = `ComfyUI_${String(stage.next()).padStart(5, '0')}_.png`;
    views.set(filename, { act, pieces: (await stage.gallery.make(act, shape)).file() });
    images.push({ filename, subfolder: '', type: output?.class_type === 'PreviewImage' ? 'temp' : 'output' });
  }
  return { [output?.id ?? '9']: { images } };
}

function view(call: Call, { views }: Comfy): Reply {
  const found = views.get(call.request.query.filename ?? '');
  if (found === undefined || found.act.kind === 'dead_link') return { status: 404, body: '' };
  const headers = { 'content-type': 'image/png' };
  const cut = found.act.kind === 'cut' && found.act.shape === 'view';
  return { status: 200, headers, body: found.pieces, ...(cut ? { fate: 'cut' } : {}) };
}

function upload(call: Call, { uploads }: Comfy): Reply {
  const parts = call.request.parts ?? [];
  const [file] = filesNamed(parts, 'image');
  if (file?.filename == null || file.filename === '') return { status: 400, body: '' };
  const { subfolder = '', type = 'input' } = textFields(parts);
  uploads.add(subfolder === '' ? file.filename : `${subfolder}/${file.filename}`);
  return { status: 200, json: { name: file.filename, subfolder, type } };
}

function stop(id: string, { jobs }: Comfy): Reply {
  const job = jobs.get(id);
  if (job !== null && jobs.state(job) !== 'done') job.cancelled = true;
  return { status: 200, body: '' };
}

/** `[number, prompt_id, graph, extra_data, outputs]` of every run that has not ended. */
function tellQueue({ ids, jobs }: Comfy): Reply {
  const listed = (state: JobState): Wire =>
    ids.flatMap((id) => {
      const job = jobs.get(id);
      if (job === null || job.cancelled || job.act.kind === 'job_lost' || jobs.state(job) !== state) return [];
      return [[job.data.number, id, job.data.graph, {}, []]];
    });
  return { status: 200, json: { queue_running: listed('running'), queue_pending: listed('queued') } };
}

/** Only what waits can be taken out of the queue. */
function unqueue(call: Call, { jobs }: Comfy): Reply {
  for (const id of Array.isArray(call.body?.delete) ? call.body.delete : []) {
    const job = jobs.get(String(id));
    if (job !== null && jobs.state(job) === 'queued') job.cancelled = true;
  }
  return { status: 200, body: '' };
}
