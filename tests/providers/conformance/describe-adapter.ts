/** What every adapter must answer: one suite, walked over everything that the provider's server can be told to do. */
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/contracts/json.ts';
import type { ProviderAdapter, ProviderJob } from '../../../src/contracts/provider.ts';
import type { FaultClass } from '../../../src/core/routing/outcomes.ts';
import { ProviderFault } from '../../../src/core/routing/provider-fault.ts';
import type { Behaviour, BehaviourKind } from '../servers/behaviours.ts';
import type { ProviderServer, ServerOptions } from '../servers/kit.ts';
import type { RecordedPart } from '../servers/multipart.ts';
import { type AdapterWorld, type Ask, type Asked, openAdapterWorld } from './adapter-world.ts';

/** `delivered`: all pictures; `some`: at least one, fewer than asked for; else the fault, or any of several. */
export type Expected = 'delivered' | 'some' | FaultClass | readonly FaultClass[];

export interface BodyRow extends Ask {
  readonly name: string;
  /** Absent = the case's own offer. */
  readonly pin?: string;
  /** One for each call, in any order. */
  readonly calls: readonly {
    readonly path: string;
    /**
     * `{ $reference: i }` stands for a reference as a data URL, `{ $base64: i }` for its bare base64. Of a form: a list of
     * its parts by name, `[name, text]` or `[name, file name, type, { $base64: i }]`.
     */
    readonly body: JsonObject | readonly FormRow[];
    readonly headers?: Readonly<Record<string, unknown>>;
  }[];
  /** Width and height of each picture that is delivered; absent = not looked at. */
  readonly sizes?: readonly (readonly [number, number])[];
}

export type FormRow = readonly [name: string, ...text_or_file: JsonValue[]];

export interface AdapterCase {
  readonly startServer: (options?: ServerOptions) => Promise<ProviderServer>;
  /** The file that declares an operator's own engine; absent = the provider is in the catalogue. */
  readonly engines_file?: string;
  /** True where no key is ever asked for. */
  readonly keyless?: boolean;
  /** The offer that draws from text. */
  readonly text: string;
  /** The offer that edits; null where the provider has none. */
  readonly edit: string | null;
  /** Asks for three pictures in one call; null where no call brings more than one. */
  readonly several: Ask['raw'] | null;
  /** Leaves a job that runs on after the call that made it; null where the provider has no jobs. */
  readonly unfinished: Behaviour | null;
  /** By `kind` or `kind shape`: what is not the usual. */
  readonly expected?: Readonly<Record<string, Expected>>;
  /** By `kind shape`: where the behaviour shows in another request than the plain one. */
  readonly asks?: Readonly<Record<string, Ask['raw']>>;
  readonly bodies: readonly BodyRow[];
}

/** What each kind of behaviour must come to, unless the case says otherwise. */
const usual: Readonly<Record<BehaviourKind, Expected>> = {
  ok: 'delivered',
  refused_input: 'content_policy',
  refused_output: 'content_policy',
  rate_limited: 'rate_limited',
  overloaded: 'overloaded',
  unavailable: ['unavailable', 'server_error'],
  auth: 'auth',
  account: 'account',
  config: 'config',
  invalid_request: 'invalid_request',
  offer_limit: 'offer_limit',
  empty: ['empty', 'empty_billed'],
  error_in_200: ['unavailable', 'server_error', 'empty'],
  partial: 'some',
  cut: 'outcome_unknown',
  html_error: 'server_error',
  not_an_image: ['empty', 'empty_billed'],
  dead_link: ['empty', 'empty_billed'],
  redirect_private: ['empty', 'empty_billed'],
  slow: 'delivered',
  silent: 'outcome_unknown',
  reset: 'outcome_unknown',
  job_lost: 'outcome_unknown',
  aborted: ['unavailable', 'outcome_unknown'],
  expired: ['empty', 'empty_billed'],
};

/** Wherever it happens, by the shape's name. */
const usualOfShape: Readonly<Record<string, Expected>> = {
  'cut link': ['empty', 'empty_billed'],
  'silent job': 'deadline',
  'silent poll': 'deadline',
  'cut poll': 'delivered',
  'reset poll': 'delivered',
  'html_error poll': 'delivered',
  'rate_limited poll': 'delivered',
  'unavailable poll': 'delivered',
};

