/** AUTOMATIC1111, Forge, SD.Next and koboldcpp by sdapi: synchronous, one call at a time, PNG in base64. */
import { z } from 'zod';
import type { JsonObject } from '../contracts/json.ts';
import type {
  AdapterParts,
  CallContext,
  ProviderAdapter,
  ProviderAnswer,
  ProviderCall,
} from '../contracts/provider.ts';
import type { DocLink } from './shared/adapter-module.ts';
import { timeLeft } from './shared/ask-until.ts';
import { type Finding, type Problem, readAnswer } from './shared/http-fault.ts';
import { pictureField, toPicture } from './shared/kept-picture.ts';
import { ENGINE_MS_MAX, errorText, isBroken, mayBill, plainPrompt, seedOf } from './shared/own-engine.ts';
import { readAs } from './shared/read-as.ts';
import { toAnswer } from './shared/to-answer.ts';

export const docs: readonly DocLink[] = [
  {
    url: 'https://github.com/AUTOMATIC1111/stable-diffusion-webui/blob/master/modules/api/api.py',
    read_on: '2026-09-18',
    about: 'txt2img, img2img, errors, --api-auth',
  },
  { url: 'https://github.com/LostRuins/koboldcpp', read_on: '2026-09-18', about: 'its sdapi, empty pictures in a 200' },
];

/** `user:password`, as `--api-auth` takes them. */
export const auth = (key: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(key).toString('base64')}`,
});

export function createAdapter(parts: AdapterParts): ProviderAdapter {
  return {
    provider: parts.provider,
    // There is no cancel: /interrupt stops whatever runs, which may be somebody else's.
    async run(call, context) {
      const response = await parts.send(
        {
          method: 'POST',
          url: call.offer.endpoint,
          json: bodyOf(call),
          pictures: { images: call.images, mask: call.mask, as: 'base64' },
          timeout_ms: timeLeft(parts, context, ENGINE_MS_MAX),
          may_bill: mayBill(parts),
        },
        context,
      );
      return readPictures(await readAnswer(parts.provider, response, findFault), call, context);
    },
  };
}

function bodyOf(call: ProviderCall): JsonObject {
  const { prompt, negative_prompt } = call.body;
  return {
    ...seedOf(call),
    ...call.body,
    ...(typeof prompt === 'string' ? { prompt: plainPrompt(prompt) } : {}),
    ...(typeof negative_prompt === 'string' ? { negative_prompt: plainPrompt(negative_prompt) } : {}),
  };
}

/** `info` is JSON in a string at A1111, empty at koboldcpp, and sometimes an object. */
const answerSchema = z.object({ images: z.array(pictureField).nullish(), info: z.unknown().optional() });
const infoSchema = z.object({ index_of_first_image: z.int().min(0).nullish() });

async function readPictures(answer: unknown, call: ProviderCall, { keep }: CallContext): Promise<ProviderAnswer> {
  const { images, info } = readAs(answerSchema, answer, 'empty');
  const fields = images ?? [];
  const pictures = await Promise.all(
    fields.slice(gridsBefore(fields.length, info, call)).map((one) => toPicture(one, keep)),
  );
  return toAnswer(call, pictures);
}

/** A sheet of all pictures may stand before them although it was not wanted: not every engine reads that wish. */
function gridsBefore(count: number, info: unknown, { n }: ProviderCall): number {
  const told = infoSchema.safeParse(typeof info === 'string' ? jsonIn(info) : info);
  return (told.success ? told.data.index_of_first_image : null) ?? Math.max(0, count - n);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function findFault(problem: Problem): Finding {
  const { status, body } = problem;
  const text = errorText(body);
  // A 404 with words is about a value (a sampler, a model), one without is about the address.
  if (status === 404 && text !== undefined && text !== 'Not Found') return { fault: 'invalid_request', text };
  if (status === 503) return { fault: 'overloaded', text };
  if (status >= 500 && text !== undefined) {
    if (/no checkpoints?/i.test(text)) return { fault: 'config', text };
    if (/invalid encoded image/i.test(text)) return { fault: 'invalid_request', text };
    return { fault: 'unavailable', text };
  }
  return isBroken(problem) ? { fault: 'unavailable', text } : { text };
}
