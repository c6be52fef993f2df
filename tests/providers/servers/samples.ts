/** One well-formed generating call of each provider, and how its answer is followed to the pictures. */
import { startA1111Server } from './a1111-server.ts';
import { startArkServer } from './ark-server.ts';
import { type Answer, type Ask, ask, stringsIn } from './ask.ts';
import { startBflServer } from './bfl-server.ts';
import { startComfyuiServer } from './comfyui-server.ts';
import { startFalServer } from './fal-server.ts';
import { startGeminiServer } from './gemini-server.ts';
import type { ProviderServer, ServerOptions } from './kit.ts';
import { startOpenaiLikeServer } from './openai-like-server.ts';
import { startOpenaiServer } from './openai-server.ts';
import { startReplicateServer } from './replicate-server.ts';
import { startSdServer } from './sd-server.ts';
import { startStabilityServer } from './stability-server.ts';
import { startXaiServer } from './xai-server.ts';

export interface Sample {
  start(options?: ServerOptions): Promise<ProviderServer>;
  /** Headers that carry the key. */
  auth(key: string): Readonly<Record<string, string>>;
  readonly call: Ask;
  /** Pixels that the call asks for. */
  readonly size: string;
  /** Status of a call with a wrong key; null where none is asked for. */
  readonly wrong_key: number | null;
  /** Follows a job to its last answer; absent where the first answer is the last. */
  follow?(server: ProviderServer, first: Answer, headers: Readonly<Record<string, string>>): Promise<Answer>;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const none = () => ({});

type Follow = NonNullable<Sample['follow']>;

/** Polls until `done`, ten times at most; a broken answer is asked for again, a silent one is not. */
async function poll(
  server: ProviderServer,
  path: string,
  headers: Readonly<Record<string, string>>,
  done: (answer: Answer) => boolean,
): Promise<Answer> {
  let answer = await ask(server, { path, headers, timeout_ms: 300 });
  for (let i = 0; i < 9 && !answer.timed_out && !(answer.status !== 0 && done(answer)); i++) {
    answer = await ask(server, { path, headers, timeout_ms: 300 });
  }
  return answer;
}

const text = (answer: Answer, name: string): string => String(answer.json[name] ?? '');

const followFal: Follow = async (server, first, headers) => {
  const status = await poll(server, text(first, 'status_url'), headers, ({ json }) => json.status === 'COMPLETED');
  return text(status, 'status') === 'COMPLETED' ? ask(server, { path: text(first, 'response_url'), headers }) : status;
};
const followReplicate: Follow = (server, first, headers) => {
  const done = ['succeeded', 'failed', 'canceled', 'aborted'];
  if (done.includes(text(first, 'status'))) return Promise.resolve(first);
  return poll(server, `/predictions/${text(first, 'id')}`, headers, (answer) => done.includes(text(answer, 'status')));
};
const followBfl: Follow = (server, first, headers) =>
  poll(
    server,
    text(first, 'polling_url'),
    headers,
    ({ json }) => !['Pending', 'Reasoning', 'Generating', undefined].includes(json.status?.toString()),
  );
const followSd: Follow = (server, first, headers) =>
  poll(server, text(first, 'poll_url'), headers, ({ json }) =>
    ['completed', 'failed', 'cancelled'].includes(String(json.status)),
  );
const followComfy: Follow = async (server, first, headers) => {
  const id = text(first, 'prompt_id');
  const answer = await poll(server, `/history/${id}`, headers, ({ json }) => json[id] !== undefined);
  const name = stringsIn(answer.json).find((one) => one.endsWith('.png'));
  return name === undefined ? answer : ask(server, { path: `/view?filename=${name}&subfolder=&type=output`, headers });
};

let graphs = 0;
/** A graph that was never queued before, or it would be answered from the cache. */
export const graph = () => ({
  '3': { class_type: 'KSampler', inputs: { seed: ++graphs } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 320, height: 256, batch_size: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0] } },
});

