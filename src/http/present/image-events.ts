/** Server-sent events of a streamed generation, in OpenAI's form: `event:` and one line of JSON, no `id:`, no `retry:`. */
import type { CanonicalRequest } from '../../contracts/generation.ts';
import type { DeliveredPicture, GenerationResult, PartialPicture } from '../../contracts/services.ts';
import type { ErrorEnvelope } from '../error-renderer.ts';
import { presentMetadata } from './image-response.ts';
import { objectWithPicture, type Piece } from './pieces.ts';

export const PING = ': ping\n\n';

/** Tokens mean nothing here, but SDK types require the counts. */
const NO_USAGE = {
  total_tokens: 0,
  input_tokens: 0,
  output_tokens: 0,
  input_tokens_details: { text_tokens: 0, image_tokens: 0 },
};

export function partialEvent(request: CanonicalRequest, partial: PartialPicture, created: number): Piece[] {
  const type = eventType(request, 'partial_image');
  const fields = {
    type,
    created_at: created,
    ...described(request, partial, partial.format),
    partial_image_index: partial.partial_index,
    picture_index: partial.picture_index,
  };
  const json = JSON.stringify({ b64_json: partial.bytes.toString('base64'), ...fields });
  return [`event: ${type}\ndata: ${json}\n\n`];
}

/** `result` comes with the last picture only: the whole generation's metadata is known then. */
export function completedEvent(
  request: CanonicalRequest,
  picture: DeliveredPicture,
  pictureIndex: number,
  result: Pick<GenerationResult, 'created'>,
  metadata: GenerationResult | null,
): Piece[] {
  const type = eventType(request, 'completed');
  const fields = {
    type,
    created_at: result.created,
    ...described(request, picture, picture.format),
    usage: NO_USAGE,
    ...(picture.revised_prompt === undefined ? {} : { revised_prompt: picture.revised_prompt }),
    width: picture.width,
    height: picture.height,
    content_type: picture.content_type,
    picture_index: pictureIndex,
    ...(metadata === null ? {} : { metadata: presentMetadata(metadata) }),
  };
  return [`event: ${type}\ndata: `, ...objectWithPicture(picture, fields), '\n\n'];
}

/** When pictures are missing, no last picture tells why: this does. Clients that look for pictures pass over it. */
export function metadataEvent(request: CanonicalRequest, result: GenerationResult): Piece[] {
  const type = eventType(request, 'metadata');
  return [`event: ${type}\ndata: ${JSON.stringify({ type, metadata: presentMetadata(result) })}\n\n`];
}

/** After the first byte an error can only be an event; nested, since the SDKs hand a flat one to the user as a picture. */
export function errorEvent(envelope: ErrorEnvelope): Piece[] {
  return [`event: error\ndata: ${JSON.stringify(envelope)}\n\n`];
}

function eventType(request: CanonicalRequest, name: 'partial_image' | 'completed' | 'metadata'): string {
  return `${request.kind === 'edit' ? 'image_edit' : 'image_generation'}.${name}`;
}

/** SDK types require these four; what was not asked for is `auto`. */
function described(
  request: CanonicalRequest,
  picture: { readonly width: number; readonly height: number },
  format: string,
): Readonly<Record<string, unknown>> {
  return {
    size: `${picture.width}x${picture.height}`,
    quality: request.quality ?? 'auto',
    background: request.background ?? 'auto',
    output_format: format,
  };
}
