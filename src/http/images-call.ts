import type { CanonicalRequest } from '../contracts/generation.ts';
import type { GenerationInputs, GenerationResult, Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import type { CallHeaders } from './call-headers.ts';
import type { HttpMetrics } from './http-metrics.ts';
import type { RequestNotes } from './request-notes.ts';

/** A generating call, read and understood. */
export interface ImagesCall {
  readonly principal: Principal;
  readonly request: CanonicalRequest;
  readonly inputs: GenerationInputs;
  readonly headers: CallHeaders;
}

export function noteResult(notes: RequestNotes, metrics: HttpMetrics, result: GenerationResult): void {
  notes.model = result.model;
  notes.provider = result.provider;
  if (notes.is_replay) return;
  notes.cost_micros = result.cost_micros;
  notes.pictures = result.pictures.length;
  metrics.generationDone(result);
}

export function noteFailure(notes: RequestNotes, metrics: HttpMetrics, error: unknown): void {
  if (notes.is_replay) return;
  // Ids that nobody has put into the catalogue would be labels without number.
  metrics.generationFailed(notes.model ?? 'unknown', error instanceof GessoError ? error.code : 'internal_error');
}
