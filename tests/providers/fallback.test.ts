/**
 * What follows each class of failure, with real adapters and servers that act the providers: what moves on reaches the
 * third provider, what stops makes exactly one call.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { startArkServer } from './servers/ark-server.ts';
import type { Behaviour, BehaviourKind } from './servers/behaviours.ts';
import { startFalServer } from './servers/fal-server.ts';
import type { ProviderServer } from './servers/kit.ts';
import { startReplicateServer } from './servers/replicate-server.ts';

interface World {
  readonly app: TestApp;
  readonly ark: ProviderServer;
  readonly fal: ProviderServer;
  readonly replicate: ProviderServer;
  /** Generating calls at the three, in this order. */
  submitted(): readonly number[];
}

interface Answer {
  readonly data?: readonly unknown[];
  readonly metadata?: {
    readonly executed_model: string;
    readonly attempts: readonly { readonly provider: string; readonly error_class?: string }[];
  };
  readonly error?: { readonly code: string; readonly message: string };
}

const worlds: World[] = [];
afterEach(async () => {
  for (const { app, ark, fal, replicate } of worlds.splice(0)) {
    await app.close();
    await Promise.all([ark, fal, replicate].map((server) => server.close()));
  }
});

/** A fresh server each time, since a provider that failed in some ways is asked last from then on. */
async function open(environment: Readonly<Record<string, string>> = {}, output_base_url?: string): Promise<World> {
  const [ark, fal, replicate] = await Promise.all([
    startArkServer(output_base_url === undefined ? {} : { output_base_url }),
    startFalServer({ polls_until_done: 0 }),
    startReplicateServer(),
  ]);
  const app = await startTestApp({
    ARK_API_KEY: ark.key,
    ARK_BASE_URL: ark.base_url,
    FAL_KEY: fal.key,
    FAL_BASE_URL: fal.base_url,
    REPLICATE_API_TOKEN: replicate.key,
    REPLICATE_BASE_URL: replicate.base_url,
    ...environment,
  });
  const world = {
    app,
    ark,
    fal,
    replicate,
    submitted: () => [ark, fal, replicate].map((server) => server.submitted()),
  };
  worlds.push(world);
  return world;
}

