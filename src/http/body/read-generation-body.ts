import type { FastifyRequest } from 'fastify';
import { GessoError } from '../../core/errors.ts';
import { guardBody, refuseAnnouncedLength } from './guard-body.ts';
import type { ImagesBody, ImagesBodyLimits, ReceivePicture } from './images-body.ts';
import { imagesBodyOf, readJsonWithPictures, refuseUnfit } from './read-json-images-body.ts';

/** The body of `POST /v1/generations`: what it asks for stands in `input`, everything else beside it. */
export interface GenerationBody {
  /** Without `input`. */
  readonly top: Readonly<Record<string, unknown>>;
  readonly input: ImagesBody;
}

const INPUT = 'input.';

export async function readGenerationBody(
  req: FastifyRequest,
  limits: ImagesBodyLimits,
  receive: ReceivePicture,
): Promise<GenerationBody> {
  refuseAnnouncedLength(req.headers['content-length'], limits.json.bytes_max);
  const named: ReceivePicture = (source, param) => receive(source, `${INPUT}${param}`);
  const value = await readJsonWithPictures(guardBody(req.raw, limits.json), limits, named, INPUT);
  const { input = {}, ...top } = asObject(value, null, '{"model":"…","input":{"prompt":"…"}}');
  refuseUnfit(top);
  const fields = asObject(input, 'input', '{"prompt":"…"}');
  return { top, input: await imagesBodyOf(fields, limits, named) };
}

/** `param` = null: the body itself. */
function asObject(value: unknown, param: string | null, example: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  const what = param === null ? 'The body' : `\`${param}\``;
  throw new GessoError('invalid_value', `${what} must be a JSON object such as ${example}.`, {
    ...(param !== null && { param }),
  });
}
