/** What adapters of the operator's own engines share. */
import { z } from 'zod';
import type { AdapterParts, ProviderCall } from '../../contracts/provider.ts';
import type { Problem } from './http-fault.ts';

const optionsSchema = z.object({ may_bill: z.boolean().default(false) });

/** Whether silence may cost somebody money: an engine without a price is asked again without harm. */
export function mayBill({ options }: AdapterParts): boolean {
  return optionsSchema.parse(options ?? {}).may_bill;
}

/** Pictures take minutes on a processor; the caller's deadline comes before this in most cases. */
export const ENGINE_MS_MAX = 1_800_000;
export const QUESTION_MS_MAX = 30_000;

/** stable-diffusion.cpp reads settings of its own out of a prompt: a caller's must not reach them. */
const EXTRA_ARGS = /<(\/?sd_cpp_extra_args)/gi;

/** The prompt as text and nothing else. The tag stays readable and opens nothing. */
export const plainPrompt = (prompt: string): string => prompt.replaceAll(EXTRA_ARGS, '\u2039$1');

/** Engines have a fixed seed (42, 1024) where none is sent, and equal prompts would bring equal pictures. */
export function seedOf({ seeds }: Pick<ProviderCall, 'seeds'>): Readonly<{ seed?: number }> {
  const [seed] = seeds;
  return seed === undefined ? {} : { seed };
}

/** The text of an error, in whichever of the usual places it stands. */
export function errorText(body: unknown): string | undefined {
  if (typeof body === 'string') return body === '' ? undefined : body;
  if (Array.isArray(body)) return body.map(errorText).filter(Boolean).join('; ') || undefined;
  const parsed = z.record(z.string(), z.unknown()).safeParse(body);
  if (!parsed.success) return undefined;
  // FastAPI's list of faults names the field apart from the words.
  const { loc, msg, message, detail, error, errors } = parsed.data;
  if (typeof msg === 'string') return Array.isArray(loc) ? `${loc.slice(1).join('.')}: ${msg}` : msg;
  return errorText(message) ?? errorText(detail) ?? errorText(errors) ?? errorText(error);
}

/** Words of an engine without memory or a model: nothing is wrong with the request. */
const BROKEN = /out of memory|no checkpoints?|not loaded|cuda|allocat/i;

/** Engines say 400 or 500 for what is theirs; they do not moderate, so that no refusal is looked for. */
export function isBroken(problem: Pick<Problem, 'body'>): boolean {
  return BROKEN.test(errorText(problem.body) ?? '');
}
