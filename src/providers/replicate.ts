/** Replicate: create a prediction and wait for it up to a minute, then ask at its own address until it ends. */
import { z } from 'zod';
import type { JsonObject } from '../contracts/json.ts';
import type {
  AdapterParts,
  CallContext,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderJob,
} from '../contracts/provider.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { arkErrorSchema, findArkFault } from './shared/ark-fault.ts';
import { aside } from './shared/aside.ts';
import { askUntil, timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  { url: 'https://replicate.com/docs/reference/http', read_on: '2026-09-18', about: 'predictions, Prefer, problems' },
  {
    url: 'https://replicate.com/docs/topics/predictions/lifecycle',
    read_on: '2026-09-18',
    about: 'statuses, Cancel-After',
  },
  { url: 'https://replicate.com/docs/topics/webhooks', read_on: '2026-09-18', about: 'webhook, its events' },
  { url: 'https://replicate.com/docs/reference/error-codes', read_on: '2026-09-18', about: 'E codes' },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** `Prefer: wait=N` takes 1 to 60; the answer itself needs some time more. */
const WAIT_S_MAX = 60;
const WAIT_MARGIN_MS = 20_000;
/** The shortest that Cancel-After takes. */
const CANCEL_AFTER_S_MIN = 5;
const QUESTION_MS_MAX = 30_000;
/** Replicate asks for links where a file is larger. */
const INLINE_BYTES_MAX = 256 * 1024;
const UPLOAD_MS_MAX = 120_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    async run(call, context) {
      const created = await create(parts, call, context);
      const job = { id: created.id, handle: created.urls };
      await context.onJob(job);
      return readEnd(parts, isOver(created) ? created : await ask(parts, job, context), call, context);
    },
    resume: async (job, call, context) => readEnd(parts, await ask(parts, job, context), call, context),
    async cancel(job) {
      const { cancel } = readAs(urlsSchema, job.handle, 'config');
      const response = await parts.send(
        { method: 'POST', url: cancel, timeout_ms: QUESTION_MS_MAX, may_bill: false },
        aside,
      );
      response.body.destroy();
    },
  };
}

const urlsSchema = z.object({ get: z.url(), cancel: z.url() });

const predictionSchema = z.object({
  id: z.string().min(1),
  status: z.string(),
  output: z.union([pictureField, z.array(pictureField)]).nullish(),
  error: z.unknown().optional(),
  data_removed: z.boolean().nullish(),
  urls: urlsSchema,
});

type Prediction = z.infer<typeof predictionSchema>;

/** `aborted` ends a prediction too, although the published clients wait on. */
const over: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled', 'aborted']);
const isOver = ({ status }: Prediction): boolean => over.has(status);

async function create(parts: AdapterParts, call: ProviderCall, context: CallContext): Promise<Prediction> {
  const body = await withUploads(parts, call, context);
  const { hooks } = parts;
  const json = hooks === undefined ? body : { ...body, webhook: hooks.url, webhook_events_filter: ['completed'] };
  const left_ms = timeLeft(parts, context, Number.POSITIVE_INFINITY);
  const left_s = Math.ceil(left_ms / 1000);
  const response = await parts.send(
    {
      method: 'POST',
      url: call.offer.endpoint,
      headers: {
        ...(context.job_first ? {} : { prefer: `wait=${Math.min(WAIT_S_MAX, left_s)}` }),
        // What nobody waits for any more need not be made.
        'cancel-after': `${Math.max(CANCEL_AFTER_S_MIN, left_s)}s`,
      },
      json,
      pictures: { images: call.images, mask: call.mask, as: 'data_url' },
      timeout_ms: Math.min(left_ms, WAIT_S_MAX * 1000 + WAIT_MARGIN_MS),
      may_bill: true,
    },
    context,
  );
  return readAs(predictionSchema, await readAnswer(parts.provider, response, findFault), 'outcome_unknown');
}

const fileSchema = z.object({ urls: z.object({ get: z.url() }) });