/** Long enough for a picture on a busy machine; what is silent costs it in full. */
const SILENT_DEADLINE_MS = 300;

export function describeAdapter(name: string, given: AdapterCase, behaviours: readonly string[]): void {
  describe(`${name} as an adapter`, () => {
    let world: AdapterWorld;
    let server: ProviderServer;
    let adapter: ProviderAdapter;
    const start = async (options: ServerOptions = {}) => {
      server = await given.startServer(options);
      adapter = world.adapterFor(server);
    };
    const ask = (pin: string, asked: Ask = {}): Promise<Asked> => world.ask(adapter, server, pin, asked);
    beforeAll(async () => {
      world = await openAdapterWorld(given.engines_file);
    });
    afterAll(() => world.close());
    afterEach(() => server.close());

    describe('what is sent', () => {
      it.each(given.bodies)('$name', async ({ pin = given.text, calls, sizes, ...asked }) => {
        await start();
        const { outputs } = await ask(pin, asked);
        const submitted = server.requests.filter(({ role }) => role === 'submit');
        const expected = await Promise.all(
          calls.map(async (call) => ({ ...call, body: await filled(world, call.body) })),
        );
        expect(submitted.map(({ path, body, parts }) => ({ path, body: shortened(body ?? formOf(parts)) }))).toEqual(
          expect.arrayContaining(expected.map(({ path, body }) => ({ path, body: shortened(body) }))),
        );
        expect(submitted).toHaveLength(calls.length);
        for (const { headers } of calls) if (headers) expect(submitted[0]?.headers).toMatchObject(headers);
        expect(submitted.flatMap(({ ignored }) => ignored)).toEqual([]);
        if (sizes) expect(outputs.map(({ width, height }) => [width, height])).toEqual(sizes);
        expect(new Set(outputs.map(({ blob_sha256 }) => blob_sha256)).size).toBe(server.pictures.length);
      });
    });

    describe('what comes back', () => {
      it.each(behaviours)('%s', async (behaviour) => {
        await start();
        const [kind, shape] = behaviour.split(' ') as [BehaviourKind, string]; // As the server's list gives them.
        const expected =
          given.expected?.[behaviour] ?? given.expected?.[kind] ?? usualOfShape[behaviour] ?? usual[kind];
        const raw = given.asks?.[behaviour] ?? (kind === 'partial' ? given.several : null) ?? {};
        server.act({ kind, shape });
        const deadline = kind === 'silent' ? { deadline_ms: SILENT_DEADLINE_MS } : {};
        const asked = ask(given.text, { raw, ...deadline });
        if (expected === 'delivered' || expected === 'some') {
          const { outputs, missing } = await asked;
          expect(outputs.length).toBeGreaterThan(0);
          if (expected === 'delivered') expect(missing).toEqual([]);
          // The server counts whole pictures where nothing was to go wrong.
          if (['ok', 'slow', 'partial'].includes(kind)) expect(outputs).toHaveLength(server.pictures.length);
        } else {
          const fault = await asked.catch((error: unknown) => error);
          expect(fault).toBeInstanceOf(ProviderFault);
          const found = fault as ProviderFault; // Just seen.
          expect([expected].flat(), found.message).toContain(found.fault);
          // A refusal is told in the provider's words; what is the operator's stays his.
          if (found.fault === 'content_policy') expect(found.public_message).toBeTruthy();
          expect(found.public_message ?? '').not.toMatch(/billing|credit|balance|api key/i);
        }
        expect(server.submitted()).toBe(1);
      });

      it('has no behaviour that the list leaves out', async () => {
        await start();
        expect(server.behaviours.map((act) => `${act.kind} ${act.shape}`).sort()).toEqual([...behaviours].sort());
      });
    });

    it('knows that nothing was sent where nobody listens', async () => {
      await start();
      adapter = world.adapterFor(server, 'http://127.0.0.1:1');
      await expect(ask(given.text)).rejects.toMatchObject({ fault: 'unreachable' });
      expect(server.requests).toEqual([]);
    });

    it('ends when the work is aborted', async () => {
      await start();
      server.act('silent');
      const controller = new AbortController();
      const asked = ask(given.text, { signal: controller.signal }).catch((error: unknown) => error);
      await expect.poll(() => server.requests.length).toBeGreaterThan(0);
      controller.abort();
      expect(await asked).toMatchObject({ fault: 'outcome_unknown' });
    });

    if (given.keyless !== true) describeKey();
    if (given.unfinished !== null) describeJobs(given.unfinished);

    function describeKey(): void {
      it('says a wrong key for what it is', async () => {
        server = await given.startServer({ key: 'another' });
        adapter = world.adapterFor({ ...server, key: 'wrong' });
        await expect(ask(given.text)).rejects.toMatchObject({ fault: 'auth', public_message: null });
      });

      it('shows its key to no link', async () => {
        await start();
        await ask(given.text);
        const links = server.requests.filter(({ role }) => role === 'link');
        for (const { headers } of links) expect(JSON.stringify(headers)).not.toContain(server.key);
      });
    }

    function describeJobs(unfinished: Behaviour): void {
      /** The job of a call whose process ended as soon as the job was known. */
      const abandoned = async (): Promise<ProviderJob> => {
        const controller = new AbortController();
        let found: ProviderJob | null = null;
        const asked = ask(given.text, {
          signal: controller.signal,
          onJob: async (job) => {
            found = job;
            expect(server.requests.filter(({ role }) => role === 'poll')).toEqual([]);
            controller.abort();
          },
        });
        await expect(asked).rejects.toMatchObject({ fault: 'deadline' });
        if (found === null) throw new Error('no job was told');
        return found;
      };

      it('asks for a job again and submits nothing', async () => {
        await start();
        server.act(unfinished);
        const job = await abandoned();
        if (given.keyless !== true) expect(JSON.stringify(job)).not.toContain(server.key);
        const [call] = world.calls(given.text).calls;
        if (call === undefined) throw new Error('no call');
        const { pictures } = await world.resume(adapter, JSON.parse(JSON.stringify(job)) as ProviderJob, call); // As the database gives it back.
        expect(pictures).toHaveLength(1);
        expect(server.submitted()).toBe(1);
      });

      it('asks the provider to stop a job', async () => {
        await start();
        server.act(unfinished);
        await adapter.cancel?.(await abandoned());
        expect(server.requests.filter(({ role }) => role === 'cancel')).toHaveLength(
          adapter.cancel === undefined ? 0 : 1,
        );
      });
    }
  });
}

