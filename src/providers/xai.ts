/** xAI's Grok Imagine: JSON in and links back, edits too; a refused picture is a 200 with a flag. */
import { z } from 'zod';
import type {
  AdapterParts,
  CallContext,
  MissingPicture,
  ProviderAdapter,
  ProviderAnswer,
  ProviderPicture,
} from '../contracts/provider.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://docs.x.ai/developers/model-capabilities/images/generation',
    read_on: '2026-11-20',
    about: 'request and response',
  },
  {
    url: 'https://github.com/calesthio/generative-media-skills',
    read_on: '2026-11-20',
    about: 'errors, moderation, limits, cost in ticks',
  },
  { url: 'https://github.com/vercel/ai', read_on: '2026-11-20', about: 'field names and values' },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

const CALL_MS_MAX = 300_000;

/** Ten thousand million ticks are a dollar. */
const TICKS_PER_MICRO = 10_000;

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
          pictures: { images: call.images, mask: call.mask, as: 'data_url' },
          timeout_ms: timeLeft(parts, context, CALL_MS_MAX),
          may_bill: true,
        },
        context,
      );
      const { data, usage, error } = readAs(
        answerSchema,
        await readAnswer(provider, response, findFault),
        call.offer.bills_empty ? 'empty_billed' : 'empty',
      );
      if (error) {
        const { status, headers } = response;
        throw toFault(provider, response, {
          fault: 'server_error',
          ...findFault({ status, headers, body: { error } }),
        });
      }
      // An empty list is how a call is answered whose pictures were all refused.
      const items = data?.length === 0 ? [REFUSED] : (data ?? []);
      const pictures = await Promise.all(items.map((item) => readItem(item, context)));
      const ticks = usage?.cost_in_usd_ticks;
      const request_id = response.headers['x-request-id'];
      return toAnswer(call, pictures, {
        ...(request_id === undefined ? {} : { request_id }),
        ...(typeof ticks === 'number' ? { billed_micros: Math.ceil(ticks / TICKS_PER_MICRO) } : {}),
      } satisfies Omit<ProviderAnswer, 'pictures'>);
    },
  };
}

const itemSchema = z.object({
  url: z.string().nullish(),
  b64_json: pictureField.nullish(),
  revised_prompt: z.string().nullish(),
  respect_moderation: z.boolean().nullish(),
});

const REFUSED: z.infer<typeof itemSchema> = { respect_moderation: false };

/** An object, or a bare text with or without a `code` beside it. */
const errorSchema = z.union([
  z.string(),
  z.object({ message: z.string().nullish(), type: z.string().nullish(), code: z.string().nullish() }),
]);

const answerSchema = z.object({
  data: z.array(itemSchema).nullish(),
  usage: z.object({ cost_in_usd_ticks: z.number().min(0).nullish() }).nullish(),
  error: errorSchema.nullish(),
});

async function readItem(
  { url, b64_json, revised_prompt, respect_moderation }: z.infer<typeof itemSchema>,
  { keep }: CallContext,
): Promise<ProviderPicture | MissingPicture> {
  if (respect_moderation === false) {
    return { kind: 'missing', reason: "xAI's moderation withheld this picture.", refused: true };
  }
  const picture = await toPicture(url || b64_json, keep);
  return picture.kind === 'missing' || !revised_prompt ? picture : { ...picture, revised_prompt };
}

/** xAI's codes say no more than the status does, so that its words have to be read. The first that fits holds. */
const byWords: readonly (readonly [RegExp, FaultClass])[] = [
  [/incorrect api key|no api key/i, 'auth'],
  [/used all available credits|does not have any credits|spending limit/i, 'account'],
  [/content (?:moderation|policy|violates)|content_policy|usage guidelines|safety (?:check|filter)/i, 'content_policy'],
  [/too many images/i, 'offer_limit'],
];

function findFault({ status, body }: Problem): Finding {
  const parsed = z.object({ error: errorSchema, code: z.string().nullish() }).safeParse(body);
  if (!parsed.success) return {};
  const { error } = parsed.data;
  const said = typeof error === 'string' ? { message: error, code: parsed.data.code } : error;
  const words = `${said.code ?? ''} ${said.message ?? ''}`;
  const fault =
    (status < 500 ? byWords.find(([pattern]) => pattern.test(words))?.[1] : undefined) ??
    (status === 503 ? 'overloaded' : undefined);
  return {
    ...(fault === undefined ? {} : { fault }),
    code: said.code ?? undefined,
    text: said.message ?? undefined,
    // What a 400 refuses is the prompt; refused pictures come with a 200.
    ...(fault === 'content_policy' ? { stage: 'input' as const } : {}),
  };
}
