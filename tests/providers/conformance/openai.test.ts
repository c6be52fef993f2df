import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderServer } from '../servers/kit.ts';
import { startOpenaiServer } from '../servers/openai-server.ts';
import { type AdapterWorld, type Ask, openAdapterWorld } from './adapter-world.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';
import { runOnce } from './run-once.ts';

const path = '/v1/images/generations';
const base = { model: 'gpt-image-2', prompt: 'a cat', n: 1, size: '1024x1024', quality: 'medium' };
const followed = { stream: true, partial_images: 1 };

const openai: AdapterCase = {
  startServer: startOpenaiServer,
  text: 'openai/gpt-image-2',
  edit: 'openai/gpt-image-2-edit',
  several: { n: 3 },
  unfinished: null,
  asks: { 'cut before_completed': followed, 'refused_output event': followed, 'error_in_200 event': followed },
  bodies: [
    {
      name: 'text to image',
      calls: [
        {
          path,
          body: base,
          headers: { authorization: 'Bearer sk-test-key', 'content-type': 'application/json' },
        },
      ],
      sizes: [[1024, 1024]],
    },
    {
      name: 'n in one call, a size of its own, what only this provider knows',
      raw: { n: 3, size: '1920x1072', quality: 'hd', user: 'u1', moderation: 'low', background: 'opaque' },
      calls: [
        {
          path,
          body: {
            ...base,
            n: 3,
            size: '1920x1072',
            quality: 'high',
            safety_identifier: 'u1',
            moderation: 'low',
            background: 'opaque',
          },
        },
      ],
      sizes: [
        [1920, 1072],
        [1920, 1072],
        [1920, 1072],
      ],
    },
    {
      name: 'a format and how small; no seed, no style',
      pin: 'openai/gpt-image-2.6-flare',
      raw: {
        output_format: 'webp',
        output_compression: 60,
        seed: 7,
        style: 'vivid',
        quality: 'max',
        complexity: 'low',
      },
      calls: [
        {
          path,
          body: {
            ...base,
            model: 'gpt-image-2.6-flare',
            output_format: 'webp',
            output_compression: 60,
            quality: 'max',
            complexity: 'low',
          },
        },
      ],
    },
    {
      name: 'a size that is no multiple of 16 is made larger and reduced',
      raw: { size: '1000x800' },
      calls: [{ path, body: { ...base, size: '1008x800' } }],
      sizes: [[1000, 800]],
    },
    {
      name: 'rough states of a lone picture come as a stream',
      raw: followed,
      calls: [{ path, body: { ...base, ...followed } }],
      sizes: [[1024, 1024]],
    },
  ],
};

describeAdapter('openai', openai, await behavioursOf(startOpenaiServer));

interface FormRow extends Ask {
  readonly name: string;
  /** In order; a file is its name, its content type and the reference that it is. */
  readonly parts: readonly (readonly [name: string, value: string | readonly [string, string, number]])[];
}

const fields = [
  ['model', 'gpt-image-2'],
  ['size', '1024x1024'],
] as const;
const common = [
  ['prompt', 'a cat'],
  ['quality', 'medium'],
  ['n', '1'],
] as const;

