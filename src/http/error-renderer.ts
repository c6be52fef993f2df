/** The one place where an error becomes an answer. */
import { errorTable, type GessoError } from '../core/errors.ts';

/** SDKs stop honouring waits at 60 s; for longer ones they are told not to repeat at all. */
const WAIT_HONOURED_MS_MAX = 60_000;

export interface ErrorEnvelope {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: string;
    readonly param: string | null;
    readonly doc_url: string;
    readonly details?: ReadonlyArray<{ readonly param: string; readonly message: string; readonly fix?: string }>;
    /** The generation to fetch, on 409 and 504. */
    readonly generation_id?: string;
  };
}

export interface RenderedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorEnvelope;
}

/** `publicUrl` has no slash at its end. */
export function renderError(error: GessoError, publicUrl: string): RenderedError {
  const row = errorTable[error.code];
  return {
    status: row.status,
    headers: { ...retryHeaders(error), ...generationHeader(error) },
    body: {
      error: {
        // The text of our own failures says nothing of the inside.
        message: error.code === 'internal_error' ? row.title : error.message,
        type: row.type,
        code: error.code,
        param: error.param,
        doc_url: `${publicUrl}/errors/${error.code}`,
        ...(error.details.length > 1 ? { details: error.details } : {}),
        ...(error.generation_id === null ? {} : { generation_id: error.generation_id }),
      },
    },
  };
}

function retryHeaders(error: GessoError): Record<string, string> {
  const wait = error.retry_after_ms;
  const shouldRetry = wait !== null && wait >= WAIT_HONOURED_MS_MAX ? false : error.should_retry;
  return {
    ...(shouldRetry === null ? {} : { 'x-should-retry': String(shouldRetry) }),
    ...(wait === null ? {} : { 'retry-after': String(Math.max(1, Math.ceil(wait / 1000))) }),
    ...(wait === null || wait >= WAIT_HONOURED_MS_MAX
      ? {}
      : { 'retry-after-ms': String(Math.max(0, Math.ceil(wait))) }),
  };
}

function generationHeader(error: GessoError): Record<string, string> {
  return error.generation_id === null ? {} : { 'x-gesso-generation-id': error.generation_id };
}
