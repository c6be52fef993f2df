/** The answer to a generation: OpenAI's ImagesResponse, and `metadata` that is ours. */
import type { DeliveredPicture, GenerationResult } from '../../contracts/services.ts';
import { objectWithPicture, type Piece } from './pieces.ts';
import type { ResponseFormat } from './response-format.ts';

/**
 * The body in pieces. `size`, `quality`, `background` and `output_format` are not repeated at the top: strict clients take
 * only OpenAI's own values there, and `data[]` says what was really made.
 */
export function presentImages(result: GenerationResult, format: ResponseFormat): Piece[] {
  const items = result.pictures.flatMap((picture, index): Piece[] => [
    ...(index === 0 ? [] : [',']),
    ...presentPicture(picture, format),
  ]);
  const metadata = JSON.stringify(presentMetadata(result));
  return [`{"created":${result.created},"data":[`, ...items, `],"metadata":${metadata}}`];
}

export function presentMetadata(result: GenerationResult): Readonly<Record<string, unknown>> {
  return {
    request_id: result.id,
    mode: result.mode,
    model: result.model,
    executed_model: result.executed_model,
    provider: result.provider,
    provider_name: result.provider_name,
    cost_micros: result.cost_micros,
    cost: result.cost_micros / 1_000_000,
    currency: 'USD',
    attempts: result.attempts.map(({ provider, outcome, error_class, latency_ms }) => ({
      provider,
      outcome,
      ...(error_class === undefined ? {} : { error_class }),
      latency_ms,
    })),
    applied: result.applied,
    warnings: result.warnings,
    ...(Object.keys(result.labels).length === 0 ? {} : { labels: result.labels }),
  };
}

/** What every answer to a generation says in its headers. */
export function generationHeaders(result: GenerationResult): Readonly<Record<string, string>> {
  return {
    'x-request-id': result.id,
    'x-gesso-provider': result.provider,
    'x-gesso-cost-micros': String(result.cost_micros),
  };
}

function presentPicture(picture: DeliveredPicture, format: ResponseFormat): Piece[] {
  const facts = {
    ...(picture.revised_prompt === undefined ? {} : { revised_prompt: picture.revised_prompt }),
    width: picture.width,
    height: picture.height,
    content_type: picture.content_type,
    ...(picture.expires_at === null ? {} : { expires_at: Math.floor(picture.expires_at / 1000) }),
  };
  if (format === 'url') return [JSON.stringify({ url: picture.url, ...facts })];
  return objectWithPicture(picture, format === 'both' ? { url: picture.url, ...facts } : facts);
}
