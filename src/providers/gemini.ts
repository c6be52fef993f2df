/** Google's Gemini API (generateContent): one picture a call in the parts of an answer; refusals come with a 200. */
import { z } from 'zod';
import type {
  AdapterParts,
  CallContext,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
} from '../contracts/provider.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';
import { tokenCost } from './shared/token-cost.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://ai.google.dev/gemini-api/docs/image-generation',
    read_on: '2026-11-20',
    about: 'request, shapes, references',
  },
  {
    url: 'https://github.com/googleapis/js-genai',
    read_on: '2026-11-20',
    about: 'response, reasons to stop and block',
  },
  { url: 'https://ai.google.dev/gemini-api/docs/troubleshooting', read_on: '2026-11-20', about: 'errors' },
  { url: 'https://ai.google.dev/gemini-api/docs/pricing', read_on: '2026-11-20', about: 'what tokens cost' },
];

/** Never as `?key=`: addresses end up in logs. */
export const auth = (key: string): Readonly<Record<string, string>> => ({ 'x-goog-api-key': key });

/** 4K and long thinking take minutes. */
const CALL_MS_MAX = 300_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  const { provider } = parts;
  return {
    provider,
    async run(call, context) {
      const response = await parts.send(
        {
          method: 'POST',
          url: call.offer.endpoint,
          json: call.body,
          pictures: { images: call.images, mask: call.mask, as: 'base64' },
          timeout_ms: timeLeft(parts, context, CALL_MS_MAX),
          may_bill: true,
        },
        context,
      );
      const answer = readAs(answerSchema, await readAnswer(provider, response, findFault), 'empty');
      const fault = faultInside(answer);
      if (fault !== null) throw toFault(provider, response, fault);
      return readPicture(answer, call, context);
    },
  };
}

const partSchema = z.object({
  thought: z.boolean().nullish(),
  inlineData: z.object({ data: pictureField.nullish() }).nullish(),
});

const candidateSchema = z.object({
  content: z.object({ parts: z.array(partSchema).nullish() }).nullish(),
  finishReason: z.string().nullish(),
  finishMessage: z.string().nullish(),
});

const count = z.int().min(0).nullish();
const details = z.array(z.object({ modality: z.string().nullish(), tokenCount: count })).nullish();
const usageSchema = z.object({
  promptTokenCount: count,
  promptTokensDetails: details,
  candidatesTokenCount: count,
  candidatesTokensDetails: details,
  thoughtsTokenCount: count,
});

const errorSchema = z.object({
  message: z.string().nullish(),
  status: z.string().nullish(),
  details: z
    .array(
      z.object({
        reason: z.string().nullish(),
        retryDelay: z.string().nullish(),
        violations: z.array(z.object({ quotaId: z.string().nullish() })).nullish(),
      }),
    )
    .nullish(),
});

type GoogleError = z.infer<typeof errorSchema>;

/** Anything may be absent: candidates of a blocked prompt, content of a candidate, parts of a content. */
const answerSchema = z.object({
  candidates: z.array(candidateSchema).nullish(),
  promptFeedback: z.object({ blockReason: z.string().nullish(), blockReasonMessage: z.string().nullish() }).nullish(),
  usageMetadata: usageSchema.nullish(),
  responseId: z.string().nullish(),
  error: errorSchema.nullish(),
});

type Answer = z.infer<typeof answerSchema>;

/** Interim pictures of the model's thinking are marked; of the others the last is the result. */
function resultOf({ candidates }: Answer) {
  const parts = candidates?.[0]?.content?.parts ?? [];
  return parts.findLast(({ thought, inlineData }) => thought !== true && inlineData)?.inlineData?.data;
}

async function readPicture(answer: Answer, call: ProviderCall, { keep }: CallContext): Promise<ProviderAnswer> {
  const { candidates, usageMetadata, responseId } = answer;
  const result = resultOf(answer);
  const reason = `Gemini made no picture (${candidates?.[0]?.finishReason ?? 'no reason given'}).`;
  const picture = result === undefined ? { kind: 'missing' as const, reason } : await toPicture(result, keep);
  const billed_micros = usageMetadata ? billed(call.offer, usageMetadata) : null;
  return toAnswer(call, [picture], {
    ...(responseId ? { request_id: responseId } : {}),
    ...(billed_micros === null ? {} : { billed_micros }),
  });
}

