/** The operator's own engines through the whole server: declared in one file, asked at private addresses, like any provider. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ProviderServer } from '../providers/servers/kit.ts';
import { startOpenaiLikeServer } from '../providers/servers/openai-like-server.ts';
import { startSdServer } from '../providers/servers/sd-server.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let attic: ProviderServer;
let localai: ProviderServer;
let app: TestApp;
let directory: string;

beforeAll(async () => {
  attic = await startSdServer();
  localai = await startOpenaiLikeServer({ engine: 'localai', guarded: true });
  directory = await mkdtemp(join(tmpdir(), 'gesso-own-engines-'));
  const file = join(directory, 'engines.toml');
  const sizes = 'sizes = { side_min = 64, side_max = 1024, multiple = 16, default_tier = "0.25K" }';
  await writeFile(
    file,
    `
[[engines]]
id = "attic"
name = "The attic"
adapter = "sd-server"
base_url = "${attic.base_url}"
models = [{ id = "z-image", ${sizes} }]

[[engines]]
id = "localai"
adapter = "openai-compatible"
preset = "localai"
base_url = "${localai.base_url}"
key_variable = "LOCALAI_API_KEY"
models = [{ id = "z-image", upstream_model = "zit", price_usd = "0.001", ${sizes} }]

[[engines]]
id = "elsewhere"
adapter = "openai-compatible"
preset = "sglang"
base_url = "http://127.0.0.1:1/v1"
key_variable = "ELSEWHERE_API_KEY"
models = [{ id = "other" }]
`,
  );
  app = await startTestApp({ GESSO_ENGINES_FILE: file, LOCALAI_API_KEY: 'local-test-key' });
});

afterAll(async () => {
  await app.close();
  await Promise.all([attic.close(), localai.close(), rm(directory, { recursive: true })]);
});

let before = { attic: 0, localai: 0 };
beforeEach(() => {
  before = { attic: attic.submitted(), localai: localai.submitted() };
});
const made = () => ({
  attic: attic.submitted() - before.attic,
  localai: localai.submitted() - before.localai,
});

interface Answer {
  readonly data?: readonly { readonly width: number; readonly height: number }[];
  readonly metadata?: {
    readonly executed_model: string;
    readonly provider_name: string;
    readonly cost_micros: number;
    readonly attempts: readonly { readonly provider: string; readonly error_class?: string }[];
  };
  readonly error?: { readonly code: string; readonly message: string };
}

async function draw(
  body: Readonly<Record<string, unknown>>,
): Promise<{ readonly status: number; readonly body: Answer }> {
  const response = await fetch(`${app.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a cat', ...body }),
  });
  return { status: response.status, body: (await response.json()) as Answer }; // Shown by the assertions.
}

test('a model of one’s own is drawn by one’s own engine, and costs what its operator says', async () => {
  const { status, body } = await draw({ model: 'z-image', size: '320x256' });
  expect(status).toBe(200);
  expect(body.data).toMatchObject([{ width: 320, height: 256 }]);
  expect(body.metadata).toMatchObject({
    executed_model: 'attic/z-image',
    provider_name: 'The attic',
    cost_micros: 0,
  });
});

test('a pin asks the other engine, with its key and a price', async () => {
  const { body } = await draw({ model: 'localai/z-image' });
  expect(body.metadata).toMatchObject({ executed_model: 'localai/z-image', cost_micros: 1000 });
  expect(localai.requests.at(-1)?.headers.authorization).toBe('Bearer local-test-key');
});

test('an engine that breaks off costs nobody anything, so that the next one is asked', async () => {
  attic.act('reset');
  const { status, body } = await draw({ model: 'own/z-image', provider: { order: ['attic'] } });
  expect(status).toBe(200);
  expect(body.metadata?.attempts).toMatchObject([
    { provider: 'attic', error_class: 'unavailable' },
    { provider: 'localai' },
  ]);
  expect(made()).toEqual({ attic: 1, localai: 1 });
});

test('one that has a price is never asked beside another', async () => {
  localai.act('reset');
  const { status, body } = await draw({ model: 'own/z-image', provider: { order: ['localai'] } });
  expect({ status, code: body.error?.code }).toEqual({ status: 504, code: 'outcome_unknown' });
  expect(made()).toEqual({ attic: 0, localai: 1 });
});

test('an engine is asked for one thing at a time', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => draw({ model: 'attic/z-image' })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  const roles = attic.requests.slice(-12).map(({ role, path }) => (role === 'submit' ? 'submit' : path));
  // Between two submits the first job was asked for until it ended.
  const submits = roles.flatMap((role, index) => (role === 'submit' ? [index] : []));
  expect(submits).toHaveLength(3);
  for (const [i, at] of submits.entries()) {
    const next = submits[i + 1] ?? roles.length;
    expect(new Set(roles.slice(at + 1, next)).size).toBe(1);
    expect(next - at).toBe(4);
  }
});

test('the list of models says which engines are set up', async () => {
  const response = await fetch(`${app.url}/v1/models/own/z-image`, {
    headers: { authorization: `Bearer ${testKeys.live}` },
  });
  expect(await response.json()).toMatchObject({
    id: 'own/z-image',
    owned_by: 'own',
    offers: [
      { id: 'attic/z-image', configured: true },
      { id: 'localai/z-image', configured: true },
    ],
  });
  const { status, body } = await draw({ model: 'other' });
  expect({ status, code: body.error?.code }).toEqual({ status: 503, code: 'no_provider_configured' });
  expect(body.error?.message).toContain('ELSEWHERE_API_KEY');
});
