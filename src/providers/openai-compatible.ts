/** Any server with OpenAI's images routes: LocalAI, vLLM-Omni, SGLang, gateways. In what they differ, options say. */
import { z } from 'zod';
import type { JsonObject, JsonValue } from '../contracts/json.ts';
import type {
  AdapterParts,
  CallContext,
  FormPart,
  MissingPicture,
  ProviderAdapter,
  ProviderCall,
  ProviderPicture,
  ProviderRequest,
} from '../contracts/provider.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { KeptPicture, pictureField, toPicture } from './shared/kept-picture.ts';
import { ENGINE_MS_MAX, errorText, isBroken, mayBill, plainPrompt, seedOf } from './shared/own-engine.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  { url: 'https://platform.openai.com/docs/api-reference/images', read_on: '2026-09-18', about: 'the routes' },
  { url: 'https://localai.io/features/image-generation/', read_on: '2026-09-18', about: 'LocalAI: prompts with |' },
  { url: 'https://docs.vllm.ai/projects/vllm-omni', read_on: '2026-09-18', about: 'vLLM-Omni: base64 only, edits' },
  { url: 'https://docs.sglang.ai/diffusion', read_on: '2026-09-18', about: 'SGLang: a fixed seed, edits' },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** What the file of the operator's engines says beyond the plan; its own schema has checked it. */
const optionsSchema = z.object({
  /** Filled with a seed of ours where the caller gave none. */
  seed_field: z.string().optional(),
  /** Edits of this path are forms, with the pictures in this field. */
  form: z.object({ path: z.string(), pictures: z.string() }).optional(),
  pictures_as: z.enum(['data_url', 'base64']).default('data_url'),
  error_path: z.string().optional(),
  negative_after: z.string().optional(),
});

type Options = z.infer<typeof optionsSchema>;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  const options = optionsSchema.parse(parts.options ?? {});
  const find = (problem: Problem) => findFault(problem, options);
  return {
    provider: parts.provider,
    async run(call, context) {
      const response = await parts.send(
        {
          method: 'POST',
          url: call.offer.endpoint,
          ...encoded(bodyOf(call, options), call, options),
          timeout_ms: timeLeft(parts, context, ENGINE_MS_MAX),
          may_bill: mayBill(parts),
        },
        context,
      );
      const { status, headers } = response;
      const answer = await readAnswer(parts.provider, response, find);
      const { data, images, error } = readAs(answerSchema, answer, 'empty');
      const items = data ?? images ?? [];
      if (items.length === 0 && error) {
        const finding = find({ status, headers, body: answer });
        throw toFault(parts.provider, { status, headers }, { ...finding, fault: finding.fault ?? 'server_error' });
      }
      const pictures = await Promise.all(items.map((item) => readItem(item, call, parts, context)));
      return toAnswer(
        call,
        pictures,
        headers['x-request-id'] === undefined ? {} : { request_id: headers['x-request-id'] },
      );
    },
  };
}

function bodyOf(call: ProviderCall, { seed_field, negative_after }: Options): JsonObject {
  const { seed } = seedOf(call);
  const { prompt, negative_prompt } = call.body;
  return {
    ...(seed_field === undefined || seed === undefined ? {} : { [seed_field]: seed }),
    ...call.body,
    ...(typeof prompt === 'string' ? { prompt: promptOf(call, prompt, negative_after) } : {}),
    ...(typeof negative_prompt === 'string' ? { negative_prompt: plainPrompt(negative_prompt) } : {}),
  };
}

/** Where a letter of the prompt parts it in two, the caller's own become another that looks alike. */
function promptOf({ prompt, negative_prompt }: ProviderCall, planned: string, mark: string | undefined): string {
  if (mark === undefined) return plainPrompt(planned);
  const whole = (text: string) => plainPrompt(text.replaceAll(mark, '\u00a6'));
  return negative_prompt?.trim() ? `${whole(prompt)}${mark}${whole(negative_prompt)}` : whole(prompt);
}