export const samples: Readonly<Record<string, Sample>> = {
  byteplus: {
    start: startArkServer,
    auth: bearer,
    call: {
      path: '/images/generations',
      json: { model: 'seedream-4-0-250828', prompt: 'a fox', size: '1280x720', watermark: false },
    },
    size: '1280x720',
    wrong_key: 401,
  },
  fal: {
    start: startFalServer,
    auth: (key) => ({ authorization: `Key ${key}` }),
    call: {
      path: '/fal-ai/bytedance/seedream/v4/text-to-image',
      json: { prompt: 'a fox', image_size: { width: 1280, height: 960 } },
    },
    size: '1280x960',
    wrong_key: 401,
    follow: followFal,
  },
  replicate: {
    start: startReplicateServer,
    auth: bearer,
    call: {
      path: '/models/bytedance/seedream-4/predictions',
      json: { input: { prompt: 'a fox', size: 'custom', width: 1024, height: 1536 } },
    },
    size: '1024x1536',
    wrong_key: 401,
    follow: followReplicate,
  },
  openai: {
    start: startOpenaiServer,
    auth: bearer,
    call: { path: '/images/generations', json: { model: 'gpt-image-2', prompt: 'a fox', size: '1024x1536' } },
    size: '1024x1536',
    wrong_key: 401,
  },
  gemini: {
    start: startGeminiServer,
    auth: (key) => ({ 'x-goog-api-key': key }),
    call: {
      path: '/v1beta/models/gemini-3-pro-image:generateContent',
      json: {
        contents: [{ role: 'user', parts: [{ text: 'a fox' }] }],
        generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '16:9', imageSize: '2K' } },
      },
    },
    size: '2752x1536',
    wrong_key: 400,
  },
  xai: {
    start: startXaiServer,
    auth: bearer,
    call: {
      path: '/images/generations',
      json: { model: 'grok-imagine-image', prompt: 'a fox', aspect_ratio: '1:1', resolution: '1k' },
    },
    size: '1024x1024',
    wrong_key: 400,
  },
  stability: {
    start: startStabilityServer,
    auth: (key) => ({ ...bearer(key), accept: 'application/json' }),
    call: {
      path: '/v2beta/stable-image/generate/sd3',
      form: [
        ['prompt', 'a fox'],
        ['model', 'sd3.5-large'],
        ['aspect_ratio', '1:1'],
        ['output_format', 'webp'],
      ],
    },
    size: '1024x1024',
    wrong_key: 401,
  },
  bfl: {
    start: startBflServer,
    auth: (key) => ({ 'x-key': key }),
    call: { path: '/v1/flux-2-pro', json: { prompt: 'a fox', width: 640, height: 480 } },
    size: '640x480',
    wrong_key: 401,
    follow: followBfl,
  },
  'sd-server': {
    start: startSdServer,
    auth: none,
    call: { path: '/sdcpp/v1/img_gen', json: { prompt: 'a fox', width: 320, height: 256, seed: 1 } },
    size: '320x256',
    wrong_key: null,
    follow: followSd,
  },
  comfyui: {
    start: startComfyuiServer,
    auth: none,
    // A getter: each call sends a graph of its own.
    get call() {
      return { path: '/prompt', json: { prompt: graph() } };
    },
    size: '320x256',
    wrong_key: null,
    follow: followComfy,
  },
  a1111: {
    start: (options) => startA1111Server({ ...options, basic: true }),
    auth: (key) => ({ authorization: `Basic ${Buffer.from(key).toString('base64')}` }),
    call: { path: '/sdapi/v1/txt2img', json: { prompt: 'a fox', width: 320, height: 256, steps: 4, seed: 7 } },
    size: '320x256',
    wrong_key: 401,
  },
  localai: {
    start: (options) => startOpenaiLikeServer({ ...options, engine: 'localai', guarded: true }),
    auth: bearer,
    call: { path: '/images/generations', json: { model: 'm', prompt: 'a fox', size: '320x256' } },
    size: '320x256',
    wrong_key: 401,
  },
  'vllm-omni': {
    start: (options) => startOpenaiLikeServer({ ...options, engine: 'vllm-omni', guarded: true }),
    auth: bearer,
    call: {
      path: '/images/generations',
      json: { model: 'm', prompt: 'a fox', size: '320x256', response_format: 'b64_json' },
    },
    size: '320x256',
    wrong_key: 401,
  },
  sglang: {
    start: (options) => startOpenaiLikeServer({ ...options, engine: 'sglang', guarded: true }),
    auth: bearer,
    call: {
      path: '/images/generations',
      json: { model: 'm', prompt: 'a fox', size: '320x256', response_format: 'b64_json' },
    },
    size: '320x256',
    wrong_key: 401,
  },
};
