/** BytePlus ModelArk (Ark): one synchronous route for text-to-image, edits and sets; no job, no count. */
import { z } from 'zod';
import type {
  AdapterParts,
  CallContext,
  MissingPicture,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  ProviderPicture,
  ProviderResponse,
} from '../contracts/provider.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { type ArkError, arkErrorSchema, findArkFault } from './shared/ark-fault.ts';
import { timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer, toFault } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  { url: 'https://docs.byteplus.com/en/docs/ModelArk/1541523', read_on: '2026-09-18', about: 'request and response' },
  { url: 'https://docs.byteplus.com/en/docs/ModelArk/1299023', read_on: '2026-09-18', about: 'error codes' },
  {
    url: 'https://github.com/volcengine/volcengine-python-sdk',
    read_on: '2026-07-31',
    about: 'streams, headers, time limits',
  },
];

export const auth = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

/** Sets take minutes: nine pictures took six in one public measurement. */
const CALL_MS_MAX = 600_000;

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
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
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      return isStream && response.status === 200
        ? readSet(parts.provider, response, call, context)
        : readOne(parts.provider, response, call, context);
    },
  };
}

const itemSchema = z.object({
  url: z.string().nullish(),
  b64_json: pictureField.nullish(),
  error: arkErrorSchema.nullish(),
});

/** Errors come in a 200 too: for the whole, or in the place of one picture. */
const answerSchema = z.object({
  data: z.array(itemSchema).nullish(),
  error: arkErrorSchema.nullish(),
});

async function readOne(
  provider: string,
  response: ProviderResponse,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const { status, headers } = response;
  const { data, error } = readAs(answerSchema, await readAnswer(provider, response, findFault), 'empty');
  const items = data ?? [];
  const failure = error ?? (items.every((item) => item.error) ? items[0]?.error : null);
  if (failure && items.every((item) => item.error)) throw wholeFault(provider, { status, headers }, failure);
  const pictures = await Promise.all(items.map((item) => readItem(item, context)));
  return toAnswer(call, pictures, requestId(headers));
}

const eventSchema = itemSchema.extend({ type: z.string().nullish(), image_index: z.int().min(0).nullish() });

/** A set, picture by picture. What has come is ours even when the stream then breaks: it is billed. */
async function readSet(
  provider: string,
  response: ProviderResponse,
  call: ProviderCall,
  context: CallContext,
): Promise<ProviderAnswer> {
  const { status, headers } = response;
  const pictures: (ProviderPicture | MissingPicture)[] = [];
  let failure: ArkError | null = null;
  let isWhole = false;
  try {
    for await (const { event, data } of response.events()) {
      const item = readAs(eventSchema, data, 'outcome_unknown');
      const type = item.type ?? event;
      if (type === 'image_generation.completed') isWhole = true;
      else if (type === 'image_generation.partial_succeeded') pictures.push(await readItem(item, context));
      else if (item.error) {
        failure = item.error;
        if (type === 'image_generation.partial_failed') pictures.push(await readItem(item, context));
      }
    }
  } catch (error) {
    if (!(error instanceof ProviderFault) || !hasPicture(pictures)) throw error;
  }
  if (!hasPicture(pictures)) {
    if (failure !== null) throw wholeFault(provider, { status, headers }, failure);
    if (!isWhole) throw new ProviderFault('outcome_unknown', `${provider}: the stream ended before it was completed`);
  }
  return toAnswer(call, pictures, requestId(headers));
}

const hasPicture = (pictures: readonly (ProviderPicture | MissingPicture)[]): boolean =>
  pictures.some(({ kind }) => kind !== 'missing');

async function readItem(
  { url, b64_json, error }: z.infer<typeof itemSchema>,
  { keep }: CallContext,
): Promise<ProviderPicture | MissingPicture> {
  if (!error) return toPicture(url ?? b64_json, keep);
  const { fault, text } = findArkFault(error);
  const refused = fault === 'content_policy';
  const reason = refused && text ? text : 'The provider could not make this picture.';
  return { kind: 'missing', reason, refused };
}

const requestId = (headers: Readonly<Record<string, string>>): Pick<ProviderAnswer, 'request_id'> =>
  headers['x-request-id'] === undefined ? {} : { request_id: headers['x-request-id'] };

/** Every row of the table of codes is in ark-fault.ts; a status without a body speaks for itself. */
function findFault({ body }: Problem): Finding {
  const parsed = z.object({ error: arkErrorSchema }).safeParse(body);
  return parsed.success ? findArkFault(parsed.data.error) : {};
}

/** The error of a call that brought nothing, though with a 200: failed pictures are free. */
function wholeFault(provider: string, at: Omit<Problem, 'body'>, error: ArkError): ProviderFault {
  const finding = findArkFault(error);
  return toFault(provider, at, { ...finding, fault: finding.fault ?? 'server_error' });
}
