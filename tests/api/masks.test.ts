/** Masks through the whole server: whichever way round they come, each provider gets them as it wants them. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Applied } from '../../src/contracts/generation.ts';
import { makeFile, makePixels } from '../media/make-pictures.ts';
import { startBflServer } from '../providers/servers/bfl-server.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';
import { startOpenaiServer } from '../providers/servers/openai-server.ts';
import { startStabilityServer } from '../providers/servers/stability-server.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

const width = 256;
const height = 192;
/** The left half is to change. */
const alphaAt = (x: number) => (x < width / 2 ? 0 : 255);
const masks = {
  transparency: await makeFile('png', makePixels(width, height, alphaAt)),
  'black and white': await sharp(
    await makeFile(
      'png',
      makePixels(width, height, (x) => 255 - alphaAt(x)),
    ),
  )
    .extractChannel('alpha')
    .png()
    .toBuffer(),
};
const image = await makeFile('png', makePixels(width, height));

let servers: Readonly<Record<'stability' | 'bfl' | 'openai', ProviderServer>>;
let test: TestApp;

beforeAll(async () => {
  const [stability, bfl, openai] = await Promise.all([
    startStabilityServer(),
    startBflServer({ polls_until_done: 0 }),
    startOpenaiServer(),
  ]);
  servers = { stability, bfl, openai };
  test = await startTestApp({
    STABILITY_API_KEY: stability.key,
    STABILITY_BASE_URL: stability.base_url,
    BFL_API_KEY: bfl.key,
    BFL_BASE_URL: bfl.base_url,
    OPENAI_API_KEY: openai.key,
    OPENAI_BASE_URL: openai.base_url,
  });
});
afterAll(async () => {
  await test.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

async function edit(model: string, mask: Buffer | null, fields: Readonly<Record<string, string>> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ model, prompt: 'a cat', ...fields })) form.set(name, value);
  form.set('image', new File([new Uint8Array(image)], 'image.png', { type: 'image/png' }));
  if (mask !== null) form.set('mask', new File([new Uint8Array(mask)], 'mask.png', { type: 'image/png' }));
  const response = await fetch(`${test.url}/v1/images/edits`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}` },
    body: form,
  });
  // The answer's shape is the API's own; what is read of it is asserted.
  const answer = (await response.json()) as {
    readonly data?: readonly unknown[];
    readonly metadata?: { readonly executed_model: string; readonly applied: readonly Applied[] };
    readonly error?: { readonly message: string };
  };
  const told = answer.metadata?.applied.find(({ param }) => param === 'mask');
  return { status: response.status, answer, told };
}

/** Of each call since `from`, the mask that was sent. */
function masksSent(server: ProviderServer, from: number): Buffer[] {
  return server.requests
    .slice(from)
    .filter(({ role }) => role === 'submit')
    .map(({ body, parts }) => {
      const part = parts?.find(({ name }) => name === 'mask');
      const { mask } = (body ?? {}) as { readonly mask?: string }; // A JSON body is an object here.
      return part?.bytes ?? Buffer.from(mask ?? '', 'base64');
    });
}

const at = async (file: Buffer, channel: 0 | 'alpha', x: number) =>
  (await sharp(file).extractChannel(channel).raw().toBuffer())[x];

describe.each(Object.keys(masks) as (keyof typeof masks)[])('a mask in %s', (kind) => {
  it.each([
    ['stability/sd3.5-large-inpaint', 'stability'],
    ['bfl/flux-pro-1.0-fill', 'bfl'],
  ] as const)('reaches %s as a grey picture, white where something is to change', async (model, name) => {
    const from = servers[name].requests.length;
    const { status, answer, told } = await edit(model, masks[kind], { n: '2' });
    expect(status, JSON.stringify(answer)).toBe(200);
    expect(answer.data).toHaveLength(2);
    expect(told).toMatchObject({ behaviour: 'converted', from: true, to: true });
    const sent = masksSent(servers[name], from);
    expect(sent).toHaveLength(2);
    for (const file of sent) {
      expect(await sharp(file).metadata()).toMatchObject({
        format: 'png',
        channels: 1,
        width,
        height,
        hasAlpha: false,
      });
      expect([await at(file, 0, 0), await at(file, 0, width - 1)]).toEqual([255, 0]);
    }
  });

  it('reaches OpenAI with transparency', async () => {
    const from = servers.openai.requests.length;
    const { status, answer, told } = await edit('openai/gpt-image-2', masks[kind]);
    expect(status, JSON.stringify(answer)).toBe(200);
    expect(told?.behaviour).toBe(kind === 'transparency' ? 'passthrough' : 'converted');
    const [file = Buffer.alloc(0)] = masksSent(servers.openai, from);
    expect([await at(file, 'alpha', 0), await at(file, 'alpha', width - 1)]).toEqual([0, 255]);
    // What came as it is wanted is sent byte for byte.
    expect(file.equals(masks[kind])).toBe(kind === 'transparency');
  });
});

it('an offer that paints within a mask is left out where there is none', async () => {
  const { status, answer } = await edit('stable-diffusion-3.5-large', null);
  expect(status, JSON.stringify(answer)).toBe(200);
  expect(answer.metadata?.executed_model).toBe('stability/sd3.5-large-edit');
  const alone = await edit('flux-fill-pro', null);
  expect([alone.status, alone.answer.error?.message]).toEqual([400, expect.stringContaining('Send a mask')]);
});