async function generate({ app }: World, body: Readonly<Record<string, unknown>> = {}) {
  const response = await fetch(`${app.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...first,
      prompt: 'a cat',
      provider: { order: ['byteplus', 'fal', 'replicate'] },
      ...body,
    }),
  });
  // What the server answers is what is tested.
  return { status: response.status, headers: response.headers, answer: (await response.json()) as Answer };
}

const first = { model: 'seedream-4', size: '1024x1024' };
/** Another offer at each provider, so that what closes one leaves it open. */
const second = { model: 'seedream-4.5', size: '2048x2048' };

async function expectThird(world: World, [ark, fal]: readonly [string, string], asked = first): Promise<void> {
  const { status, answer } = await generate(world, asked);
  expect(answer.metadata?.attempts.map(({ provider, error_class }) => [provider, error_class])).toEqual([
    ['byteplus', ark],
    ['fal', fal],
    ['replicate', undefined],
  ]);
  expect([status, answer.data?.length, answer.metadata?.executed_model]).toEqual([200, 1, `replicate/${asked.model}`]);
}

type Row = readonly [BehaviourKind, string, string];

/** So few that no breaker opens. */
const together: readonly (readonly Row[])[] = [
  [
    ['unavailable', 'unavailable', 'unavailable'],
    ['html_error', 'server_error', 'server_error'],
    ['error_in_200', 'unavailable', 'unavailable'],
    ['empty', 'empty', 'empty'],
  ],
  [
    ['not_an_image', 'empty', 'empty'],
    ['dead_link', 'empty', 'empty'],
    ['redirect_private', 'empty', 'empty'],
    ['offer_limit', 'offer_limit', 'offer_limit'],
  ],
];

/** These close an offer for a while, so that the second of each pair meets the other model. */
const pairs: readonly (readonly [Row, Row])[] = [
  [
    ['auth', 'auth', 'auth'],
    ['rate_limited', 'rate_limited', 'rate_limited'],
  ],
  [
    ['account', 'account', 'account'],
    ['overloaded', 'overloaded', 'overloaded'],
  ],
  [
    ['config', 'config', 'config'],
    ['unavailable', 'unavailable', 'unavailable'],
  ],
];

describe('what moves on', () => {
  it('failures of the call itself', async () => {
    const world = await open();
    for (const [index, rows] of together.entries()) {
      for (const [kind, ark, fal] of rows) {
        world.ark.act(kind);
        world.fal.act(kind);
        await expectThird(world, [ark, fal], index === 0 ? first : second);
      }
    }
    expect(world.submitted()).toEqual([8, 8, 8]);
  });

  it.each(pairs.map((rows) => [rows.map(([kind]) => kind).join(', '), rows] as const))('%s', async (_, rows) => {
    const world = await open();
    for (const [index, [kind, ark, fal]] of rows.entries()) {
      world.ark.act(kind);
      world.fal.act(kind);
      await expectThird(world, [ark, fal], index === 0 ? first : second);
    }
    expect(world.submitted()).toEqual([2, 2, 2]);
  });

  it('nobody listening', async () => {
    const world = await open({ ARK_BASE_URL: 'http://127.0.0.1:1', FAL_BASE_URL: 'http://127.0.0.1:1' });
    await expectThird(world, ['unreachable', 'unreachable']);
  });

  it('at every provider: 500, or 503 where all are at their limit, and nobody reads whose account it is', async () => {
    const world = await open({ GESSO_SLOT_WAIT_MS: '0' });
    for (const server of [world.ark, world.fal, world.replicate]) server.act('account');
    const { status, answer } = await generate(world);
    expect([status, answer.error?.code]).toEqual([500, 'all_providers_failed']);
    expect(JSON.stringify(answer)).not.toMatch(/balance|billing|overdue|top up/i);
    for (const server of [world.ark, world.fal, world.replicate]) server.act('rate_limited');
    const { status: busy, answer: said } = await generate(world, second);
    expect([busy, said.error?.code]).toEqual([503, 'providers_saturated']);
  });
});

describe('what stops after one call', () => {
  const stops: readonly (readonly [Behaviour, number, string])[] = [
    [{ kind: 'refused_input' }, 400, 'content_policy_violation'],
    [{ kind: 'refused_output' }, 400, 'content_policy_violation'],
    [{ kind: 'invalid_request' }, 400, 'invalid_value'],
    [{ kind: 'reset' }, 504, 'outcome_unknown'],
    [{ kind: 'cut', shape: 'answer' }, 504, 'outcome_unknown'],
  ];

  const names = ['byteplus', 'fal', 'replicate'];

  it('at each provider', async () => {
    const world = await open();
    const servers = [world.ark, world.fal, world.replicate];
    for (const [place, server] of servers.entries()) {
      const order = [...names.slice(place), ...names.slice(0, place)];
      for (const [behaviour, status, code] of stops) {
        const before = world.submitted();
        server.act(behaviour);
        const { status: got, answer, headers } = await generate(world, { provider: { order } });
        expect([got, answer.error?.code], `${behaviour.kind} at ${names[place]}`).toEqual([status, code]);
        if (code !== 'invalid_value') expect(headers.get('x-should-retry')).toBe('false');
        expect(world.submitted()).toEqual(before.map((count, at) => (at === place ? count + 1 : count)));
      }
    }
  });

  it('moves on after all where the caller wishes it', async () => {
    const world = await open();
    world.ark.act('refused_output', 'reset');
    const refused = await generate(world, { provider: { order: names, on_refusal: 'next' } });
    const unknown = await generate(world, { provider: { order: names, on_unknown: 'next' } });
    for (const { answer } of [refused, unknown]) expect(answer.metadata?.executed_model).toBe('fal/seedream-4');
    expect(world.submitted()).toEqual([2, 2, 0]);
  });
});

it('asks a host of pictures that stumbles again, and buys nothing twice', async () => {
  const asked: string[] = [];
  let world: World | null = null;
  const host = createServer((req, res) => {
    asked.push(req.url ?? '');
    if (asked.length === 1) res.writeHead(503).end('later');
    else if (asked.length === 2) req.socket.destroy();
    else res.writeHead(307, { location: new URL(req.url ?? '', world?.ark.base_url).href }).end();
  });
  await once(host.listen(0, '127.0.0.1'), 'listening');
  const { port } = host.address() as AddressInfo; // It listens on a port.
  world = await open({ GESSO_FETCH_ALLOW_HOSTS: `127.0.0.1:${port}` }, `http://127.0.0.1:${port}`);
  const { answer } = await generate(world);
  host.close();
  expect(answer.metadata?.executed_model).toBe('byteplus/seedream-4');
  expect(asked).toHaveLength(3);
  expect(world.submitted()).toEqual([1, 0, 0]);
});
