/**
 * The shared half of the provider servers: HTTP on loopback, a record of every request, behaviours taken in turn, output
 * links and pictures. Each provider's file adds its dialect: routes, checks and bodies as its documentation gives them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject, JsonValue } from '../../../src/contracts/json.ts';
import { type Act, type Behaviour, type BehaviourKind, mayBill } from './behaviours.ts';
import { checkFields, dotted, type FieldFault, type FieldRules, isObject } from './check-fields.ts';
import { type Gallery, openGallery } from './gallery.ts';
import { callWebhooks, type HookOrder, type HookSource } from './job-hooks.ts';
import { type RecordedPart, readParts } from './multipart.ts';
import type { FileFormat } from './pictures.ts';
import { type Reply, sendReply } from './wire.ts';

export interface ServerOptions {
  /** The key that is accepted; absent = the dialect's own. */
  readonly key?: string;
  /** Milliseconds since the epoch: links and jobs expire by it. */
  readonly now?: () => number;
  /** At least this many bytes of base64 text (or of file, behind a link) for each picture, at next to no cost. */
  readonly answer_bytes?: number;
  /** Where output links lead; absent = this server's own host and port. */
  readonly output_base_url?: string;
  /** Fields that the provider does not know: refused in its words, or ignored and noted in `RecordedRequest.ignored`. */
  readonly unknown_fields?: 'refuse' | 'ignore';
}

/** What the request was for: only `submit` makes pictures. */
export type Role = 'submit' | 'poll' | 'cancel' | 'upload' | 'link' | 'other';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; null where there is none. */
  readonly body: JsonValue;
  /** Parts of a multipart body, in order; null for any other. */
  readonly parts: readonly RecordedPart[] | null;
  readonly at: number;
  role: Role;
  /** What the server was told to do with it: set on well-formed `submit` calls only. */
  act: Act | null;
  /** Of the answer; null while there is none. */
  status: number | null;
  /** Fields that the provider passed over without a word. */
  readonly ignored: string[];
}

export interface HandedPicture {
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly format: FileFormat;
  readonly bytes: number;
  /** Null where it was sent as base64 or as bytes. */
  readonly url: string | null;
}

export interface ProviderServer {
  readonly provider: string;
  /** What the provider's `*_BASE_URL` is set to. */
  readonly base_url: string;
  readonly key: string;
  readonly requests: readonly RecordedRequest[];
  /** Everything that it can be told to do: one entry for each documented shape. */
  readonly behaviours: readonly Act[];
  /** Generating calls that were well-formed and had a right key: each took one behaviour. */
  submitted(): number;
  /** Those among them that the provider may bill. */
  mayBeBilled(): number;
  /** Adds to the queue: one for each generating call, then `ok`. Throws for what the provider never does. */
  act(...behaviours: readonly (BehaviourKind | Behaviour)[]): void;
  /** Whole pictures handed out, in order. */
  readonly pictures: readonly HandedPicture[];
  /** Ends every job now, as if it had come to its end by itself. */
  finishJobs(): void;
  /** Calls the webhook of every job that has one; the statuses that came back. */
  callWebhooks(order: HookOrder): Promise<readonly number[]>;
  close(): Promise<void>;
}

export interface Call {
  readonly request: RecordedRequest;
  /** Named groups of the route's path. */
  readonly params: Readonly<Record<string, string>>;
  /** The JSON body where it is an object. */
  readonly body: JsonObject | null;
  /** Everything that was sent, unparsed. */
  readonly raw: Buffer;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly role: Role;
  /** Asks for no key. */
  readonly open?: true;
  handle(call: Call): Reply | Promise<Reply>;
}

/** Kind -> names of shapes, without spaces. */
export type ShapeTable = { readonly [Kind in BehaviourKind]?: readonly string[] };

/** The names in a table of answers by kind and shape. */
export const shapesOf = (table: { readonly [Kind in BehaviourKind]?: object }): ShapeTable =>
  Object.fromEntries(Object.entries(table).map(([kind, shapes]) => [kind, Object.keys(shapes)]));

/** Kind -> shape -> the answer to a generating call. The first shape is the default. */
export type ActTable = { readonly [Kind in BehaviourKind]?: Readonly<Record<string, (call: Call) => Reply>> };

