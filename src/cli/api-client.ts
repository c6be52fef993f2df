/** The command line is a client of the HTTP API like any other; only the way that requests travel differs. */
import { Readable } from 'node:stream';
import { json as readJson, text as readText } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import type { App, AppAnswer, AppRequest } from '../contracts/app.ts';
import { CliError } from './cli-error.ts';

/** How a request gets to Gesso: over HTTP, or straight into an app in this process. */
export interface Transport {
  /** The server's base URL; null in this process. */
  readonly url: string | null;
  request(request: AppRequest): Promise<AppAnswer>;
  close(): Promise<void>;
}

export interface ApiClient {
  readonly url: string | null;
  /** Answers of 200s as JSON; throws CliError with the API's own words for everything else. */
  json(request: AppRequest): Promise<unknown>;
  /** The same as it stands, for what is no JSON. */
  text(request: AppRequest): Promise<string>;
  /** The bytes of the answer as they come. */
  stream(request: AppRequest): Promise<Readable>;
  /** The bytes of a hosted picture. */
  download(url: string): Promise<Readable>;
  close(): Promise<void>;
}

export function createApiClient(transport: Transport, token: string, fetchUrl: typeof fetch): ApiClient {
  const send = async (request: AppRequest): Promise<AppAnswer> => {
    const headers = { accept: 'application/json', ...request.headers, authorization: `Bearer ${token}` };
    const answer = await transport.request({ ...request, headers });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw await errorOf(answer, transport.url);
  };
  return {
    url: transport.url,
    json: async (request) => {
      const answer = await send(request);
      return answer.status === 204 ? null : readJson(answer.body);
    },
    text: async (request) => readText((await send(request)).body),
    stream: async (request) => (await send(request)).body,
    download: async (url) => {
      const path = hostedPath(url);
      if (path === null) return downloadElsewhere(url, fetchUrl);
      return (await send({ method: 'GET', path, headers: { accept: 'image/*' } })).body;
    },
    close: () => transport.close(),
  };
}

export function httpTransport(base_url: string, fetchUrl: typeof fetch): Transport {
  const base = base_url.replace(/\/+$/, '').replace(/\/v1$/, '');
  return {
    url: base,
    async request({ method, path, headers, body }) {
      const streamed = body instanceof Readable;
      const init = {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body: streamed ? Readable.toWeb(body) : body }),
        ...(streamed ? { duplex: 'half' } : {}),
      } as RequestInit; // Node's fetch takes streams with `duplex`, which its types do not all know.
      const res = await fetchUrl(`${base}${path}`, init).catch((cause: unknown) => {
        throw unreachable(base, cause);
      });
      return { status: res.status, headers: Object.fromEntries(res.headers), body: bodyOf(res) };
    },
    close: () => Promise.resolve(),
  };
}

export function appTransport(app: App): Transport {
  return { url: null, request: (request) => app.request(request), close: () => app.close() };
}

/**
 * The path of a picture that Gesso itself hosts. Its URL begins with PUBLIC_URL, which need not be how we reach the
 * server (and in this process there is none), so it is asked for where we are already talking.
 */
function hostedPath(url: string): string | null {
  const { pathname, search } = new URL(url, 'http://localhost');
  const start = pathname.lastIndexOf('/media/');
  return start < 0 ? null : pathname.slice(start) + search;
}

async function downloadElsewhere(url: string, fetchUrl: typeof fetch): Promise<Readable> {
  const { origin } = new URL(url);
  const res = await fetchUrl(url).catch((cause: unknown) => {
    throw unreachable(origin, cause);
  });
  if (!res.ok) throw new CliError(`The picture could not be fetched from ${origin}: status ${res.status}.`);
  return bodyOf(res);
}

function bodyOf(res: Response): Readable {
  // The web's and Node's types of the same stream differ in name only.
  return res.body === null ? Readable.from([]) : Readable.fromWeb(res.body as ReadableStream);
}

function unreachable(base: string, cause: unknown): CliError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
  return new CliError(`${base} does not answer${reason === '' ? '' : `: ${reason}`}.`, {
    code: 'unreachable',
    fix: 'Check that the server runs and that GESSO_URL is its address.',
    cause,
  });
}

interface Envelope {
  readonly error?: {
    readonly message?: string;
    readonly code?: string;
    readonly param?: string | null;
    readonly doc_url?: string;
    readonly details?: ReadonlyArray<{ readonly param?: string; readonly message?: string; readonly fix?: string }>;
  };
}

async function errorOf(answer: AppAnswer, url: string | null): Promise<CliError> {
  const envelope = (await readJson(answer.body).catch(() => null)) as Envelope | null; // Checked field by field below.
  const error = envelope?.error;
  if (error?.message === undefined) {
    return new CliError(`${url ?? 'Gesso'} answered with status ${answer.status} and no explanation.`, {
      fix: 'Check that GESSO_URL is the address of a Gesso server.',
    });
  }
  return new CliError(error.message, {
    code: error.code ?? 'failed',
    details: (error.details ?? []).map(({ param, message, fix }) =>
      [param === undefined ? '' : `${param}:`, message, fix].filter(Boolean).join(' '),
    ),
    // In this process no server shows the page; the same text is in the repository.
    doc: url === null && error.code !== undefined ? `docs/errors/${error.code}.md` : error.doc_url,
    fix: fixes[error.code ?? ''],
  });
}

/** What the command line can add to the API's own words. */
const fixes: Readonly<Record<string, string>> = {
  invalid_api_key: 'Check GESSO_API_KEY; `gesso keys create --mode test --name me` makes a new key.',
  scope_exceeded: 'Put a key that may do this into GESSO_API_KEY, or unset it to act as the owner of this machine.',
  model_not_found: '`gesso models` lists what there is.',
  no_provider_configured: 'With --test the built-in engine draws in its place, and nothing is spent.',
};
