/** ComfyUI: the operator's graph, filled in and queued under an id of ours; history is asked until it is there. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject } from '../contracts/json.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type {
  AdapterParts,
  CallContext,
  MissingPicture,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderJob,
  ProviderPicture,
} from '../contracts/provider.ts';
import { bindingsSchema } from '../core/engines/binding-schema.ts';
import { fillGraph } from '../core/engines/fill-graph.ts';
import { GessoError } from '../core/errors.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { aside } from './shared/aside.ts';
import { askUntil, timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, readProblem, toFault } from './shared/http-fault.ts';
import { errorText, mayBill, QUESTION_MS_MAX, seedOf } from './shared/own-engine.ts';
import { readAs } from './shared/read-as.ts';
import { sendFault } from './shared/send-fault.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://github.com/comfyanonymous/ComfyUI/blob/master/server.py',
    read_on: '2026-09-18',
    about: 'prompt, history, queue, view, upload, jobs',
  },
];

/** ComfyUI asks for none; a proxy before it may. */
export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

const UPLOAD_MS_MAX = 120_000;
const VIEW_MS_MAX = 120_000;
const VIEW_TRIES_MAX = 4;

const graphSchema = z.record(
  z.string(),
  z.looseObject({ class_type: z.string(), inputs: z.record(z.string(), z.json()).optional() }),
);
/** Checked in full when the engines' file was read. */
const optionsSchema = z.object({
  workflows: z.record(z.string(), z.object({ graph: graphSchema, bindings: bindingsSchema })).default({}),
});

type Workflow = z.infer<typeof optionsSchema>['workflows'][string];

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  const { workflows } = optionsSchema.parse(parts.options ?? {});
  const workflowOf = ({ offer }: ProviderCall): Workflow => {
    const found = workflows[offer.upstream_model];
    if (found === undefined)
      throw new ProviderFault('config', `${parts.provider} has no graph ${offer.upstream_model}`);
    return found;
  };
  return {
    provider: parts.provider,
    async run(call, context) {
      const { graph, bindings } = workflowOf(call);
      const job = { id: randomUUID(), handle: {} };
      const values = { ...seedOf(call), ...call.body };
      const filled = fillGraph(graph, bindings, { values, ...(await upload(parts, call, context)), id: job.id });
      await submit(parts, filled, job.id, call, context);
      await context.onJob(job);
      return finish(parts, job, bindings, call, context);
    },
    resume: (job, call, context) => finish(parts, job, workflowOf(call).bindings, call, context),
    cancel: (job) => cancel(parts, job),
  };
}

interface Uploaded {
  readonly images: readonly string[];
  readonly mask: string | null;
}

const uploadedSchema = z.object({ name: z.string().min(1), subfolder: z.string().default('') });

/** Under the name of their content, so that the same picture is never there twice. */
async function upload(parts: AdapterParts, { images, mask }: ProviderCall, context: CallContext): Promise<Uploaded> {
  const send = async (file: StoredPicture): Promise<string> => {
    const response = await parts.send(
      {
        method: 'POST',
        url: '/upload/image',
        form: [
          { name: 'type', value: 'input' },
          { name: 'subfolder', value: 'gesso' },
          { name: 'overwrite', value: 'true' },
          { name: 'image', file, file_name: `${file.blob_sha256}.${file.format}` },
        ],
        timeout_ms: timeLeft(parts, context, UPLOAD_MS_MAX),
        may_bill: false,
      },
      context,
    );
    const answer = await readAnswer(parts.provider, response, findFault);
    const { name, subfolder } = readAs(uploadedSchema, answer, 'server_error');
    return subfolder === '' ? name : `${subfolder}/${name}`;
  };
  return { images: await Promise.all(images.map(send)), mask: mask === null ? null : await send(mask) };
}

