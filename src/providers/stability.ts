/** Stability AI v2beta: one picture a call, always a form; what it refuses may come with a status or inside a 200. */
import { z } from 'zod';
import type { JsonValue } from '../contracts/json.ts';
import type { StoredPicture } from '../contracts/media.ts';
import type {
  AdapterParts,
  CallContext,
  FormPart,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderResponse,
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
    url: 'https://platform.stability.ai/docs/api-reference',
    read_on: '2026-09-18',
    about: 'routes, fields, errors, rate limit',
  },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** A picture takes seconds; who waits less than this may throw away one that is billed. */
const CALL_MS_MAX = 180_000;
/** Beyond 150 requests in 10 seconds the key is locked out this long, and the answer does not say so in a header. */
const LOCKED_OUT_MS = 60_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    async run(call, context) {
      const response = await parts.send(
        {
          method: 'POST',
          url: call.offer.endpoint,
          // JSON, since raw bytes would come with the verdict on them in a header alone.
          headers: { accept: 'application/json' },
          form: Object.entries(call.body).map(([name, value]) => toPart(name, value, call)),
          timeout_ms: timeLeft(parts, context, CALL_MS_MAX),
          may_bill: true,
        },
        context,
      );
      return readPicture(parts.provider, response, call, context);
    },
  };
}

function toPart(name: string, value: JsonValue, { images, mask }: ProviderCall): FormPart {
  const file = pictureAt(value, images, mask);
  if (file !== null) return { name, file, file_name: `${name}.${file.format}` };
  return { name, value: typeof value === 'string' ? value : JSON.stringify(value) };
}

const placeSchema = z.union([
  z.strictObject({ $image: z.int() }).transform(({ $image }) => $image),
  z.strictObject({ $mask: z.literal(true) }).transform(() => 'mask' as const),
]);

function pictureAt(
  value: JsonValue,
  images: readonly StoredPicture[],
  mask: StoredPicture | null,
): StoredPicture | null {
  const { data: place } = placeSchema.safeParse(value);
  if (place === undefined) return null;
  return place === 'mask' ? mask : (images[place] ?? null);
}

const errorSchema = z.object({ name: z.string().nullish(), errors: z.array(z.string()).nullish() });

const answerSchema = errorSchema.extend({ image: pictureField.nullish(), finish_reason: z.string().nullish() });

async function readPicture(
  provider: string,
  response: ProviderResponse,
  call: ProviderCall,
  { keep }: CallContext,
): Promise<ProviderAnswer> {
  const { status, headers } = response;
  const answer = readAs(answerSchema, await readAnswer(provider, response, findFault), 'empty');
  const { image, finish_reason, errors } = answer;
  if (errors && !image) {
    const finding = findFault({ status, headers, body: answer });
    throw toFault(provider, { status, headers }, { ...finding, fault: finding.fault ?? 'server_error' });
  }
  const said = headers['x-request-id'] === undefined ? {} : { request_id: headers['x-request-id'] };
  return toAnswer(call, [finish_reason === 'CONTENT_FILTERED' ? FILTERED : await toPicture(image, keep)], said);
}

/** The picture that comes with it is blurred. */
const FILTERED = { kind: 'missing', reason: "The provider's filter withheld this picture.", refused: true } as const;

/** By `name`; the classes that are not here follow from the status. */
const faults: Readonly<Record<string, FaultClass>> = {
  content_moderation: 'content_policy',
  invalid_prompts: 'content_policy',
  // It reads English only, which is no fault of the prompt: other offers may take it.
  invalid_language: 'offer_limit',
  payload_too_large: 'offer_limit',
  payment_required: 'account',
  rate_limit_exceeded: 'rate_limited',
  service_unavailable: 'overloaded',
};

/** `image: total pixel count must be between ...`: the picture has been decoded here, so that the limit is this route's. */
const ABOUT_A_PICTURE = /^(image|mask): (?!is )/;

function findFault({ status, body }: Problem): Finding {
  const { data } = errorSchema.safeParse(body);
  const { name, errors } = data ?? {};
  const fault =
    faults[name ?? ''] ??
    (status === 400 && errors?.some((error) => ABOUT_A_PICTURE.test(error)) ? ('offer_limit' as const) : undefined);
  return {
    ...(fault === undefined ? {} : { fault }),
    code: name ?? undefined,
    text: errors?.join('; '),
    // A 403 comes for prompts, for pictures sent, and for pictures made, in the same words.
    ...(name === 'invalid_prompts' ? { stage: 'input' } : {}),
    ...(status === 429 ? { retry_after_ms: LOCKED_OUT_MS } : {}),
  };
}
