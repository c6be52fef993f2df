/**
 * The samples that the product was asked for with, as their pages print them, with only base URL and key changed and a
 * prompt where the page leaves it empty.
 */
import OpenAI from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp();
});
afterAll(() => server.close());

async function sizeOf(url: string | undefined): Promise<string> {
  const answer = await fetch(url ?? '');
  expect(answer.status).toBe(200);
  const { width, height, format } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
  return `${width}x${height} ${format}`;
}

test('seed 001, curl: POST /openai/v1/images/generations', async () => {
  const answer = await fetch(`${server.url}/openai/v1/images/generations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${testKeys.test}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'seedream-4', prompt: 'A beautiful sunset over mountains', size: '1024x1024' }),
  });
  expect(answer.status).toBe(200);
  const body = (await answer.json()) as { created: number; data: { url: string }[] };
  expect(body.created).toBeGreaterThan(1_700_000_000);
  expect(await sizeOf(body.data[0]?.url)).toBe('1024x1024 png');
});

test.each(['seedream-4', 'gesso/sketch'])('seed 001, JavaScript, model %s', async (model) => {
  const client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/openai/v1` });
  const response = await client.images.generate({
    model,
    prompt: 'A beautiful sunset over mountains',
    size: '1024x1024',
  });
  expect(await sizeOf(response.data?.[0]?.url)).toBe('1024x1024 png');
});

test('seed 003, curl: no size', async () => {
  const answer = await fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${testKeys.test}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: 'bytedance/seedream-4.0', prompt: 'a cyberpunk cat' }),
  });
  expect(answer.status).toBe(200);
});

test('seed 003, the request body with every field', async () => {
  const answer = await fetch(`${server.url}/v1/images/generations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${testKeys.test}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      model: 'bytedance/seedream-4.0',
      prompt: 'A cyberpunk cat at sunset, cinematic lighting',
      n: 1,
      size: '1024x1024',
      response_format: 'b64_json',
    }),
  });
  const body = (await answer.json()) as { data: { b64_json?: string; url?: string }[] };
  expect(Object.keys(body.data[0] ?? {})).not.toContain('url');
  const { width, height } = await sharp(Buffer.from(body.data[0]?.b64_json ?? '', 'base64')).metadata();
  expect([width, height]).toEqual([1024, 1024]);
});

test('an empty prompt, as seed 001 leaves it, is 400 and says so', async () => {
  const client = new OpenAI({ apiKey: testKeys.test, baseURL: `${server.url}/openai/v1` });
  const failure = client.images.generate({ model: 'seedream-4', prompt: '', size: '1024x1024' });
  await expect(failure).rejects.toMatchObject({ status: 400, param: 'prompt' });
});