/** An id of our own makes the submit safe to ask after: an answer that is lost does not lose the job. */
async function submit(
  parts: AdapterParts,
  graph: JsonObject,
  id: string,
  call: ProviderCall,
  context: CallContext,
): Promise<void> {
  const timeout_ms = timeLeft(parts, context, QUESTION_MS_MAX);
  const json = { prompt: graph, prompt_id: id, client_id: 'gesso' };
  try {
    const request = { method: 'POST', url: call.offer.endpoint, json, timeout_ms, may_bill: true } as const;
    const answer = await readAnswer(parts.provider, await parts.send(request, context), findFault);
    readAs(z.object({ prompt_id: z.literal(id) }), answer, 'outcome_unknown');
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.fault !== 'outcome_unknown') throw error;
    if (context.signal.aborted || parts.now() >= context.deadline_at) throw error;
    const found = await isKnown(parts, id, context).catch(() => null);
    if (found === true) return;
    // It is certain by now that nothing was queued.
    if (found === false)
      throw new ProviderFault(mayBill(parts) ? 'outcome_unknown' : 'unavailable', error.message, { cause: error });
    throw error;
  }
}

const historySchema = z.record(
  z.string(),
  z.object({
    outputs: z
      .record(
        z.string(),
        z.looseObject({
          images: z
            .array(
              z.object({ filename: z.string(), subfolder: z.string().default(''), type: z.string().default('output') }),
            )
            .nullish(),
        }),
      )
      .default({}),
    status: z
      .object({ status_str: z.string().nullish(), messages: z.array(z.tuple([z.string(), z.unknown()])).nullish() })
      .nullish(),
  }),
);

type Ended = z.infer<typeof historySchema>[string];

const queueSchema = z.object({
  queue_running: z.array(z.array(z.unknown())).default([]),
  queue_pending: z.array(z.array(z.unknown())).default([]),
});

async function ask(parts: AdapterParts, url: string, context: CallContext): Promise<unknown> {
  const timeout_ms = timeLeft(parts, context, QUESTION_MS_MAX);
  return readAnswer(
    parts.provider,
    await parts.send({ method: 'GET', url, timeout_ms, may_bill: false }, context),
    () => ({}),
  );
}

async function historyOf(parts: AdapterParts, id: string, context: CallContext): Promise<Ended | null> {
  return readAs(historySchema, await ask(parts, `/history/${id}`, context), 'server_error')[id] ?? null;
}

/** Whether the engine has the job in its queue or its history. */
async function isKnown(parts: AdapterParts, id: string, context: CallContext): Promise<boolean> {
  const { queue_running, queue_pending } = readAs(queueSchema, await ask(parts, '/queue', context), 'server_error');
  if ([...queue_running, ...queue_pending].some((entry) => entry[1] === id)) return true;
  return (await historyOf(parts, id, context)) !== null;
}

async function finish(
  parts: AdapterParts,
  { id }: ProviderJob,
  { output_node }: Workflow['bindings'],
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const { outputs, status } = await askUntil(parts, context, async () => {
    const ended = await historyOf(parts, id, context);
    // History is empty while a job waits or runs, and for ever once the engine has begun anew.
    if (ended === null && !(await isKnown(parts, id, context))) {
      throw new ProviderFault('outcome_unknown', `${parts.provider} does not know ${id} any more`);
    }
    return ended;
  });
  if (status?.status_str === 'error') throw failureOf(parts.provider, id, status.messages ?? []);
  const shown = Object.entries(outputs).flatMap(([node, { images }]) =>
    output_node === undefined || node === output_node ? (images ?? []) : [],
  );
  // What a graph saves is meant; previews count only where it saves nothing.
  const saved = shown.filter(({ type }) => type === 'output');
  const files = saved.length > 0 ? saved : shown;
  const pictures = await Promise.all(
    files.map(({ filename, subfolder, type }) =>
      fetchView(parts, `/view?${new URLSearchParams({ filename, subfolder, type })}`, context),
    ),
  );
  return toAnswer(call, pictures, { request_id: id });
}

