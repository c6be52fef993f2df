/** From the body of `POST /v1/generations` to a request. Fields that nobody knows are refused, as those who wrote it expect. */
import { z } from 'zod';
import type { CanonicalRequest, Mode } from '../contracts/generation.ts';
import type { Principal } from '../contracts/services.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import type { ErrorDetail } from '../core/errors.ts';
import { parameterTable } from '../core/params/parameters.ts';
import { type ParamFault, parseRequest } from '../core/params/parse-request.ts';
import type { GenerationBody } from './body/read-generation-body.ts';
import { faultsError } from './parse-images-request.ts';

export const WAIT_S_MAX = 60;

const waitSchema = z.union([z.literal('auto'), z.number().min(0).max(WAIT_S_MAX)]);

export interface GenerationWish {
  readonly request: CanonicalRequest;
  readonly wait_ms: number;
  readonly webhook_url?: string;
}

/** Read here; the rest of the top level goes to the parser of requests. */
const own = new Set(['wait', 'webhook_url']);
const atTop = new Set(['model', 'n', 'labels', 'provider', 'user', 'simulate', 'simulate_delay_ms']);
/** Of an answer that is sent at once, which this one is not. */
const synchronousOnly = new Set(['response_format', 'stream', 'partial_images', 'unknown_params', 'extra_body']);

/** Throws every fault at once, each with its place: `input.size`. */
export function parseGenerationRequest(
  { top, input }: GenerationBody,
  principal: Principal,
  mode: Mode,
  catalog: Catalog,
): GenerationWish {
  const faults: ParamFault[] = [];
  const outside = Object.entries(top).filter(([name]) => !own.has(name));
  for (const [name] of outside)
    if (!atTop.has(name)) faults.push(unknown(name, isInput(name, catalog) ? 'input' : null));
  for (const name of Object.keys(input.raw)) {
    if (atTop.has(name)) faults.push(unknown(`input.${name}`, 'top'));
    else if (!isInput(name, catalog)) faults.push(unknown(`input.${name}`, null));
  }
  const wait = waitSchema.safeParse(top.wait ?? 'auto');
  if (!wait.success) faults.push(fault('wait', `\`wait\` must be "auto" or 0 to ${WAIT_S_MAX} seconds.`));
  const webhook = z
    .string()
    .max(2_000)
    .optional()
    .safeParse(top.webhook_url ?? undefined);
  if (!webhook.success) faults.push(fault('webhook_url', '`webhook_url` must be a URL of at most 2,000 characters.'));
  const hasPictures = input.images.length > 0 || input.mask !== null;
  const known = Object.fromEntries(outside.filter(([name]) => atTop.has(name)));
  // What stands beside `input` is told as that, and not as missing too.
  const isNotMisplaced = ({ code, param }: { readonly code?: string; readonly param: string }): boolean =>
    code !== 'missing_required_parameter' || atTop.has(param) || !Object.hasOwn(top, param);
  const parsed = parseRequest(
    { ...input.raw, ...known },
    { kind: hasPictures ? 'edit' : 'text_to_image', encoding: 'json', mode, known_offer_params: catalog.offer_params },
  );
  if (hasPictures && input.images.length === 0) faults.push(fault('input.mask', 'A mask needs a picture to lie over.'));
  if ('faults' in parsed) faults.push(...parsed.faults.filter(isNotMisplaced).map(placed));
  if ('faults' in parsed || !wait.success || !webhook.success || faults.length > 0) throw faultsError(faults);
  return {
    request: { ...parsed.request, unknown_params_policy: principal.settings.unknown_params ?? 'pass' },
    wait_ms: waitMs(wait.data),
    ...(webhook.data !== undefined && { webhook_url: webhook.data }),
  };
}

export function waitMs(wait: 'auto' | number): number {
  return (wait === 'auto' ? WAIT_S_MAX : wait) * 1000;
}

function isInput(name: string, { offer_params }: Catalog): boolean {
  const isParameter = parameterTable.has(name) || offer_params.has(name);
  return isParameter && !atTop.has(name) && !synchronousOnly.has(name);
}

function unknown(param: string, belongs: 'top' | 'input' | null): ParamFault {
  const fixes = { top: 'Send it beside `input`.', input: 'Send it inside `input`.' };
  const fix = belongs === null ? 'Remove it.' : fixes[belongs];
  return { code: 'unknown_parameter', param, message: `Unknown parameter: '${param}'.`, fix };
}

function fault(param: string, message: string): ParamFault {
  return { code: 'invalid_value', param, message };
}

/** The parser does not know in which part of the body a field stood. */
function placed({ param, ...rest }: ErrorDetail & ParamFault): ParamFault {
  const [name = ''] = param.split(/[.[]/, 1);
  return { ...rest, param: atTop.has(name) ? param : `input.${param}` };
}
