import { lookup } from 'node:dns/promises';
import type { Readable } from 'node:stream';
import { type Dispatcher, type FormData, request as undiciRequest } from 'undici';
import { createAllowList } from './allow-list.ts';
import { acceptedEncodings, cappedBody } from './capped-body.ts';
import { parseOutboundUrl, requireWebPort, webPorts } from './check-url.ts';
import { asFetchFault, FetchFault } from './fetch-fault.ts';
import { createGuardedAgent, createOpenAgent, type Resolve } from './guarded-agent.ts';

/** Who wrote the URL: the operator, a caller of the API, or a provider's answer. Only the first may name any address. */
export type UrlOrigin = 'config' | 'user' | 'upstream';

export interface FetchRequest {
  readonly origin: UrlOrigin;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** A form must be undici's own `FormData`: Node's built-in one is another class and refused. */
  readonly body?: string | Uint8Array | FormData | Readable;
  /** Of the answer, decoded. */
  readonly bytes_max: number;
  /** From the start to the last byte of the answer, however it drips. */
  readonly timeout_ms: number;
  /** The longest silence: before the headers and between two chunks. Default: 30 s. */
  readonly idle_ms?: number;
  /** Default: 3. */
  readonly redirects_max?: number;
  readonly signal?: AbortSignal;
  /** Hosts (`host` or `host:port`) that this call may reach although they are private: a provider's own base URL. */
  readonly allow_private?: readonly string[];
}

export interface FetchResponse {
  readonly status: number;
  /** By lower-case name; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read or destroyed. Fails with `FetchFault`. */
  readonly body: Readable;
  /** Where the answer came from, after redirects. */
  readonly url: string;
}

/** Throws `FetchFault`; an answer of any status is an answer. */
export type GuardedFetch = (url: string, request: FetchRequest) => Promise<FetchResponse>;

export interface GuardedFetchOptions {
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** GESSO_FETCH_ALLOW_HOSTS: see `createAllowList`. */
  readonly allow_hosts?: readonly string[];
  /** Ports that user and upstream URLs may name; default 80, 443, 8080, 8443. */
  readonly ports?: readonly number[];
}

/** The only way out. `close` ends idle connections. */
export function createGuardedFetch(options: GuardedFetchOptions = {}): GuardedFetch & { close(): Promise<void> } {
  const resolve = options.resolve ?? ((hostname) => lookup(hostname, { all: true }));
  const allowed = createAllowList(options.allow_hosts ?? []);
  const agents = { open: createOpenAgent(resolve), guarded: createGuardedAgent(resolve, allowed) };

  const chooseAgent = (url: URL, origin: UrlOrigin, request: FetchRequest): Dispatcher => {
    if (origin === 'config' || allowed.hasHost(url)) return agents.open;
    if (request.allow_private && createAllowList(request.allow_private).hasHost(url)) return agents.open;
    requireWebPort(url, options.ports ?? webPorts);
    return agents.guarded;
  };

  const guardedFetch: GuardedFetch = async (text, request) => {
    const deadline = startDeadline(request);
    try {
      const { response, url } = await followRedirects(parseOutboundUrl(text), request, deadline.signal, chooseAgent);
      return present(response, url, request, deadline.clear);
    } catch (error) {
      deadline.clear();
      throw asFetchFault(error, true);
    }
  };
  return Object.assign(guardedFetch, {
    close: async () => {
      await Promise.all([agents.open.close(), agents.guarded.close()]);
    },
  });
}

function startDeadline({ timeout_ms, signal }: FetchRequest): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const giveUp = () => controller.abort(new FetchFault('aborted', 'given up by the caller', { sent: true }));
  const timer = setTimeout(() => {
    controller.abort(new FetchFault('too_slow', `no whole answer in ${timeout_ms} ms`, { sent: true }));
  }, timeout_ms);
  if (signal?.aborted) giveUp();
  signal?.addEventListener('abort', giveUp, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    },
  };
}

