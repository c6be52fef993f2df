/** The labs' own hosts through the whole server: what a client of OpenAI's API gets from OpenAI, Gemini and xAI. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { startGeminiServer } from './servers/gemini-server.ts';
import type { ProviderServer } from './servers/kit.ts';
import { startOpenaiServer } from './servers/openai-server.ts';
import { startXaiServer } from './servers/xai-server.ts';

interface Answer {
  readonly data?: readonly { readonly url?: string; readonly b64_json?: string; readonly width: number }[];
  readonly metadata?: { readonly executed_model: string; readonly warnings: readonly string[] };
  readonly error?: { readonly code: string; readonly message: string };
}

interface SentEvent {
  readonly type: string;
  readonly b64_json: string;
  readonly partial_image_index?: number;
}

let app: TestApp;
let servers: Readonly<Record<'openai' | 'gemini' | 'xai', ProviderServer>>;

beforeAll(async () => {
  const [openai, gemini, xai] = await Promise.all([startOpenaiServer(), startGeminiServer(), startXaiServer()]);
  servers = { openai, gemini, xai };
  app = await startTestApp({
    OPENAI_API_KEY: openai.key,
    OPENAI_BASE_URL: openai.base_url,
    GEMINI_API_KEY: gemini.key,
    GEMINI_BASE_URL: gemini.base_url,
    XAI_API_KEY: xai.key,
    XAI_BASE_URL: xai.base_url,
  });
});
afterAll(async () => {
  await app.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

const post = (path: string, fields: object) =>
  fetch(`${app.url}/v1/images/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a red boat', ...fields }),
  });

async function ask(path: string, fields: object): Promise<{ readonly status: number; readonly body: Answer }> {
  const answer = await post(path, fields);
  return { status: answer.status, body: (await answer.json()) as Answer }; // The shape is what this file asserts on.
}

const models = [
  ['gpt-image-2', 'openai/gpt-image-2'],
  ['nano-banana-pro', 'gemini/nano-banana-pro'],
  ['grok-imagine-image', 'xai/grok-imagine-image'],
] as const;

describe('drawing', () => {
  it.each(models)('%s', async (model, executed_model) => {
    const { status, body } = await ask('generations', { model, n: 2, size: '1024x1024' });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.data?.map(({ width }) => width)).toEqual([1024, 1024]);
    expect(body.metadata).toMatchObject({ executed_model, warnings: [] });
  });

  it('shows OpenAI’s own rough states, then the picture', async () => {
    const answer = await post('generations', { model: 'gpt-image-2', stream: true, partial_images: 2 });
    const events = (await answer.text())
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice('data: '.length)) as SentEvent); // As OpenAI's clients read them.
    expect(events.map(({ type, partial_image_index }) => [type, partial_image_index])).toEqual([
      ['image_generation.partial_image', 0],
      ['image_generation.partial_image', 1],
      ['image_generation.completed', undefined],
    ]);
    expect(new Set(events.map(({ b64_json }) => b64_json)).size).toBe(3);
    expect(servers.openai.requests.at(-1)?.body).toMatchObject({ stream: true, partial_images: 2 });
  });
});

describe('edits', () => {
  const edits = [
    ['gpt-image-2', 'openai/gpt-image-2-edit'],
    ['nano-banana-pro', 'gemini/nano-banana-pro'],
    ['grok-imagine-image', 'xai/grok-imagine-image-edit'],
  ] as const;

  it.each(edits)('%s', async (model, executed_model) => {
    const picture = await makeFile('png', makePixels(640, 640));
    const image = `data:image/png;base64,${picture.toString('base64')}`;
    const { status, body } = await ask('edits', { model, image: [image, image] });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.metadata).toMatchObject({ executed_model, warnings: [] });
  });
});

describe('refusals', () => {
  it.each([
    ['gpt-image-2', 'openai', 'refused_output', /^OpenAI refused this request \(output stage\).*Categories: sexual\.$/],
    [
      'nano-banana-pro',
      'gemini',
      'refused_input',
      /^Google Gemini API .*\(input stage\)\. Reason: PROHIBITED_CONTENT\.$/,
    ],
    [
      'grok-imagine-image',
      'xai',
      'refused_output',
      /^xAI .*\(output stage\)\. xAI's moderation withheld this picture\.$/,
    ],
  ] as const)('%s', async (model, provider, kind, message) => {
    servers[provider].act(kind);
    const { status, body } = await ask('generations', { model });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'content_policy_violation',
      message: expect.stringMatching(message),
    });
  });
});
