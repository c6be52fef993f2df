/** Plain calls to the provider servers, for the servers' own tests: no adapter, no retry, no checks. */
import type { JsonObject, JsonValue } from '../../../src/contracts/json.ts';
import { isObject } from './check-fields.ts';
import type { ProviderServer } from './kit.ts';

export interface Answer {
  /** Zero where the connection broke or nothing came in time. */
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The body where it is a JSON object, else an empty one. */
  readonly json: JsonObject;
  /** Nothing came in time. */
  readonly timed_out: boolean;
}

export interface Ask {
  readonly method?: string;
  /** A path behind the server's base URL, or a whole URL. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: JsonValue;
  readonly form?: readonly (readonly [string, string | Buffer])[];
  readonly timeout_ms?: number;
}

export async function ask(
  server: ProviderServer,
  { method, path, headers, json, form, timeout_ms }: Ask,
): Promise<Answer> {
  const url = path.startsWith('http') ? path : `${server.base_url}${path}`;
  const body = form === undefined ? JSON.stringify(json) : formOf(form);
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  try {
    const res = await fetch(url, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...type, ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeout_ms ?? 5000),
    });
    const bytes = Buffer.from(await res.arrayBuffer());
    return { status: res.status, headers: res.headers, bytes, json: parse(bytes), timed_out: false };
  } catch (error) {
    const timed_out = error instanceof Error && error.name === 'TimeoutError';
    return { status: 0, headers: new Headers(), bytes: Buffer.alloc(0), json: {}, timed_out };
  }
}

function parse(bytes: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** A file field is a Buffer: sent as `picture.png`. */
function formOf(fields: readonly (readonly [string, string | Buffer])[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, new Blob([new Uint8Array(value)], { type: 'image/png' }), 'picture.png');
  }
  return form;
}

/** Every string and every object in a JSON value, depth first: enough to find pictures without knowing the shape. */
export function stringsIn(value: JsonValue | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(stringsIn);
  return isObject(value) ? Object.values(value).flatMap(stringsIn) : [];
}
