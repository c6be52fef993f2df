/** OpenAI's GPT Image: pictures from text as JSON, edits as a form, base64 back; rough states come as events. */
import { z } from 'zod';
import type { JsonValue } from '../contracts/json.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type {
  AdapterParts,
  CallContext,
  FormPart,
  MissingPicture,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderPicture,
  ProviderResponse,
} from '../contracts/provider.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';
import { tokenCost } from './shared/token-cost.ts';

export const docs: readonly DocLink[] = [
  { url: 'https://github.com/openai/openai-openapi', read_on: '2026-11-20', about: 'request, response, events' },
  { url: 'https://github.com/openai/openai-node', read_on: '2026-11-20', about: 'errors, headers, forms' },
  { url: 'https://developers.openai.com/api/docs/pricing', read_on: '2026-11-20', about: 'what tokens cost' },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** A complex picture takes up to two minutes, the dearest qualities longer. */
const CALL_MS_MAX = 300_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    async run(call, context) {
      const response = await parts.send(
        {
          method: 'POST',
          url: call.offer.endpoint,
          ...(call.images.length > 0 ? { form: toForm(call) } : { json: call.body }),
          timeout_ms: timeLeft(parts, context, CALL_MS_MAX),
          may_bill: true,
        },
        context,
      );
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      return isStream && response.status === 200
        ? readStream(parts.provider, response, call, context)
        : readWhole(parts.provider, response, call, context);
    },
  };
}

/** Lists become fields with brackets, as OpenAI's own clients write them. */
function toForm({ body, images, mask }: ProviderCall): FormPart[] {
  return Object.entries(body).flatMap(([field, value]) => {
    const [name, items] = Array.isArray(value) ? [`${field}[]`, value] : [field, [value]];
    return items.map((item: JsonValue): FormPart => {
      const file = fileAt(item, images, mask);
      if (file !== null) return { name, file, file_name: `${field}.${file.format}` };
      return { name, value: typeof item === 'object' ? JSON.stringify(item) : String(item) };
    });
  });
}

const placeSchema = z.union([z.strictObject({ $image: z.int() }), z.strictObject({ $mask: z.literal(true) })]);

function fileAt(item: JsonValue, images: readonly StoredPicture[], mask: StoredPicture | null): StoredPicture | null {
  const place = placeSchema.safeParse(item).data;
  if (place === undefined) return null;
  return '$image' in place ? (images[place.$image] ?? null) : mask;
}

const errorSchema = z.object({
  message: z.string().nullish(),
  type: z.string().nullish(),
  param: z.string().nullish(),
  code: z.string().nullish(),
  moderation_details: z
    .object({ moderation_stage: z.string().nullish(), categories: z.array(z.string()).nullish() })
    .nullish(),
});

type OpenaiError = z.infer<typeof errorSchema>;

const tokens = z.int().min(0).nullish();
const usageSchema = z.object({
  input_tokens: tokens,
  input_tokens_details: z.object({ image_tokens: tokens }).nullish(),
  output_tokens: tokens,
  output_tokens_details: z.object({ text_tokens: tokens }).nullish(),
});

type Usage = z.infer<typeof usageSchema>;

const itemSchema = z.object({ b64_json: pictureField.nullish(), revised_prompt: z.string().nullish() });

const answerSchema = z.object({
  data: z.array(itemSchema).nullish(),
  usage: usageSchema.nullish(),
  error: errorSchema.nullish(),
});

async function readWhole(
  provider: string,
  response: ProviderResponse,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const { data, usage, error } = readAs(answerSchema, await readAnswer(provider, response, findFault), 'empty');
  if (error) throw wholeFault(provider, response, error);
  const pictures = await Promise.all((data ?? []).map((item) => readItem(item, context)));
  return toAnswer(call, pictures, said(call, response, usage));
}

const eventSchema = itemSchema.extend({
  type: z.string().nullish(),
  partial_image_index: z.int().min(0).nullish(),
  usage: usageSchema.nullish(),
  error: errorSchema.nullish(),
});

/** One picture and the rough states before it; the plan asks for no more than one, since events name none. */
async function readStream(
  provider: string,
  response: ProviderResponse,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const pictures: (ProviderPicture | MissingPicture)[] = [];
  let used: Usage | null | undefined;
  for await (const { event, data } of response.events()) {
    const { type = event, ...item } = readAs(eventSchema, data, 'outcome_unknown');
    if (item.error) throw wholeFault(provider, response, item.error);
    if (type?.endsWith('.partial_image')) await showPartial(item, call, context);
    else if (type?.endsWith('.completed')) {
      pictures.push(await readItem(item, context));
      used = item.usage;
      // What breaks after that takes nothing away any more.
      if (pictures.length === call.n) break;
    }
  }
  if (pictures.length === 0) {
    throw new ProviderFault('outcome_unknown', `${provider}: the stream ended before it was completed`);
  }
  return toAnswer(call, pictures, said(call, response, used));
}