/** The body with links in the places of large references: they are uploaded first, and forgotten by Replicate after a day. */
async function withUploads(parts: AdapterParts, call: ProviderCall, context: CallContext): Promise<JsonObject> {
  const links = await Promise.all(
    call.images.map(async (file, index) => {
      if (file.bytes <= INLINE_BYTES_MAX) return null;
      const response = await parts.send(
        {
          method: 'POST',
          url: '/files',
          form: [{ name: 'content', file, file_name: `reference-${index}.${file.format}` }],
          timeout_ms: timeLeft(parts, context, UPLOAD_MS_MAX),
          may_bill: false,
        },
        context,
      );
      return readAs(fileSchema, await readAnswer(parts.provider, response, findFault), 'server_error').urls.get;
    }),
  );
  return JSON.parse(JSON.stringify(call.body), (_, value: { readonly $image?: unknown } | null) =>
    typeof value?.$image === 'number' ? (links[value.$image] ?? value) : value,
  );
}

function ask(parts: AdapterParts, job: ProviderJob, context: CallContext): Promise<Prediction> {
  const { get } = readAs(urlsSchema, job.handle, 'outcome_unknown');
  const question = async () => {
    const response = await parts.send(
      { method: 'GET', url: get, timeout_ms: timeLeft(parts, context, QUESTION_MS_MAX), may_bill: false },
      context,
    );
    const answer = await readAnswer(parts.provider, response, findFault);
    const prediction = readAs(predictionSchema, answer, 'server_error');
    return isOver(prediction) ? prediction : null;
  };
  return askUntil(parts, context, question, { job_id: job.id });
}

async function readEnd(
  { provider }: AdapterParts,
  { id, status, output, error, data_removed }: Prediction,
  call: ProviderCall,
  { keep }: CallContext,
): Promise<ProviderAnswer> {
  switch (status) {
    case 'succeeded': {
      // It was made and billed, and we came too late.
      if (data_removed) throw new ProviderFault('empty_billed', `${provider}: the output of ${id} has been removed`);
      const fields = Array.isArray(output) ? output : output ? [output] : [];
      return toAnswer(call, await Promise.all(fields.map((field) => toPicture(field, keep))), { request_id: id });
    }
    case 'aborted':
      throw new ProviderFault('unavailable', `${provider}: ${id} was stopped before it began, and is not charged`);
    case 'canceled':
      throw new ProviderFault('outcome_unknown', `${provider}: ${id} was canceled while it ran, and is charged`);
    default:
      throw toFault(provider, { status: 200, headers: {} }, findFailure(typeof error === 'string' ? error : ''));
  }
}

/** The error of a prediction that ran: the platform's codes, or the JSON of the model's own host. */
function findFailure(text: string): Finding {
  const code = /\bE\d{3,4}\b/.exec(text)?.[0];
  if (code === 'E005' || /flagged as sensitive/i.test(text)) {
    return { fault: 'content_policy', code, text: text.replace(/\s*\(E005\).*$/s, '') };
  }
  const ark = findArkJson(text);
  if (ark !== null) return { ...ark, fault: ark.fault ?? 'server_error' };
  return { fault: 'unavailable', code, text };
}

function findArkJson(text: string): Finding | null {
  const json = text.slice(text.indexOf('{'));
  try {
    const parsed = z.object({ error: arkErrorSchema }).safeParse(JSON.parse(json));
    return parsed.success ? findArkFault(parsed.data.error) : null;
  } catch {
    return null; // Words, then.
  }
}

const problemSchema = z.object({
  title: z.string().nullish(),
  detail: z.string().nullish(),
  retry_after: z.number().nullish(),
});

/** A 429 may mean "wait", or "top up": the reduced rate of an account with little credit. */
const LOW_CREDIT = /less than \$|payment method/i;

function findFault({ status, body }: Problem): Finding {
  const parsed = problemSchema.safeParse(body);
  if (!parsed.success) return {};
  const { title, detail, retry_after } = parsed.data;
  const said = { code: title ?? undefined, text: detail ?? undefined };
  if (status === 429) {
    const resets = /resets in ~(\d+)s/.exec(detail ?? '')?.[1];
    const wait_s = retry_after ?? (resets === undefined ? undefined : Number(resets));
    const fault = LOW_CREDIT.test(detail ?? '') ? ('account' as const) : ('rate_limited' as const);
    return { ...said, fault, retry_after_ms: wait_s === undefined ? undefined : wait_s * 1000 };
  }
  if (status === 422 && title === 'Invalid version or not permitted') return { ...said, fault: 'config' };
  return said;
}