export interface Dialect {
  readonly provider: string;
  /** Put behind host and port in `base_url`. */
  readonly base_path: string;
  readonly key: string;
  readonly unknown_fields: 'refuse' | 'ignore';
  readonly delivers: 'links' | 'base64' | 'both';
  /** Answers that replace a picture. */
  readonly acts: ActTable;
  /** Kinds and shapes that the routes act out themselves; a kind's default is its first shape, in `acts` before here. */
  readonly acted_by_routes?: readonly ShapeTable[];
  /** Whether the request carries the right key. */
  authorized(request: RecordedRequest, key: string): boolean;
  unauthorized(request: RecordedRequest): Reply;
  notFound(request: RecordedRequest): Reply;
  /** Headers of every answer. */
  headers?(request: RecordedRequest): Readonly<Record<string, string>>;
  readonly link_life_ms?: number;
  /** Absent = the provider has none. */
  readonly hooks?: HookSource;
  readonly routes: readonly Route[];
}

export interface Stage {
  readonly options: ServerOptions;
  now(): number;
  /** Scheme, host and port. */
  origin(): string;
  /** A number for ids: 1, 2, 3 … */
  next(): number;
  /** Faults of the body's fields. Unknown ones are among them (last), or noted in `ignored`, as the server was told. */
  check(call: Call, body: JsonObject, rules: FieldRules, form?: boolean): readonly FieldFault[];
  /** Takes the next behaviour for a well-formed call and acts it out; `ok` makes the answer that carries pictures. */
  perform(call: Call, ok: (act: Act) => Reply | Promise<Reply>): Promise<Reply>;
  readonly gallery: Gallery;
}

export const htmlPage = (status: number, title: string): Reply => ({
  status,
  bare: true,
  headers: { 'content-type': 'text/html', server: 'nginx' },
  body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
});

/** Failures that any host shows; dialects may give the same kinds further or other shapes. */
const anywhere: Readonly<Record<'base' | 'links' | 'base64', ShapeTable>> = {
  base: {
    ok: ['ok'],
    slow: ['answer'],
    silent: ['answer'],
    reset: ['answer'],
    cut: ['answer'],
    html_error: ['502', '504'],
  },
  links: {
    cut: ['link'],
    not_an_image: ['page', 'text_as_picture'],
    dead_link: ['404', 'empty'],
    redirect_private: ['metadata', 'private_network', 'link_itself'],
    expired: ['link'],
  },
  base64: { not_an_image: ['base64_text', 'not_base64', 'empty_base64'] },
};

function behavioursOf(dialect: Dialect): readonly Act[] {
  const sources = [
    shapesOf(dialect.acts),
    ...(dialect.acted_by_routes ?? []),
    anywhere.base,
    ...(dialect.delivers === 'base64' ? [] : [anywhere.links]),
    ...(dialect.delivers === 'links' ? [] : [anywhere.base64]),
  ];
  const all = sources.flatMap((source) =>
    Object.entries(source).flatMap(([kind, shapes]) =>
      // Keys of these tables are kinds by their types; Object.entries forgets it.
      shapes.map((shape) => ({ kind: kind as BehaviourKind, shape })),
    ),
  );
  return [...new Map(all.map((act) => [`${act.kind} ${act.shape}`, act])).values()];
}

/** Holds nobody up who wants to end meanwhile. */
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());

