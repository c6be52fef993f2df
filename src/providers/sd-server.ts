/** stable-diffusion.cpp's own server, by its native jobs: one model, one picture after another, a queue of 64. */
import { z } from 'zod';
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
import { aside } from './shared/aside.ts';
import { askUntil, timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { errorText, mayBill, plainPrompt, QUESTION_MS_MAX, seedOf } from './shared/own-engine.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://github.com/leejet/stable-diffusion.cpp/blob/master/examples/server/api.md',
    read_on: '2026-11-20',
    about: 'native API: img_gen, jobs, cancel, capabilities',
  },
];

/** The server asks for none; a proxy before it may. */
export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

const SUBMIT_MS_MAX = 120_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    async run(call, context) {
      const job = await submit(parts, call, context);
      await context.onJob(job);
      return finish(parts, job, call, context);
    },
    resume: (job, call, context) => finish(parts, job, call, context),
    /** Only what still waits is stopped: what is being drawn ends by itself (409), and is kept. */
    async cancel({ id }) {
      const response = await parts.send(
        { method: 'POST', url: `${jobPath(id)}/cancel`, timeout_ms: QUESTION_MS_MAX, may_bill: false },
        aside,
      );
      response.body.destroy();
    },
  };
}

const jobPath = (id: string): string => `/sdcpp/v1/jobs/${encodeURIComponent(id)}`;

const submittedSchema = z.object({ id: z.string().min(1) });

async function submit(parts: AdapterParts, call: ProviderCall, context: CallContext): Promise<ProviderJob> {
  const response = await parts.send(
    {
      method: 'POST',
      url: call.offer.endpoint,
      json: { ...seedOf(call), ...call.body, ...promptsOf(call) },
      pictures: { images: call.images, mask: call.mask, as: 'base64' },
      timeout_ms: timeLeft(parts, context, SUBMIT_MS_MAX),
      may_bill: mayBill(parts),
    },
    context,
  );
  const answer = await readAnswer(parts.provider, response, findFault);
  const { id } = readAs(submittedSchema, answer, mayBill(parts) ? 'outcome_unknown' : 'server_error');
  return { id, handle: {} };
}

function promptsOf({ body }: ProviderCall): ProviderCall['body'] {
  const { prompt, negative_prompt } = body;
  return {
    ...(typeof prompt === 'string' ? { prompt: plainPrompt(prompt) } : {}),
    ...(typeof negative_prompt === 'string' ? { negative_prompt: plainPrompt(negative_prompt) } : {}),
  };
}

const jobSchema = z.object({
  status: z.string(),
  result: z.object({ images: z.array(z.object({ b64_json: pictureField.nullish() })).nullish() }).nullish(),
  error: z.object({ message: z.string().nullish() }).nullish(),
});

async function finish(
  parts: AdapterParts,
  { id }: ProviderJob,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const ended = await askUntil(parts, context, async () => {
    const response = await parts.send(
      { method: 'GET', url: jobPath(id), timeout_ms: timeLeft(parts, context, QUESTION_MS_MAX), may_bill: false },
      context,
    );
    // 404 is a server that began anew, 410 a job that ended more than ten minutes ago: both lose it.
    const job = readAs(jobSchema, await readAnswer(parts.provider, response, findFault), 'server_error');
    return job.status === 'queued' || job.status === 'generating' ? null : job;
  });
  if (ended.status === 'completed') {
    const images = ended.result?.images ?? [];
    const pictures = await Promise.all(images.map(({ b64_json }) => toPicture(b64_json, context.keep)));
    return toAnswer(call, pictures, { request_id: id });
  }
  // Somebody stopped it: it is not for us to begin it again.
  if (ended.status === 'cancelled')
    throw new ProviderFault('outcome_unknown', `${parts.provider}: ${id} was cancelled`);
  throw new ProviderFault('unavailable', `${parts.provider}: ${id} failed: ${ended.error?.message ?? ended.status}`);
}

function findFault({ status, body }: Problem): Finding {
  const text = errorText(body);
  if (status === 429) return { fault: 'overloaded', text };
  // A server that was started with a video model draws no pictures.
  if (status === 400 && /unsupported|not support/i.test(text ?? '')) return { fault: 'config', text };
  if (status >= 500 && text !== undefined) return { fault: 'unavailable', text };
  return { text };
}
