import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { fillGraph, type Graph } from '../../../src/core/engines/fill-graph.ts';
import { startComfyuiServer } from '../servers/comfyui-server.ts';
import { openAdapterWorld } from './adapter-world.ts';
import { type AdapterCase, behavioursOf, describeAdapter } from './describe-adapter.ts';
import { enginesFile } from './engines-file.ts';

const graphOf = (name: string): Graph =>
  JSON.parse(readFileSync(new URL(`engines/${name}.json`, import.meta.url), 'utf8')) as Graph; // A graph of ours.

/** The operator's graph with these inputs, and nothing else, in other places. */
function changed(name: string, inputs: Readonly<Record<string, JsonObject>>): JsonObject {
  const graph = graphOf(name);
  return Object.fromEntries(
    Object.entries(graph).map(([node, { class_type, inputs: saved }]) => [
      node,
      {
        class_type,
        inputs: { ...saved, ...inputs[node], ...(node === '9' ? { filename_prefix: 'gesso/<uuid>' } : {}) },
      },
    ]),
  );
}

const bodyOf = (prompt: JsonObject): JsonObject => ({ prompt, prompt_id: '<uuid>', client_id: 'gesso' });
const path = '/prompt';

const comfyui: AdapterCase = {
  startServer: startComfyuiServer,
  engines_file: enginesFile,
  keyless: true,
  text: 'comfyui/sdxl-comfy',
  edit: 'comfyui/inpaint',
  several: { n: 3 },
  unfinished: { kind: 'ok' },
  expected: {
    // The job has an id of ours, so that an answer that was lost loses nothing.
    'cut answer': 'delivered',
    'cut view': 'empty',
  },
  bodies: [
    {
      name: 'text to image fills the graph and leaves the rest as it is',
      raw: { negative_prompt: 'dogs', size: '1024x768' },
      calls: [
        {
          path,
          body: bodyOf(
            changed('text-to-image', {
              '3': { seed: 7000 },
              '5': { width: 1024, height: 768, batch_size: 1 },
              '6': { text: 'a cat' },
              '7': { text: 'dogs' },
            }),
          ),
        },
      ],
      sizes: [[1024, 768]],
    },
    {
      name: 'several pictures are one batch',
      raw: { n: 3, seed: 5, steps: 12 },
      calls: [
        {
          path,
          body: bodyOf(
            changed('text-to-image', {
              '3': { seed: 5, steps: 12 },
              '5': { width: 1024, height: 1024, batch_size: 3 },
              '6': { text: 'a cat' },
            }),
          ),
        },
      ],
    },
  ],
};

describeAdapter('comfyui', comfyui, await behavioursOf(comfyui.startServer));

it('uploads pictures and masks under the names of their content, and names them in the graph', async () => {
  const world = await openAdapterWorld(enginesFile);
  const server = await startComfyuiServer();
  onTestFinished(async () => {
    await server.close();
    await world.close();
  });
  await world.ask(world.adapterFor(server), server, 'comfyui/inpaint', {
    references: 1,
    masked: true,
    raw: { strength: 0.6 },
  });
  const uploads = server.requests.filter(({ role }) => role === 'upload');
  const [reference] = world.references;
  const name = `gesso/${reference?.blob_sha256}.png`;
  expect(uploads.map(({ parts }) => parts?.map((part) => part.text ?? part.filename))).toEqual([
    ['input', 'gesso', 'true', `${reference?.blob_sha256}.png`],
    ['input', 'gesso', 'true', `${reference?.blob_sha256}.png`],
  ]);
  const [submit] = server.requests.filter(({ role }) => role === 'submit');
  expect(submit?.body).toMatchObject({
    prompt: {
      '3': { inputs: { seed: 7000, denoise: 0.6 } },
      '10': { inputs: { image: name } },
      '11': { inputs: { image: name, channel: 'alpha' } },
    },
  });
});

it('makes the same picture again for the same seed, although the graph is cached', async () => {
  const world = await openAdapterWorld(enginesFile);
  const server = await startComfyuiServer();
  onTestFinished(async () => {
    await server.close();
    await world.close();
  });
  const adapter = world.adapterFor(server);
  for (const _ of [1, 2]) {
    const { outputs } = await world.ask(adapter, server, 'comfyui/sdxl-comfy', { raw: { seed: 5 } });
    expect(outputs).toHaveLength(1);
  }
});

it('fills only what is bound, and repeats the last picture in places that are left', () => {
  const graph: Graph = {
    a: { class_type: 'LoadImage', inputs: { image: 'x' } },
    b: { class_type: 'LoadImage', inputs: { image: 'y' } },
    c: { class_type: 'Sampler', inputs: { seed: 1, steps: 20 } },
    d: { class_type: 'PreviewImage', inputs: { images: ['c', 0] } },
  };
  const bindings = {
    prompt: ['c', 'text'] as [string, string],
    seed: ['c', 'seed'] as [string, string],
    images: [
      ['a', 'image'],
      ['b', 'image'],
    ] as [string, string][],
  };
  expect(
    fillGraph(graph, bindings, {
      values: { prompt: 'p', seed: 9, steps: 4 },
      images: ['one.png'],
      mask: null,
      id: 'i',
    }),
  ).toEqual({
    a: { class_type: 'LoadImage', inputs: { image: 'one.png' } },
    b: { class_type: 'LoadImage', inputs: { image: 'one.png' } },
    c: { class_type: 'Sampler', inputs: { seed: 9, steps: 20, text: 'p' } },
    d: { class_type: 'PreviewImage', inputs: { images: ['c', 0] } },
  });
});