/** Starts a server on a free port of 127.0.0.1 that speaks the dialect. */
export async function startServer(
  options: ServerOptions,
  makeDialect: (stage: Stage) => Dialect,
): Promise<ProviderServer> {
  let origin = '';
  let count = 0;
  const queue: Act[] = [];
  const requests: RecordedRequest[] = [];
  const now = options.now ?? Date.now;
  const gallery = openGallery({ options, now, origin: () => origin, life_ms: () => dialect.link_life_ms });
  const stage: Stage = {
    options,
    now,
    origin: () => origin,
    next: () => ++count,
    gallery,
    check: (call, body, rules, form) => {
      const faults = checkFields(body, rules, form);
      if ((options.unknown_fields ?? dialect.unknown_fields) === 'refuse') return faults;
      const unknown = faults.filter(({ kind }) => kind === 'unknown');
      call.request.ignored.push(...unknown.map(({ path }) => dotted(path)));
      return faults.filter(({ kind }) => kind !== 'unknown');
    },
    perform: (call, ok) => {
      const act = queue.shift() ?? { kind: 'ok', shape: 'ok' };
      call.request.act = act;
      return actOut(act, call, dialect, ok);
    },
  };
  const dialect = makeDialect(stage);
  const key = options.key ?? dialect.key;
  const known = behavioursOf(dialect);

  const answer = async (request: RecordedRequest, raw: Buffer): Promise<Reply> => {
    const link = gallery.serve(request);
    if (link !== null) return link;
    const route = dialect.routes.find(({ method, path }) => method === request.method && path.test(request.path));
    if (!route?.open && !dialect.authorized(request, key)) return dialect.unauthorized(request);
    if (route === undefined) return dialect.notFound(request);
    request.role = route.role;
    const params = { ...route.path.exec(request.path)?.groups };
    return route.handle({ request, params, raw, body: isObject(request.body) ? request.body : null });
  };
  const server = createServer((req, res) => {
    void take(req, res).catch((error: unknown) => {
      // A fault of the server itself has to be told apart from the provider's own 500.
      res.writeHead(599, { 'content-type': 'text/plain' }).end(String(error instanceof Error ? error.stack : error));
    });
  });
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer); // No encoding is set, so chunks are buffers.
    const raw = Buffer.concat(chunks);
    const request = await record(req, raw, now());
    requests.push(request);
    const reply = await answer(request, raw);
    if (reply.delay_ms !== undefined) await wait(reply.delay_ms);
    if (reply.fate !== 'silent' && reply.fate !== 'reset') request.status = reply.status;
    const own = reply.bare ? {} : dialect.headers?.(request);
    sendReply(res, { ...reply, headers: { ...own, ...reply.headers } });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    provider: dialect.provider,
    base_url: `${origin}${dialect.base_path}`,
    key,
    requests,
    behaviours: known,
    submitted: () => requests.filter(({ act }) => act !== null).length,
    mayBeBilled: () => requests.filter(({ act }) => act !== null && mayBill(act.kind)).length,
    act: (...behaviours) => {
      for (const given of behaviours)
        queue.push(chosen(typeof given === 'string' ? { kind: given } : given, known, dialect));
    },
    pictures: gallery.handed,
    finishJobs: () => dialect.hooks?.finish(),
    callWebhooks: (order) => callWebhooks(dialect.hooks, order, now()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function actOut(
  act: Act,
  call: Call,
  { acts }: Dialect,
  ok: (act: Act) => Reply | Promise<Reply>,
): Promise<Reply> {
  const answer = acts[act.kind]?.[act.shape];
  if (answer !== undefined) return answer(call);
  if (act.kind === 'html_error' && act.shape === '502') return htmlPage(502, 'Bad Gateway');
  if (act.kind === 'html_error' && act.shape === '504') return htmlPage(504, 'Gateway Time-out');
  // Any other shape shows in what `ok` makes: a picture, a link, a job.
  if (act.shape !== 'answer') return ok(act);
  if (act.kind === 'silent' || act.kind === 'reset') return { status: 200, fate: act.kind };
  const reply = await ok(act);
  return { ...reply, ...(act.kind === 'cut' ? { fate: 'cut' } : { delay_ms: act.ms ?? 50 }) };
}

function chosen(behaviour: Behaviour, known: readonly Act[], { provider }: Dialect): Act {
  const shape = behaviour.shape ?? known.find(({ kind }) => kind === behaviour.kind)?.shape;
  const act = known.find((one) => one.kind === behaviour.kind && one.shape === shape);
  if (act === undefined) throw new Error(`${provider} never does ${behaviour.kind} ${behaviour.shape ?? ''}`.trim());
  return { ...behaviour, shape: act.shape };
}

async function record(req: IncomingMessage, raw: Buffer, at: number): Promise<RecordedRequest> {
  const url = new URL(req.url ?? '/', 'http://localhost');
  const headers = Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, String(value)]));
  const type = headers['content-type'] ?? '';
  return {
    method: req.method ?? 'GET',
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    headers,
    body: type.startsWith('multipart/') ? null : parseJson(raw),
    parts: type.startsWith('multipart/form-data') ? await readParts(raw, type) : null,
    at,
    role: 'other',
    act: null,
    status: null,
    ignored: [],
  };
}

function parseJson(raw: Buffer): JsonValue {
  try {
    // JSON.parse gives JSON.
    return JSON.parse(raw.toString()) as JsonValue;
  } catch {
    return null;
  }
}