describe('the forms that edits are', () => {
  let world: AdapterWorld;
  let server: ProviderServer;
  beforeAll(async () => {
    world = await openAdapterWorld();
  });
  afterAll(() => world.close());
  afterEach(() => server.close());

  it.each<FormRow>([
    {
      name: 'one reference',
      references: 1,
      raw: { size: '1:1' },
      parts: [...fields, ...common, ['image[]', ['image.png', 'image/png', 0]]],
    },
    {
      name: 'several references and a mask, small fields first',
      references: 3,
      masked: true,
      raw: { size: '1:1', user: 'u1', output_format: 'jpeg', moderation: 'low' },
      parts: [
        ...fields,
        ['safety_identifier', 'u1'],
        ['output_format', 'jpeg'],
        ...common,
        ['image[]', ['image.png', 'image/png', 0]],
        ['image[]', ['image.jpeg', 'image/jpeg', 1]],
        ['image[]', ['image.png', 'image/png', 2]],
        ['mask', ['mask.png', 'image/png', 0]],
      ],
    },
    {
      name: 'rough states',
      references: 1,
      raw: { size: '1:1', ...followed },
      parts: [
        ...fields,
        ['stream', 'true'],
        ['partial_images', '1'],
        ...common,
        ['image[]', ['image.png', 'image/png', 0]],
      ],
    },
  ])('$name', async ({ parts, name: _name, ...asked }) => {
    server = await startOpenaiServer();
    const { answer } = await runOnce(world, server, 'openai/gpt-image-2-edit', asked);
    expect(answer.pictures).toMatchObject([{ kind: 'kept' }]);
    const [request] = server.requests;
    const files = await Promise.all(world.references.map((_, index) => world.base64(index)));
    const expected = parts.map(([name, value]) =>
      typeof value === 'string' ? [name, value] : [name, value[0], value[1], files[value[2]]],
    );
    const sent = request?.parts?.map(({ name, text, filename, content_type, bytes }) =>
      text === null ? [name, filename, content_type, bytes.toString('base64')] : [name, text],
    );
    const isFile = (part: readonly unknown[]) => part.length > 2;
    expect(sent?.filter(isFile)).toEqual(expected.filter(isFile));
    expect(sent?.filter((part) => !isFile(part)).toSorted()).toEqual(
      expected.filter((part) => !isFile(part)).toSorted(),
    );
    expect(sent?.findIndex(isFile)).toBe(expected.findIndex(isFile));
    expect(request).toMatchObject({ path: '/v1/images/edits', ignored: [] });
    expect(request?.headers).toMatchObject({ 'content-length': expect.stringMatching(/^\d+$/) });
  });
});

describe('what OpenAI says beside its pictures', () => {
  let world: AdapterWorld;
  let server: ProviderServer;
  beforeAll(async () => {
    world = await openAdapterWorld();
  });
  afterAll(() => world.close());
  afterEach(() => server.close());

  it('counts tokens, and names the request', async () => {
    server = await startOpenaiServer();
    const { answer } = await runOnce(world, server, 'openai/gpt-image-2');
    // 20 tokens of text at 5 dollars a million, 193 of a picture at 30.
    expect(answer).toMatchObject({ billed_micros: 5_890, request_id: expect.stringMatching(/^req_/) });
  });

  it('shows rough states on the way, and the last alone is the picture', async () => {
    server = await startOpenaiServer();
    const { answer, partials } = await runOnce(world, server, 'openai/gpt-image-2', {
      raw: { stream: true, partial_images: 3 },
    });
    expect(partials.map(({ partial, picture }) => [partial, picture])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(partials.every(({ bytes }) => bytes > 0)).toBe(true);
    expect(answer.pictures).toMatchObject([{ kind: 'kept' }]);
    expect(answer.billed_micros).toBe(5_890);
  });

  it.each([
    ['refused_input', 'moderation_blocked', { stage: 'input', public_message: 'Categories: violence.' }],
    ['refused_output', 'moderation_blocked', { stage: 'output', public_message: 'Categories: sexual.' }],
    ['refused_output', 'event', { stage: 'output', public_message: 'Categories: sexual.' }],
    ['refused_output', 'unknown_stage', { stage: 'unknown', public_message: 'rejected by the safety system' }],
    ['rate_limited', 'retry_after', { retry_after_ms: 12_000, public_message: null }],
    ['rate_limited', 'retry_after_ms', { retry_after_ms: 1_500, public_message: null }],
    ['error_in_200', 'error', { fault: 'server_error', public_message: null }],
    ['account', 'insufficient_quota', { fault: 'account', public_message: null }],
    ['invalid_request', 'invalid_value', { fault: 'invalid_request', public_message: "Invalid value: 'huge'." }],
  ] as const)('%s %s', async (kind, shape, { public_message, ...fault }) => {
    server = await startOpenaiServer();
    server.act({ kind, shape });
    await expect(runOnce(world, server, 'openai/gpt-image-2')).rejects.toMatchObject({
      ...fault,
      public_message: public_message === null ? null : expect.stringContaining(public_message),
    });
  });

  it('refuses a field that it does not know in its own words', async () => {
    server = await startOpenaiServer();
    const asked = runOnce(world, server, 'openai/gpt-image-2', { raw: { style_reference: 'x' } });
    await expect(asked).rejects.toMatchObject({
      fault: 'invalid_request',
      public_message: "Unknown parameter: 'style_reference'.",
    });
  });
});