type ChooseAgent = (url: URL, origin: UrlOrigin, request: FetchRequest) => Dispatcher;

/** One step of a chain of redirects. */
interface Hop {
  readonly url: URL;
  readonly origin: UrlOrigin;
  readonly method: NonNullable<FetchRequest['method']>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: FetchRequest['body'] | null;
}

async function followRedirects(start: URL, request: FetchRequest, signal: AbortSignal, chooseAgent: ChooseAgent) {
  const redirectsMax = request.redirects_max ?? 3;
  const idle_ms = request.idle_ms ?? 30_000;
  let hop: Hop = {
    url: start,
    origin: request.origin,
    method: request.method ?? 'GET',
    headers: request.headers ?? {},
    body: request.body ?? null,
  };
  for (let redirects = 0; ; redirects++) {
    const response = await undiciRequest(hop.url, {
      dispatcher: chooseAgent(hop.url, hop.origin, request),
      method: hop.method,
      headers: { 'accept-encoding': acceptedEncodings, 'user-agent': userAgent, ...hop.headers },
      body: hop.body ?? null,
      headersTimeout: idle_ms,
      bodyTimeout: idle_ms,
      signal,
    });
    // An abort after the answer is an error of the body, which its reader sees; without a reader it is nobody's.
    response.body.on('error', () => {});
    const location = redirectStatuses.has(response.statusCode) ? joined(response.headers.location) : '';
    if (location === '') return { response, url: hop.url };
    response.body.destroy();
    if (redirects >= redirectsMax) {
      throw new FetchFault('redirected', `more than ${redirectsMax} redirects`, { sent: true });
    }
    hop = nextHop(hop, response.statusCode, location);
  }
}

/** Some picture hosts refuse clients that do not name themselves. */
const userAgent = 'Gesso (self-hosted image API)';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** What may follow to another host; keys and cookies have many names, so that everything else is dropped there. */
const harmlessHeaders = new Set(['accept', 'accept-language', 'range', 'user-agent']);

/** RFC 9110, 15.4. A redirect is written by the host that answered, whoever wrote the first URL. */
function nextHop(hop: Hop, status: number, location: string): Hop {
  const absolute = URL.parse(location, hop.url.href);
  const url = parseOutboundUrl(absolute ? absolute.href : location);
  const sameOrigin = url.origin === hop.url.origin;
  const headers = sameOrigin
    ? hop.headers
    : Object.fromEntries(Object.entries(hop.headers).filter(([name]) => harmlessHeaders.has(name.toLowerCase())));
  const origin = sameOrigin || hop.origin !== 'config' ? hop.origin : 'upstream';
  if (hop.method === 'GET' || hop.method === 'HEAD') return { ...hop, url, origin, headers };
  if (status === 307 || status === 308) {
    if (!sameOrigin) throw new FetchFault('redirected', `a ${hop.method} redirected to ${url.host}`, { sent: true });
    if (hop.body !== null && typeof hop.body !== 'string' && !(hop.body instanceof Uint8Array)) {
      throw new FetchFault('redirected', 'a streamed body cannot be sent again', { sent: true });
    }
    return { ...hop, url, origin, headers };
  }
  return { url, origin, method: 'GET', headers: withoutBodyHeaders(headers), body: null };
}

function withoutBodyHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));
}

function present(
  response: Dispatcher.ResponseData,
  url: URL,
  request: FetchRequest,
  onClose: () => void,
): FetchResponse {
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, joined(value)]));
  const encoding = headers['content-encoding'] ?? '';
  if (encoding === '' && request.method !== 'HEAD' && Number(headers['content-length']) > request.bytes_max) {
    response.body.destroy();
    throw new FetchFault('too_large', `${headers['content-length']} bytes announced`, { sent: true });
  }
  const body = cappedBody(response.body, encoding, { bytes_max: request.bytes_max, onClose });
  return { status: response.statusCode, headers, body, url: url.href };
}

const joined = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(', ') : (value ?? '');