function failureOf(provider: string, id: string, messages: readonly (readonly [string, unknown])[]): ProviderFault {
  const detail = (name: string) => messages.find(([event]) => event === name)?.[1];
  if (detail('execution_interrupted') !== undefined) {
    // Somebody stopped it: it is not for us to begin it again.
    return new ProviderFault('outcome_unknown', `${provider}: ${id} was interrupted`);
  }
  const read = z.object({ exception_message: z.string() }).safeParse(detail('execution_error'));
  return new ProviderFault(
    'unavailable',
    `${provider}: ${id} failed: ${read.success ? read.data.exception_message : ''}`,
  );
}

/** The file itself goes through our own sender: it takes the key, and is asked for again where that may help. */
function fetchView(parts: AdapterParts, url: string, context: CallContext): Promise<ProviderPicture | MissingPicture> {
  let tries = 0;
  return askUntil<ProviderPicture | MissingPicture>(parts, context, async () => {
    tries += 1;
    try {
      return await readView(parts, url, context);
    } catch (error) {
      if (error instanceof ProviderFault && tries >= VIEW_TRIES_MAX) return LOST;
      throw error;
    }
  });
}

const LOST: MissingPicture = { kind: 'missing', reason: 'The engine does not hand the picture over.' };

async function readView(
  parts: AdapterParts,
  url: string,
  context: CallContext,
): Promise<ProviderPicture | MissingPicture> {
  const timeout_ms = timeLeft(parts, context, VIEW_MS_MAX);
  const response = await parts.send({ method: 'GET', url, timeout_ms, may_bill: false }, context);
  if (response.status === 404) {
    response.body.destroy();
    return LOST;
  }
  if (response.status !== 200) throw toFault(parts.provider, await readProblem(response), {});
  try {
    return { kind: 'kept', blob: await context.keep(response.body) };
  } catch (error) {
    if (error instanceof GessoError) return { kind: 'missing', reason: 'The picture is too large.' };
    throw sendFault(error, parts.provider, false);
  }
}

/** Only this run: where the engine is too old to stop one run among others, it is taken out of the queue if it still waits. */
async function cancel(parts: AdapterParts, { id }: ProviderJob): Promise<void> {
  const post = async (url: string, json: JsonObject): Promise<number> => {
    const response = await parts.send(
      { method: 'POST', url, json, timeout_ms: QUESTION_MS_MAX, may_bill: false },
      aside,
    );
    response.body.destroy();
    return response.status;
  };
  const status = await post(`/api/jobs/${id}/cancel`, {});
  if (status === 404 || status === 405) await post('/queue', { delete: [id] });
}

const problemSchema = z.object({
  error: z.object({ type: z.string().default(''), message: z.string().default(''), details: z.string().nullish() }),
  node_errors: z
    .record(
      z.string(),
      z.object({
        class_type: z.string().default(''),
        errors: z.array(z.object({ message: z.string().default(''), details: z.string().default('') })).default([]),
      }),
    )
    .catch({}),
});

/** Nodes that take what callers send; a fault of any other is the graph's or the engine's. */
const takesPictures = /^LoadImage/;

function findFault({ body }: Problem): Finding {
  const parsed = problemSchema.safeParse(body);
  if (!parsed.success) return { text: errorText(body) };
  const { error, node_errors } = parsed.data;
  const nodes = Object.entries(node_errors);
  const text = [
    error.message,
    error.details,
    ...nodes.flatMap(([node, { class_type, errors }]) =>
      errors.map(({ details }) => `${class_type} (${node}): ${details}`),
    ),
  ]
    .filter(Boolean)
    .join('; ');
  const isOurs = nodes.length > 0 && nodes.every(([, { class_type }]) => takesPictures.test(class_type));
  return { fault: isOurs ? 'invalid_request' : 'config', code: error.type, text };
}