/** Thinking is billed as text that comes out. */
function billed({ token_prices }: ProviderCall['offer'], usage: z.infer<typeof usageSchema>): number | null {
  const image_in = imageTokens(usage.promptTokensDetails) ?? 0;
  const all_out = usage.candidatesTokenCount ?? 0;
  const image_out = imageTokens(usage.candidatesTokensDetails) ?? all_out;
  return tokenCost(token_prices, {
    image_in,
    text_in: Math.max(0, (usage.promptTokenCount ?? 0) - image_in),
    image_out,
    text_out: Math.max(0, all_out - image_out) + (usage.thoughtsTokenCount ?? 0),
  });
}

/** Null where the answer does not tell one kind of token from the other. */
function imageTokens(counts: z.infer<typeof details>): number | null {
  if (!counts) return null;
  return counts.reduce((sum, { modality, tokenCount }) => sum + (modality === 'IMAGE' ? (tokenCount ?? 0) : 0), 0);
}

/** Reasons to stop that are refusals; all others without a picture are nothing but empty. */
const refusals: ReadonlySet<string> = new Set([
  'SAFETY',
  'IMAGE_SAFETY',
  'PROHIBITED_CONTENT',
  'IMAGE_PROHIBITED_CONTENT',
  'BLOCKLIST',
  'SPII',
  'RECITATION',
  'IMAGE_RECITATION',
]);

/** What a 200 says against itself; null where it brings a picture, or simply nothing. */
function faultInside(answer: Answer): Finding | null {
  const { error, promptFeedback, candidates } = answer;
  if (error) return { fault: 'server_error', ...findGoogleFault(error) };
  if (resultOf(answer) !== undefined) return null;
  const blocked = promptFeedback?.blockReason;
  if (blocked) return refusal('input', blocked, promptFeedback.blockReasonMessage);
  const { finishReason, finishMessage } = candidates?.[0] ?? {};
  return finishReason && refusals.has(finishReason) ? refusal('output', finishReason, finishMessage) : null;
}

function refusal(stage: 'input' | 'output', code: string, message: string | null | undefined): Finding {
  return { fault: 'content_policy', code, text: [`Reason: ${code}.`, message].filter(Boolean).join(' '), stage };
}

function findFault({ body }: Problem): Finding {
  const parsed = z.object({ error: errorSchema }).safeParse(body);
  return parsed.success ? findGoogleFault(parsed.data.error) : {};
}

/** By Google's reason for an error, where it gives one. */
const byReason: Readonly<Record<string, FaultClass>> = {
  BILLING_DISABLED: 'account',
  CONSUMER_INVALID: 'account',
  CONSUMER_SUSPENDED: 'account',
  SERVICE_DISABLED: 'account',
};

/** By its word for the status. INVALID_ARGUMENT and INTERNAL go by the number. */
const byStatus: Readonly<Record<string, FaultClass>> = {
  // A country that is not served, or no billing account.
  FAILED_PRECONDITION: 'account',
  PERMISSION_DENIED: 'account',
  UNAUTHENTICATED: 'auth',
  RESOURCE_EXHAUSTED: 'rate_limited',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'unavailable',
};

function findGoogleFault({ message, status, details: all }: GoogleError): Finding {
  const reason = all?.find((detail) => detail.reason)?.reason ?? '';
  const quotas = all?.flatMap(({ violations }) => violations ?? []) ?? [];
  const fault =
    // A wrong key comes as a 400, no key as a 403 without a reason.
    (reason.startsWith('API_KEY_') || /unregistered callers/i.test(message ?? '') ? 'auth' : undefined) ??
    byReason[reason] ??
    // Spent for today: waiting a minute does not help.
    (quotas.some(({ quotaId }) => quotaId?.includes('PerDay')) ? 'account' : undefined) ??
    (/too many images|payload size exceeds/i.test(message ?? '') ? 'offer_limit' : undefined) ??
    byStatus[status ?? ''];
  const delay = all?.find((detail) => detail.retryDelay)?.retryDelay;
  return {
    ...(fault === undefined ? {} : { fault }),
    code: reason || (status ?? undefined),
    text: message ?? undefined,
    ...(delay ? { retry_after_ms: milliseconds(delay) } : {}),
  };
}

/** `34.4s`, as Google writes a duration (google.protobuf.Duration). */
function milliseconds(duration: string): number | undefined {
  const [, seconds] = /^(\d+(?:\.\d+)?)s$/.exec(duration) ?? [];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}
