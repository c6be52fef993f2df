/** Black Forest Labs: submit a task, ask at the address that comes back, hand on the link to its picture. */
import { z } from 'zod';
import type {
  AdapterParts,
  CallContext,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderJob,
} from '../contracts/provider.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { askUntil, timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://docs.bfl.ai/quick_start/generating_images',
    read_on: '2026-09-18',
    about: 'submit, polling_url, result',
  },
  { url: 'https://docs.bfl.ai/integration_errors', read_on: '2026-09-18', about: 'errors, 24 tasks at once' },
  {
    url: 'https://skills.sh/black-forest-labs/skills/bfl-api',
    read_on: '2026-11-20',
    about: 'regions, statuses, cost',
  },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ 'x-key': key });

const ownHost = ({ hostname }: URL): boolean => hostname.endsWith('.bfl.ai');
/** Tasks are asked for in the region that took them: api.eu.bfl.ai and its like. A key of somebody's proxy stays there. */
export const takesKey = (url: URL, base: URL): boolean => ownHost(url) && ownHost(base);

/** Eight pictures in base64 go along. */
const SUBMIT_MS_MAX = 120_000;
const QUESTION_MS_MAX = 30_000;
const PACE = { first_ms: 500, longest_ms: 750 };
/** A credit is a cent. */
const CREDIT_MICROS = 10_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    async run(call, context) {
      const job = await submit(parts, call, context);
      await context.onJob(job);
      return finish(parts, job, call, context);
    },
    resume: (job, call, context) => finish(parts, job, call, context),
  };
}

/** What the task costs is said once, when it is taken. */
const handleSchema = z.object({ polling_url: z.url(), cost: z.number().min(0).nullish() });

const submittedSchema = handleSchema.extend({ id: z.string().min(1) });

async function submit(parts: AdapterParts, call: ProviderCall, context: CallContext): Promise<ProviderJob> {
  const response = await parts.send(
    {
      method: 'POST',
      url: call.offer.endpoint,
      json: call.body,
      pictures: { images: call.images, mask: call.mask, as: 'base64' },
      timeout_ms: timeLeft(parts, context, SUBMIT_MS_MAX),
      may_bill: true,
    },
    context,
  );
  const answer = await readAnswer(parts.provider, response, findFault);
  const { id, polling_url, cost } = readAs(submittedSchema, answer, 'outcome_unknown');
  return { id, handle: { polling_url, cost: cost ?? null } };
}

const toldSchema = z.object({
  status: z.string(),
  result: z.object({ sample: pictureField.nullish() }).nullish(),
  details: z.unknown().optional(),
});

type Told = z.infer<typeof toldSchema>;

/** How a task ends, each with what it means; null = well. Any other word (Pending, Reasoning ...) means that it runs. */
const endings: Readonly<Record<string, Pick<Finding, 'fault' | 'stage'> | null>> = {
  Ready: null,
  'Request Moderated': { fault: 'content_policy', stage: 'input' },
  'Content Moderated': { fault: 'content_policy', stage: 'output' },
  Error: { fault: 'server_error' },
  Failed: { fault: 'server_error' },
  // Of another region, or longer ago than it is kept: it was taken, so that nobody knows what became of it.
  'Task not found': { fault: 'outcome_unknown' },
};

async function finish(
  parts: AdapterParts,
  job: ProviderJob,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const { polling_url, cost } = readAs(handleSchema, job.handle, 'outcome_unknown');
  const ask = async (): Promise<Told | null> => {
    const timeout_ms = timeLeft(parts, context, QUESTION_MS_MAX);
    const response = await parts.send({ method: 'GET', url: polling_url, timeout_ms, may_bill: false }, context);
    const told = readAs(toldSchema, await readAnswer(parts.provider, response, () => ({})), 'server_error');
    return Object.hasOwn(endings, told.status) ? told : null;
  };
  const told = await askUntil(parts, context, ask, { pace: PACE });
  const ending = endings[told.status];
  if (ending) {
    const finding = { ...ending, code: told.status, text: textOf(told) };
    throw toFault(parts.provider, { status: 200, headers: {} }, finding);
  }
  const picture = await toPicture(told.result?.sample, context.keep);
  const billed = typeof cost === 'number' ? { billed_micros: Math.round(cost * CREDIT_MICROS) } : {};
  return toAnswer(call, [picture], { ...billed, request_id: job.id });
}

/** `{"Moderation Reasons": ["Safety Filter"]}` */
const reasonsSchema = z.object({ 'Moderation Reasons': z.array(z.string()) });

function textOf({ status, details }: Told): string {
  const { data } = reasonsSchema.safeParse(details);
  if (data !== undefined) return `${status}: ${data['Moderation Reasons'].join(', ')}`;
  return details ? `${status}: ${JSON.stringify(details)}` : status;
}

/** A text, a list of what is wrong with the body, or a text beside its title. */
const problemSchema = z.object({
  detail: z
    .union([z.string(), z.array(z.object({ loc: z.array(z.unknown()).default([]), msg: z.string().default('') }))])
    .nullish(),
  error: z.string().nullish(),
  message: z.string().nullish(),
});

/**
 * Fields that Gesso fills: sizes by this offer's table, pictures that have been decoded before. What is wrong with them
 * is this offer's own limit.
 */
const OUR_FIELD = /^(input_image|image|mask|width|height|aspect_ratio|resolution)/;
const ABOUT_SIZE = /megapixel|too (large|small)|dimensions/i;

/** 429 means that too many tasks are open at once, and 503 to come back later. Other classes follow from the status. */
function findFault({ status, body }: Problem): Finding {
  const { detail, error, message } = problemSchema.safeParse(body).data ?? {};
  const entries = Array.isArray(detail) ? detail : [];
  const words = entries.map(({ loc, msg }) => [loc.slice(1).join('.'), msg].filter(Boolean).join(': '));
  const text = words.length > 0 ? words.join('; ') : typeof detail === 'string' ? detail : (message ?? undefined);
  const said = { code: error ?? undefined, text };
  if (status === 503) return { ...said, fault: 'overloaded' };
  const isOurs =
    (status === 400 || status === 422) &&
    (words.length > 0 ? words.every((word) => OUR_FIELD.test(word)) : ABOUT_SIZE.test(text ?? ''));
  return isOurs ? { ...said, fault: 'offer_limit' } : said;
}