function encoded(
  body: JsonObject,
  call: ProviderCall,
  { form, pictures_as }: Options,
): Pick<ProviderRequest, 'json' | 'pictures' | 'form'> {
  const { images, mask } = call;
  if (form === undefined || form.path !== call.offer.endpoint || images.length === 0) {
    return { json: body, pictures: { images, mask, as: pictures_as } };
  }
  return { form: Object.entries(body).flatMap(([name, value]) => partsOf(name, value, call, form.pictures)) };
}

function partsOf(name: string, value: JsonValue, { images, mask }: ProviderCall, pictures: string): FormPart[] {
  const place = typeof value === 'object' && value !== null && '$mask' in value;
  if (place) return mask === null ? [] : [{ name, file: mask, file_name: `mask.${mask.format}` }];
  if (Array.isArray(value)) {
    return images.map((file, index) => ({ name: pictures, file, file_name: `image-${index + 1}.${file.format}` }));
  }
  return [{ name, value: typeof value === 'object' ? JSON.stringify(value) : String(value) }];
}

const itemSchema = z.union([
  pictureField,
  z.object({
    url: pictureField.nullish(),
    b64_json: pictureField.nullish(),
    image: pictureField.nullish(),
    revised_prompt: z.string().nullish(),
  }),
]);

/** Pictures stand in `data` as OpenAI has it, or in `images`. Some paths of the answer are the server's own business. */
const answerSchema = z.object({
  data: z.array(itemSchema).nullish(),
  images: z.array(itemSchema).nullish(),
  error: z.unknown().optional(),
});

async function readItem(
  item: z.infer<typeof itemSchema>,
  { prompt }: ProviderCall,
  { base_url }: AdapterParts,
  { keep }: CallContext,
): Promise<ProviderPicture | MissingPicture> {
  if (typeof item === 'string' || item instanceof KeptPicture) return toPicture(item, keep);
  const { url, b64_json, image, revised_prompt } = item;
  const picture = await toPicture(b64_json ?? absolute(url, base_url) ?? image, keep);
  // Some give back the prompt as it came, which nobody has revised.
  const isRevised = revised_prompt && revised_prompt !== prompt && revised_prompt !== plainPrompt(prompt);
  return picture.kind !== 'missing' && isRevised ? { ...picture, revised_prompt } : picture;
}

/** A link without a host is the server's own. */
function absolute<T>(field: T, base_url: string): T | string {
  return typeof field === 'string' && field.startsWith('/') ? new URL(field, base_url).href : field;
}

/** Gateways before hosted models speak OpenAI's codes. */
const faults: Readonly<Record<string, FaultClass>> = {
  content_policy_violation: 'content_policy',
  moderation_blocked: 'content_policy',
  content_filter: 'content_policy',
  contentFilter: 'content_policy',
  insufficient_quota: 'account',
  insufficient_credits: 'account',
  billing_hard_limit_reached: 'account',
  invalid_api_key: 'auth',
  model_not_found: 'config',
};

const codedSchema = z.object({
  error: z.object({ code: z.union([z.string(), z.number()]).nullish(), type: z.string().nullish() }).nullish(),
});

function findFault(problem: Problem, { error_path }: Options): Finding {
  const { status, body } = problem;
  const text = (error_path === undefined ? undefined : errorText(at(body, error_path))) ?? errorText(body);
  const coded = codedSchema.safeParse(body);
  const { code, type } = (coded.success ? coded.data.error : null) ?? {};
  const fault = faults[String(code ?? '')] ?? faults[type ?? ''];
  const said = { code: code === undefined || code === null ? undefined : String(code), text };
  if (fault !== undefined) return { ...said, fault };
  if (status === 503) return { ...said, fault: 'overloaded' };
  return (status >= 500 && status !== 502 && status !== 504 && text !== undefined) || isBroken(problem)
    ? { ...said, fault: 'unavailable' }
    : said;
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
      value,
    );
}