async function showPartial(
  { b64_json, partial_image_index }: Pick<z.infer<typeof eventSchema>, 'b64_json' | 'partial_image_index'>,
  call: ProviderCall,
  { onPartial, keep }: CallContext,
): Promise<void> {
  if (onPartial === null) return;
  const picture = await toPicture(b64_json, keep);
  if (picture.kind === 'kept') onPartial(picture.blob, partial_image_index ?? 0, call.first_index);
}

async function readItem(
  { b64_json, revised_prompt }: z.infer<typeof itemSchema>,
  { keep }: CallContext,
): Promise<ProviderPicture | MissingPicture> {
  const picture = await toPicture(b64_json, keep);
  return picture.kind === 'missing' || !revised_prompt ? picture : { ...picture, revised_prompt };
}

function said(
  { offer }: ProviderCall,
  { headers }: ProviderResponse,
  usage: Usage | null | undefined,
): Omit<ProviderAnswer, 'pictures'> {
  const request_id = headers['x-request-id'];
  const billed_micros = usage ? billed(offer, usage) : null;
  return { ...(request_id === undefined ? {} : { request_id }), ...(billed_micros === null ? {} : { billed_micros }) };
}

function billed({ token_prices }: ProviderCall['offer'], usage: Usage): number | null {
  const { input_tokens, input_tokens_details, output_tokens, output_tokens_details } = usage;
  const image_in = input_tokens_details?.image_tokens ?? 0;
  const text_out = output_tokens_details?.text_tokens ?? 0;
  return tokenCost(token_prices, {
    image_in,
    text_in: Math.max(0, (input_tokens ?? 0) - image_in),
    text_out,
    image_out: Math.max(0, (output_tokens ?? 0) - text_out),
  });
}

/** By `code`, or by `type` where there is none. What is not here goes by the status. */
const faults: Readonly<Record<string, FaultClass>> = {
  moderation_blocked: 'content_policy',
  content_policy_violation: 'content_policy',
  invalid_api_key: 'auth',
  // A 429 that no waiting cures.
  insufficient_quota: 'account',
  billing_hard_limit_reached: 'account',
  billing_not_active: 'account',
  account_deactivated: 'account',
  rate_limit_exceeded: 'rate_limited',
  model_not_found: 'config',
};

/** Without a code: an organisation that is not verified, a country that is not served, an engine that is at its limit. */
const byStatus: Readonly<Record<number, FaultClass>> = { 403: 'account', 503: 'overloaded' };

/** The plan has written these for this very offer, so that the caller is not at fault. */
const planned: ReadonlySet<string> = new Set(['size', 'background']);

function findFault({ status, body }: Problem): Finding {
  const parsed = z.object({ error: errorSchema }).safeParse(body);
  return parsed.success ? findOpenaiFault(status, parsed.data.error) : {};
}

function findOpenaiFault(status: number, { message, type, param, code, moderation_details }: OpenaiError): Finding {
  const fault =
    faults[code ?? ''] ??
    faults[type ?? ''] ??
    (status === 400 && planned.has(param ?? '') ? 'offer_limit' : undefined) ??
    byStatus[status];
  const categories = moderation_details?.categories ?? [];
  const text = [message, categories.length > 0 ? `Categories: ${categories.join(', ')}.` : null].filter(Boolean);
  return {
    ...(fault === undefined ? {} : { fault }),
    code: code ?? type ?? undefined,
    text: text.join(' '),
    ...(fault === 'content_policy' ? { stage: stageOf(moderation_details?.moderation_stage) } : {}),
  };
}

const stageOf = (stage: string | null | undefined): NonNullable<Finding['stage']> =>
  stage === 'input' || stage === 'output' ? stage : 'unknown';

/** An error that came with a 200: in the place of the answer, or as an event. */
function wholeFault(provider: string, { status, headers }: ProviderResponse, error: OpenaiError): ProviderFault {
  const finding = findOpenaiFault(status, error);
  return toFault(provider, { status, headers }, { ...finding, fault: finding.fault ?? 'server_error' });
}
