import { expect, test } from 'vitest';
import { connect } from './connect.ts';
import { testWorld } from './test-world.ts';
import type { CliParts, RunningServer } from './world.ts';

const settings: CliParts['settings'] = async () => ({ PORT: 0, HOST: '127.0.0.1', GESSO_DATA_DIR: '/data' });

/** A server as it is found at each look; the last stays. */
function found(...servers: readonly (RunningServer | null)[]): CliParts['findServer'] {
  let look = 0;
  return async () => servers[Math.min(look++, servers.length - 1)] ?? null;
}

const starting = { pid: 42, url: null, local_token: 'token' };

test('a server that is still starting is waited for, and then asked as its owner', async () => {
  const seen: unknown[] = [];
  const fetchUrl: typeof fetch = async (url, init) => {
    seen.push([url, new Headers(init?.headers).get('authorization')]);
    return Response.json({});
  };
  const findServer = found(starting, starting, { ...starting, url: 'http://127.0.0.1:9' });
  const world = testWorld({ parts: { settings, findServer }, fetch: fetchUrl });
  const waits: string[] = [];
  const client = await connect(world, { mode: 'test', onWait: (what) => waits.push(what) });
  await client.json({ method: 'GET', path: '/v1/models' });
  expect(seen).toEqual([['http://127.0.0.1:9/v1/models', 'Bearer sk-local-test-token']]);
  expect(new Set(waits)).toEqual(new Set(['Waiting for another Gesso (process 42) to be done with /data']));
});

test('one that never answers is named, with what to do', async () => {
  const world = testWorld({ parts: { settings, findServer: found(starting) } });
  await expect(connect(world, { mode: 'live' })).rejects.toMatchObject({
    message: expect.stringContaining('process 42'),
    fix: expect.stringContaining('kill 42'),
  });
});

test('GESSO_API_KEY is used in place of the local token', async () => {
  const keys: (string | null)[] = [];
  const fetchUrl: typeof fetch = async (_url, init) => {
    keys.push(new Headers(init?.headers).get('authorization'));
    return Response.json({});
  };
  const findServer = found({ ...starting, url: 'http://127.0.0.1:9' });
  const world = testWorld({ env: { GESSO_API_KEY: 'sk-live-mine' }, parts: { settings, findServer }, fetch: fetchUrl });
  await (await connect(world, { mode: 'live' })).json({ method: 'GET', path: '/' });
  expect(keys).toEqual(['Bearer sk-live-mine']);
});
test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while the app starts here ends it whole', async (signal, code) => {
  let closed = 0;
  const { promise: started, resolve: start } = Promise.withResolvers<Awaited<ReturnType<CliParts['createApp']>>>();
  const world = testWorld({ parts: { settings, findServer: found(null), createApp: () => started } });
  const connecting = connect(world, { mode: 'live' });
  // The listener stands once the app is being made.
  await new Promise((resolve) => setImmediate(resolve));
  world.send(signal);
  expect(world.exits).toEqual([]);
  start({
    firstKeys: null,
    notes: [],
    localToken: () => 'sk-local-live-x',
    request: () => Promise.reject(new Error('nothing is asked')),
    listen: () => Promise.reject(new Error('nothing listens')),
    close: async () => void closed++,
  });
  await connecting;
  await new Promise((resolve) => setImmediate(resolve));
  expect({ closed, exits: world.exits }).toEqual({ closed: 1, exits: [code] });
});
