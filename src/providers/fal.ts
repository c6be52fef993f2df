/** fal: submit to the queue, ask at the addresses that come back, fetch the result. */
import { z } from 'zod';
import type {
  AdapterParts,
  CallContext,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderJob,
} from '../contracts/provider.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { aside } from './shared/aside.ts';
import { askUntil, timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, readProblem, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://fal.ai/docs/api-reference/inference-api',
    read_on: '2026-09-18',
    about: 'queue: submit, status, cancel',
  },
  {
    url: 'https://fal.ai/docs/documentation/model-apis/errors',
    read_on: '2026-09-18',
    about: 'errors, X-Fal-Retryable',
  },
  { url: 'https://docs.fal.ai/model-endpoints/webhooks', read_on: '2026-09-18', about: 'fal_webhook' },
  { url: 'https://github.com/fal-ai/fal-js', read_on: '2026-08-31', about: 'headers, intervals, error types' },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Key ${key}` });

const SUBMIT_MS_MAX = 120_000;
const QUESTION_MS_MAX = 30_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    async run(call, context) {
      const job = await submit(parts, call, context);
      await context.onJob(job);
      return finish(parts, job, call, context);
    },
    resume: (job, call, context) => finish(parts, job, call, context),
    async cancel(job) {
      const { cancel_url } = readAs(handleSchema, job.handle, 'config');
      const response = await parts.send(
        { method: 'PUT', url: cancel_url, timeout_ms: QUESTION_MS_MAX, may_bill: false },
        aside,
      );
      response.body.destroy();
    },
  };
}

/** fal asks never to build these addresses: the endpoint's path is dropped from them. */
const handleSchema = z.object({ status_url: z.url(), response_url: z.url(), cancel_url: z.url() });

const submittedSchema = handleSchema.extend({ request_id: z.string().min(1) });

async function submit(parts: AdapterParts, call: ProviderCall, context: CallContext): Promise<ProviderJob> {
  const left_ms = timeLeft(parts, context, Number.POSITIVE_INFINITY);
  const { hooks } = parts;
  const { endpoint } = call.offer;
  const response = await parts.send(
    {
      method: 'POST',
      url: hooks === undefined ? endpoint : `${endpoint}?${new URLSearchParams({ fal_webhook: hooks.url })}`,
      // What has not begun when nobody wants it any more, fal need not begin.
      headers: { 'x-fal-request-timeout': String(Math.ceil(left_ms / 1000)) },
      json: call.body,
      pictures: { images: call.images, mask: call.mask, as: 'data_url' },
      timeout_ms: Math.min(left_ms, SUBMIT_MS_MAX),
      may_bill: true,
    },
    context,
  );
  const { request_id, ...handle } = readAs(
    submittedSchema,
    await readAnswer(parts.provider, response, findFault),
    'outcome_unknown',
  );
  return { id: request_id, handle };
}

/** `COMPLETED` does not mean success: a failure stands in `error_type`, or only in the result. */
const statusSchema = z.object({
  status: z.string(),
  error: z.string().nullish(),
  error_type: z.string().nullish(),
});

async function finish(
  parts: AdapterParts,
  job: ProviderJob,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const { status_url, response_url } = readAs(handleSchema, job.handle, 'outcome_unknown');
  const get = (url: string) =>
    parts.send({ method: 'GET', url, timeout_ms: timeLeft(parts, context, QUESTION_MS_MAX), may_bill: false }, context);
  const askStatus = async () => {
    const answer = await readAnswer(parts.provider, await get(status_url), () => ({}));
    const told = readAs(statusSchema, answer, 'server_error');
    return told.status === 'COMPLETED' ? told : null;
  };
  const ended = await askUntil(parts, context, askStatus, { job_id: job.id });
  if (ended.error_type) {
    const problem = { status: 200, headers: {}, body: { detail: ended.error, error_type: ended.error_type } };
    throw toFault(parts.provider, problem, findJobFault(problem));
  }
  const result = await askUntil(parts, context, async () => {
    const response = await get(response_url);
    if (response.status === 200) return { body: await response.json() };
    const problem = await readProblem(response);
    // Without JSON it is a proxy between us and fal that failed, not the job; and these are about our question.
    if (problem.body === null || [401, 403, 404, 429].includes(problem.status))
      throw toFault(parts.provider, problem, {});
    return toFault(parts.provider, problem, findJobFault(problem));
  });
  if (result instanceof ProviderFault) throw result;
  return readResult(result.body, job, call, context);
}

const resultSchema = z.object({
  images: z.array(z.object({ url: pictureField.nullish() })).nullish(),
  has_nsfw_concepts: z.array(z.boolean()).nullish(),
});

async function readResult(
  body: unknown,
  job: ProviderJob,
  call: ProviderCall,
  { keep }: CallContext,
): Promise<ProviderAnswer> {
  const { images, has_nsfw_concepts } = readAs(resultSchema, body, call.offer.bills_empty ? 'empty_billed' : 'empty');
  const pictures = await Promise.all(
    (images ?? []).map(({ url }, index) =>
      // A black picture stands where the safety checker found something.
      has_nsfw_concepts?.[index] === true
        ? { kind: 'missing' as const, reason: "The provider's safety checker withheld this picture.", refused: true }
        : toPicture(url, keep),
    ),
  );
  return toAnswer(call, pictures, { request_id: job.id });
}

/** Shape A: a list of what is wrong; B: a text with its type; C: a bare text in one of three places. */
const errorSchema = z.object({
  detail: z
    .union([
      z.string(),
      z.array(
        z.object({ type: z.string().default(''), msg: z.string().default(''), loc: z.array(z.unknown()).nullish() }),
      ),
    ])
    .nullish(),
  error_type: z.string().nullish(),
  message: z.string().nullish(),
  error: z.union([z.string(), z.object({ message: z.string().nullish() })]).nullish(),
});

/** By `type`, never by its words. What is not here goes by X-Fal-Retryable and the status. */
const faults: Readonly<Record<string, FaultClass>> = {
  content_policy_violation: 'content_policy',
  no_media_generated: 'empty',
  image_too_small: 'offer_limit',
  image_too_large: 'offer_limit',
  file_too_large: 'offer_limit',
  unsupported_image_format: 'offer_limit',
  downstream_service_error: 'unavailable',
  downstream_service_unavailable: 'unavailable',
  generation_timeout: 'unavailable',
  internal_server_error: 'unavailable',
  internal_error: 'unavailable',
  request_timeout: 'overloaded',
  startup_timeout: 'overloaded',
  runner_scheduling_failure: 'overloaded',
  runner_connection_timeout: 'unavailable',
  runner_disconnected: 'unavailable',
  runner_connection_refused: 'unavailable',
  runner_connection_error: 'unavailable',
  runner_incomplete_response: 'unavailable',
  runner_server_error: 'unavailable',
  // Somebody stopped it: it is not for us to begin it again.
  client_cancelled: 'outcome_unknown',
  client_disconnected: 'outcome_unknown',
  concurrent_requests_limit: 'rate_limited',
  bad_request: 'invalid_request',
};

function findFault({ status, headers, body }: Problem): Finding {
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return {};
  const { detail, error_type, message, error } = parsed.data;
  const first = Array.isArray(detail) ? detail[0] : undefined;
  const code = first?.type || error_type || headers['x-fal-error-type'];
  const text =
    textOf(Array.isArray(detail) ? detail : undefined) ??
    (typeof detail === 'string' ? detail : undefined) ??
    message ??
    (typeof error === 'string' ? error : error?.message) ??
    undefined;
  const retryable = headers['x-fal-retryable'] ?? headers['x-fal-needs-retry'];
  const fault =
    faults[code ?? ''] ??
    // The account's own troubles come as a 403 too.
    (status === 403 && /locked|balance|billing/i.test(text ?? '') ? 'account' : undefined) ??
    (retryable === 'true' ? 'unavailable' : undefined);
  return {
    ...(fault === undefined ? {} : { fault }),
    code,
    text,
    ...(fault === 'content_policy' ? { stage: first?.loc?.[1] === undefined ? 'output' : 'input' } : {}),
  };
}

/** `image_urls.0: Image dimensions are too small.` */
function textOf(
  entries: readonly { readonly msg: string; readonly loc?: readonly unknown[] | null | undefined }[] | undefined,
): string | undefined {
  if (entries === undefined || entries.length === 0) return undefined;
  return entries.map(({ msg, loc }) => [loc?.slice(1).join('.'), msg].filter(Boolean).join(': ')).join('; ');
}

/** The end of a job that ran: a status that would blame our request alone never blames our key or address. */
function findJobFault(problem: Problem): Finding {
  const finding = findFault(problem);
  if (finding.fault !== undefined) return finding;
  return { ...finding, fault: problem.status === 422 || problem.status === 400 ? 'invalid_request' : 'server_error' };
}