/** Some adapters name their jobs themselves. */
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

/** Pictures as their hashes, so that a difference can be read. */
function shortened(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (_, value: unknown) =>
    typeof value === 'string' && value.length > 500
      ? `${value.slice(0, 30)}... ${createHash('sha256').update(value).digest('hex')}`
      : typeof value === 'string'
        ? value.replace(uuid, '<uuid>')
        : value,
  );
}

function formOf(parts: readonly RecordedPart[] | null): readonly FormRow[] {
  const rows = (parts ?? []).map(
    ({ name, text, filename, content_type, bytes }): FormRow =>
      text === null ? [name, filename, content_type, bytes.toString('base64')] : [name, text],
  );
  return rows.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The expected body with the references' own bytes in it. */
async function filled(world: AdapterWorld, body: JsonObject | readonly FormRow[]): Promise<unknown> {
  const files = await Promise.all(world.references.map((_, index) => world.base64(index)));
  return JSON.parse(JSON.stringify(body), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const { $reference, $base64 } = value as { $reference?: number; $base64?: number }; // Any object may be looked into.
    if (typeof $base64 === 'number') return files[$base64];
    return typeof $reference === 'number'
      ? `data:${world.references[$reference]?.content_type};base64,${files[$reference]}`
      : value;
  });
}

/** `kind shape` of everything that the server can be told to do, as `describeAdapter` takes it. */
export async function behavioursOf(startServer: AdapterCase['startServer']): Promise<readonly string[]> {
  const server = await startServer();
  await server.close();
  return server.behaviours.map(({ kind, shape }) => `${kind} ${shape}`);
}
