/** A client that reads its answer strictly: exactly one of success, refusal and error, each in its envelope. */
import { createHash } from 'node:crypto';
import { Agent, FormData, fetch } from 'undici';
import { errorTable } from '../../src/core/errors.ts';
import { testKeys } from '../support/test-app.ts';
import type { ChaosRequest } from './random-request.ts';

export interface SeenPicture {
  readonly url: string | null;
  /** Of the bytes in the answer; null where it brought a link alone. */
  readonly sha256: string | null;
}

export interface Ending {
  readonly request: ChaosRequest;
  readonly kind: 'success' | 'refusal' | 'error' | 'left';
  readonly code: string | null;
  readonly generation_id: string | null;
  readonly pictures: readonly SeenPicture[];
  readonly faults: readonly string[];
}

interface Item {
  readonly url?: string;
  readonly b64_json?: string;
}

interface Body {
  readonly data?: readonly Item[];
  readonly metadata?: { readonly request_id: string; readonly warnings: readonly string[] };
  readonly error?: Readonly<Record<string, unknown>>;
}

/** What one answer was, before it is judged. */
interface Told {
  readonly status: number;
  readonly retry: string | null;
  readonly request_id: string | null;
  readonly bodies: readonly Body[];
}

export function openClient(url: string): { send(request: ChaosRequest): Promise<Ending>; close(): Promise<void> } {
  const dispatcher = new Agent();
  let closed: Promise<void> | null = null;
  return {
    send: (request) => send(url, dispatcher, request),
    close: () => {
      closed ??= dispatcher.destroy();
      return closed;
    },
  };
}

async function send(url: string, dispatcher: Agent, request: ChaosRequest): Promise<Ending> {
  const { leaves_after_ms, patience_ms, files, body } = request;
  const controller = new AbortController();
  const leaving = leaves_after_ms === null ? null : setTimeout(() => controller.abort(), leaves_after_ms);
  try {
    const response = await fetch(`${url}${request.path}`, {
      dispatcher,
      method: 'POST',
      signal: controller.signal,
      headers: {
        authorization: `Bearer ${testKeys.live}`,
        ...(files === null ? { 'content-type': 'application/json' } : {}),
        ...(patience_ms === null ? {} : { 'x-stainless-timeout': String(patience_ms / 1000) }),
      },
      body: files === null ? JSON.stringify(body) : formOf(body, files),
    });
    const text = await response.text();
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    return judge(request, {
      status: response.status,
      retry: response.headers.get('x-should-retry'),
      request_id: response.headers.get('x-request-id'),
      bodies: isStream ? eventsOf(text) : [JSON.parse(text) as Body], // Judged below.
    });
  } catch (error) {
    const left = { request, code: null, generation_id: null, pictures: [] };
    if (controller.signal.aborted) return { ...left, kind: 'left', faults: [] };
    return { ...left, kind: 'error', faults: [`${request.tag} no answer: ${String(error)}`] };
  } finally {
    if (leaving !== null) clearTimeout(leaving);
  }
}

function formOf(body: ChaosRequest['body'], files: readonly Buffer[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'object' || value === null) form.append(name, String(value));
    else
      for (const [key, item] of Object.entries(value))
        for (const one of [item].flat()) {
          form.append(Array.isArray(item) ? `${name}[${key}][]` : `${name}[${key}]`, String(one));
        }
  }
  for (const file of files) form.append('image[]', new Blob([new Uint8Array(file)], { type: 'image/png' }), 'a.png');
  return form;
}

/** The data of every event, in order; an `error` event's is the envelope. */
function eventsOf(text: string): Body[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => {
    const event = JSON.parse(data) as Item & Pick<Body, 'metadata' | 'error'>; // Judged below.
    return event.b64_json === undefined && event.url === undefined ? event : { ...event, data: [event] };
  });
}

function judge(request: ChaosRequest, told: Told): Ending {
  const faults: string[] = [];
  const fault = (text: string) => void faults.push(`${request.tag} ${text}`);
  const errors = told.bodies.flatMap(({ error }) => (error ? [error] : []));
  const items = told.bodies.flatMap(({ data }) => data ?? []);
  const metadata = told.bodies.flatMap((body) => body.metadata ?? []);
  const pictures = items.map(({ url, b64_json }) => ({
    url: url ?? null,
    sha256: b64_json === undefined ? null : hashOf(Buffer.from(b64_json, 'base64')),
  }));
  const [error] = errors;
  if (error === undefined) {
    if (told.status !== 200) fault(`status ${told.status} without an error`);
    if (metadata.length !== 1) fault(`${metadata.length} times metadata`);
    if (items.length === 0 || items.length > request.pictures) fault(`${items.length} pictures`);
    const warnings = metadata[0]?.warnings.filter((warning) => / is missing and /.test(warning)).length ?? 0;
    if (!request.is_set && items.length + warnings !== request.pictures) {
      fault(`${items.length} pictures and ${warnings} warnings of ${request.pictures}`);
    }
    faults.push(...items.flatMap((item) => wrongFields(request, item)));
    const generation_id = metadata[0]?.request_id ?? null;
    return { request, kind: 'success', code: null, generation_id, pictures, faults };
  }
  if (errors.length > 1) fault('more than one error');
  if (!request.stream && items.length > 0) fault('pictures beside an error');
  faults.push(...wrongError(request, told, error));
  const code = String(error.code);
  const kind = code === 'content_policy_violation' ? 'refusal' : 'error';
  return { request, kind, code, generation_id: told.request_id, pictures, faults };
}

function wrongFields({ tag, body, stream }: ChaosRequest, { url, b64_json }: Item): string[] {
  const wanted = stream ? 'b64_json' : body.response_format;
  const has = [url !== undefined, b64_json !== undefined];
  const right = [wanted !== 'b64_json', wanted !== 'url'];
  return has.join() === right.join() ? [] : [`${tag} fields of a picture asked as ${wanted}: ${has.join()}`];
}

function wrongError({ tag, stream }: ChaosRequest, told: Told, error: Readonly<Record<string, unknown>>): string[] {
  const row = (errorTable as Readonly<Record<string, { status: number; type: string }>>)[String(error.code)];
  if (row === undefined) return [`${tag} unknown code ${String(error.code)}`];
  const faults: string[] = [];
  for (const key of ['message', 'type', 'code', 'param', 'doc_url']) if (!(key in error)) faults.push(`no ${key}`);
  if (error.type !== row.type) faults.push(`type ${String(error.type)} of ${String(error.code)}`);
  // Once a stream has begun its status cannot be changed.
  if (told.status !== row.status && !(stream && told.status === 200)) faults.push(`status ${told.status}`);
  const once = ['content_policy_violation', 'outcome_unknown', 'deadline_exceeded'].includes(String(error.code));
  if (once && told.status !== 200 && told.retry !== 'false') faults.push(`${String(error.code)} may be retried`);
  if (error.code === 'internal_error') faults.push('internal_error');
  if (
    row.type === 'invalid_request_error' &&
    !['content_policy_violation', 'invalid_value'].includes(String(error.code))
  )
    faults.push(`${String(error.code)}: ${String(error.message)}`);
  return faults.map((text) => `${tag} ${text}`);
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
