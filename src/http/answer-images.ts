/** What both image endpoints do: who, read, parse, do, present. */
import { requirePrincipal } from './authenticate.ts';
import { readImagesBody } from './body/read-images-body.ts';
import { bodyLimits, generatingModeOf } from './body-limits.ts';
import { callHooks, readCallHeaders } from './call-headers.ts';
import { type ImagesCall, noteFailure, noteResult } from './images-call.ts';
import { openOwnLink } from './media-links.ts';
import { type ImagesEndpoint, parseImagesRequest } from './parse-images-request.ts';
import { patienceOf } from './patience.ts';
import { generationHeaders, presentImages } from './present/image-response.ts';
import { piecesLength, streamPieces } from './present/pieces.ts';
import { chooseResponseFormat } from './present/response-format.ts';
import type { RouteContext } from './route.ts';
import { streamImages } from './stream-images.ts';

export async function answerImages(
  context: RouteContext<{ readonly dryRun: boolean }>,
  endpoint: ImagesEndpoint,
): Promise<unknown> {
  const { req, deps } = context;
  const principal = requirePrincipal(req);
  const mode = generatingModeOf(principal);
  const headers = readCallHeaders(req);
  const body = await readImagesBody(req, bodyLimits(deps), async (source, param) =>
    deps.services.receivePicture(principal, await openOwnLink(source, param, deps), param),
  );
  const request = parseImagesRequest(body, endpoint, principal, mode, deps.catalog);
  req.notes.model = deps.catalog.resolve(request.model)?.model.id ?? null;
  const call = { principal, request, inputs: { images: body.images, mask: body.mask }, headers };
  if (context.query.dryRun) return dryRun(context, call);
  return request.stream ? streamImages(context, call) : sendImages(context, call);
}

async function dryRun({ deps, reply }: RouteContext<unknown>, call: ImagesCall): Promise<unknown> {
  const { price, ...decided } = await deps.services.dryRun(call.principal, call.request, call.inputs);
  const cost = { cost_micros: price.total_micros, cost: price.total_micros / 1_000_000, currency: 'USD' };
  return reply.send({ object: 'dry_run', ...decided, price, ...cost });
}

async function sendImages({ req, reply, deps, work }: RouteContext<unknown>, call: ImagesCall): Promise<unknown> {
  const onAccepted = (id: string): void => {
    req.notes.request_id = id;
  };
  const { principal, request, inputs } = call;
  const onWork = (whole: Promise<unknown>): void => void work.track(whole).catch(() => undefined);
  const hooks = { ...callHooks(req, reply, call.headers), onAccepted, onWork, ...patienceOf(req) };
  const result = await work.track(deps.services.generate(principal, request, inputs, hooks)).catch((error: unknown) => {
    noteFailure(req.notes, deps.metrics, error);
    throw error;
  });
  noteResult(req.notes, deps.metrics, result);
  const format = chooseResponseFormat({
    requested: request.response_format,
    model: request.model,
    settings: principal.settings,
    user_agent: req.headers['user-agent'],
  });
  const pieces = presentImages(result, format);
  return reply
    .headers({ ...generationHeaders(result), 'content-length': String(piecesLength(pieces)) })
    .type('application/json; charset=utf-8')
    .send(streamPieces(pieces, deps.media.store));
}
