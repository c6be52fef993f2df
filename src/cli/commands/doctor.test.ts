import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cliParts } from '../../cli-parts.ts';
import { testWorld } from '../test-world.ts';
import type { CliParts, Environment } from '../world.ts';
import { runDoctor } from './doctor.ts';

/** A database is started, on machines that may have other work. */
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gesso-doctor-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Check {
  readonly check: string;
  readonly state: string;
  readonly text: string;
  readonly fix?: string;
}

/** What is slow or differs between machines is brought by the test; everything else is real. */
const quick: Partial<CliParts> = {
  probeDatabase: async () => ({ summary: 'embedded PostgreSQL', for_trying_out: false }),
  drawSample: async () => ({ width: 1, height: 2, data: Uint8Array.from([1, 2, 3, 255, 4, 5, 6, 255]) }),
  writableFormats: async () => ['png', 'jpeg', 'gif', 'webp', 'avif'],
  checkCatalog: async () => ({
    models: 2,
    offers: 3,
    providers: [
      { id: 'byteplus', variables: ['ARK_API_KEY', 'BYTEPLUS_API_KEY'] },
      { id: 'fal', variables: ['FAL_KEY'] },
      { id: 'gesso', variables: [] },
    ],
    faults: [],
  }),
};

async function examine(env: Environment = {}, parts: Partial<CliParts> = {}) {
  const world = testWorld({
    env: { GESSO_DATA_DIR: join(directory, 'data'), PORT: '0', ...env },
    parts: { ...cliParts, ...quick, ...parts },
  });
  const code = await runDoctor(world, { json: true });
  const { checks } = JSON.parse(world.out()) as { readonly checks: readonly Check[] };
  return { code, of: (name: string) => checks.find(({ check }) => check === name) };
}

test('on this machine, with everything real, there is no fault, and nothing is left in the data directory', async () => {
  const env = { GESSO_DATA_DIR: join(directory, 'data'), PORT: '0' };
  const world = testWorld({ env, parts: cliParts });
  expect(await runDoctor(world, { json: false })).toBe(0);
  expect(world.out()).toMatch(/^ok {6}engine {5}drew 64x64 in/m);
  expect(world.out()).toMatch(/^ok {6}formats {4}writes png, jpeg, gif, webp, avif$/m);
  expect(world.out()).toMatch(/^ok {6}data .* will be made on the first start$/m);
  expect((await examine(env)).of('data')?.text).toContain('will be made');
});

test('a port in use is a fault with a fix', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo; // It listens on a port, not on a pipe.
  const { code, of } = await examine({ PORT: String(port) });
  other.close();
  expect(code).toBe(1);
  expect(of('port')).toEqual({
    check: 'port',
    state: 'fault',
    text: `127.0.0.1:${port} is in use by another program`,
    fix: 'Stop that program, or set PORT to another number.',
  });
});

test.each<[string, Environment, Partial<CliParts>, string, RegExp]>([
  ['settings', { PORT: 'abc' }, {}, 'fault', /PORT must be a whole number/],
  ['settings', { GESSO_PRT: '1' }, {}, 'warning', /GESSO_PRT \(PORT\?\)/],
  ['settings', {}, {}, 'ok', /set: PORT, GESSO_DATA_DIR/],
  ['data', { GESSO_DATA_DIR: '/proc/nowhere' }, {}, 'fault', /\/proc\/nowhere cannot be written/],
  ['database', {}, { probeDatabase: () => Promise.reject(new Error('No way in.')) }, 'fault', /^No way in\.$/],
  [
    'database',
    {},
    { probeDatabase: async () => ({ summary: 'PGlite', for_trying_out: true }) },
    'warning',
    /^PGlite, opened in/,
  ],
  ['pictures', {}, {}, 'ok', /^files under GESSO_DATA_DIR, tried in/],
  ['pictures', { S3_BUCKET: 'b', S3_ACCESS_KEY_ID: 'k' }, {}, 'fault', /^Set both S3_ACCESS_KEY_ID and S3_SECRET/],
  ['pictures', {}, { probeMedia: () => Promise.reject(new Error('Make the bucket.')) }, 'fault', /^Make the bucket\.$/],
  ['formats', {}, { writableFormats: async () => ['png', 'jpeg', 'gif'] }, 'fault', /cannot write webp, avif/],
  ['fonts', {}, { loadFonts: async () => 0 }, 'fault', /no fonts/],
  ['engine', {}, { drawSample: async () => ({ width: 1, height: 2, data: new Uint8Array(8) }) }, 'fault', /blank/],
  ['providers', { FAL_KEY: 'x' }, {}, 'ok', /^keys for fal; none for byteplus \(ARK_API_KEY\)$/],
  ['providers', {}, {}, 'ok', /^no keys, so the built-in engine draws; none for byteplus/],
  ['providers', { BYTEPLUS_API_KEY: 'x', FAL_KEY: 'y' }, {}, 'ok', /^keys for byteplus, fal$/],
])('%s with %j is told', async (check, env, parts, state, text) => {
  const { code, of } = await examine(env, parts);
  expect(of(check)).toMatchObject({ state, text: expect.stringMatching(text) });
  expect(code).toBe(state === 'fault' ? 1 : 0);
});
