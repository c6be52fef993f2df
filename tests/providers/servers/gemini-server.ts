/** Gemini's generateContent for pictures: one picture a call, base64 in parts, refusals with status 200. */
import type { JsonObject, JsonValue } from '../../../src/contracts/json.ts';
import type { Act } from './behaviours.ts';
import { type FieldFault, type FieldRule, type FieldRules, isObject } from './check-fields.ts';
import { acts, badKey, googleError, modelNotFound, noKey, usage } from './gemini-answers.ts';
import { type Call, type ProviderServer, type ServerOptions, type Stage, startServer } from './kit.ts';
import { measurePicture, readBase64 } from './measure-picture.ts';
import type { Reply, Wire } from './wire.ts';

/** `base_url` has no path; the key is sent as `x-goog-api-key`. */
export function startGeminiServer(options: ServerOptions = {}): Promise<ProviderServer> {
  return startServer(options, (stage) => ({
    provider: 'gemini',
    base_path: '',
    key: 'AIza-test-key',
    unknown_fields: 'refuse',
    delivers: 'base64',
    acts,
    acted_by_routes: [{ ok: ['ok', 'thoughts', 'text_after'] }],
    authorized: ({ headers }, key) => headers['x-goog-api-key'] === key,
    unauthorized: ({ headers }) => (headers['x-goog-api-key'] === undefined ? noKey() : badKey()),
    notFound: () => ({
      status: 404,
      headers: { 'content-type': 'text/html; charset=UTF-8' },
      body: '<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title></html>',
    }),
    routes: [
      {
        method: 'POST',
        path: /^\/v1beta\/models\/(?<model>[\w.-]+):generateContent$/,
        role: 'submit',
        handle: (call) => generate(call, stage),
      },
    ],
  }));
}
interface Model {
  readonly tiers: readonly string[];
  readonly wide: boolean;
  readonly references_max: number;
}

const models: Readonly<Record<string, Model>> = {
  'gemini-2.5-flash-image': { tiers: [], wide: false, references_max: 3 },
  'gemini-3-pro-image': { tiers: ['1K', '2K', '4K'], wide: false, references_max: 14 },
  'gemini-3.1-flash-image': { tiers: ['512', '1K', '2K', '4K'], wide: true, references_max: 14 },
  'gemini-3.1-flash-lite-image': { tiers: ['1K'], wide: false, references_max: 14 },
  'gemini-nano-banana-2.1': { tiers: ['1K', '2K', '4K'], wide: true, references_max: 14 },
};

const ratios = '1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9'.split(' ');
const wideRatios = [...ratios, '1:4', '4:1', '1:8', '8:1'];

const text: FieldRule = { type: 'string' };
const media = (data: string): FieldRule => ({
  type: 'object',
  fields: { mimeType: text, [data]: { type: 'string', required: true } },
});
const contents: FieldRule = {
  type: 'array',
  required: true,
  min: 1,
  items: {
    type: 'object',
    fields: {
      role: { type: 'string', values: ['user', 'model'] },
      parts: {
        type: 'array',
        required: true,
        min: 1,
        items: {
          type: 'object',
          fields: {
            text,
            inlineData: media('data'),
            fileData: media('fileUri'),
            thought: { type: 'boolean' },
            thoughtSignature: text,
          },
        },
      },
    },
  },
};
const requestRules = ({ tiers, wide }: Model): FieldRules => ({
  contents,
  generationConfig: {
    type: 'object',
    fields: {
      responseModalities: { type: 'array', items: { type: 'string', values: ['IMAGE', 'TEXT'] } },
      imageConfig: {
        type: 'object',
        fields: {
          aspectRatio: { type: 'string', values: wide ? wideRatios : ratios },
          ...(tiers.length > 0 ? { imageSize: { type: 'string', values: tiers } } : {}),
        },
      },
      seed: { type: 'integer', min: -2_147_483_648, max: 2_147_483_647 },
      temperature: { type: 'number', min: 0, max: 2 },
      thinkingConfig: {
        type: 'object',
        fields: {
          thinkingLevel: { type: 'string', values: ['minimal', 'low', 'medium', 'high'] },
          includeThoughts: { type: 'boolean' },
        },
      },
    },
  },
  safetySettings: { type: 'array', items: { type: 'object', fields: { category: text, threshold: text } } },
  systemInstruction: { type: 'object' },
  tools: { type: 'array', items: { type: 'object' } },
});

async function generate(call: Call, stage: Stage): Promise<Reply> {
  const model = models[call.params.model ?? ''];
  if (model === undefined) return modelNotFound(call.params.model ?? '');
  const { body } = call;
  if (body === null)
    return googleError(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unexpected end of string.');
  const faults = stage.check(call, body, requestRules(model));
  // Names are judged while the body is parsed, values after.
  const first = faults.find(({ kind }) => kind === 'unknown') ?? faults[0];
  if (first !== undefined) return wordFault(first);
  const images = partsOf(body).filter((part) => part.inlineData !== undefined || part.fileData !== undefined);
  if (images.length > model.references_max) return acts.offer_limit?.too_many_images?.(call) ?? noKey();
  if (call.raw.length > inline_bytes_max) {
    return invalidArgument(`Request payload size exceeds the limit: ${inline_bytes_max} bytes.`);
  }
  for (const { inlineData } of images) {
    if (!isObject(inlineData)) continue;
    const bytes = readBase64(String(inlineData.data));
    if (bytes === null)
      return invalidArgument(
        "Invalid value at 'contents[0].parts[1].inline_data.data' (TYPE_BYTES), Base64 decoding failed",
      );
    if ((await measurePicture(bytes)) === null)
      return invalidArgument('Unable to process input image. Please retry or report it.');
  }
  return stage.perform(call, (act) => deliver(act, call.params.model ?? '', body, stage));
}

const inline_bytes_max = 20_971_520;
const invalidArgument = (message: string): Reply => googleError(400, 'INVALID_ARGUMENT', message);

function partsOf(body: JsonObject): readonly JsonObject[] {
  const list = (value: JsonValue | undefined): readonly JsonObject[] =>
    Array.isArray(value) ? value.filter(isObject) : [];
  return list(body.contents).flatMap((content) => list(content.parts));
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function wordFault({ kind, path, value }: FieldFault): Reply {
  const where = (parts: FieldFault['path']) =>
    parts.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${snake(part)}`)).join('');
  const parent = where(path.slice(0, -1));
  const message =
    kind === 'unknown'
      ? `Invalid JSON payload received. Unknown name "${path.at(-1)}"${parent === '' ? '' : ` at '${parent}'`}: Cannot find field.`
      : kind === 'required'
        ? `* GenerateContentRequest.${where(path)}: is not specified\n`
        : `Invalid value at '${where(path)}', ${JSON.stringify(value)?.slice(0, 80)}`;
  const violation = { field: where(kind === 'unknown' ? path.slice(0, -1) : path), description: message };
  return googleError(400, 'INVALID_ARGUMENT', message, [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [violation] },
  ]);
}

/** Portrait and landscape pixels of the 1K tier; 2K and 4K are two and four times these. */
const pixels: Readonly<Record<'legacy' | 'tiered', Readonly<Record<string, readonly [number, number]>>>> = {
  legacy: {
    '1:1': [1024, 1024],
    '2:3': [832, 1248],
    '3:4': [864, 1184],
    '4:5': [896, 1152],
    '9:16': [768, 1344],
    '9:21': [672, 1536],
  },
  tiered: {
    '1:1': [1024, 1024],
    '2:3': [848, 1264],
    '3:4': [896, 1200],
    '4:5': [928, 1152],
    '9:16': [768, 1376],
    '9:21': [672, 1584],
    '1:4': [512, 2048],
    '1:8': [352, 2928],
  },
};

function sizeOf(model: string, body: JsonObject): { width: number; height: number } {
  const config =
    isObject(body.generationConfig) && isObject(body.generationConfig.imageConfig)
      ? body.generationConfig.imageConfig
      : {};
  const ratio = String(config.aspectRatio ?? '1:1');
  const table = pixels[model === 'gemini-2.5-flash-image' ? 'legacy' : 'tiered'];
  const turned = table[ratio] === undefined;
  const [short, long] = table[turned ? ratio.split(':').reverse().join(':') : ratio] ?? [1024, 1024];
  const scale = { '512': 0.5, '2K': 2, '4K': 4 }[String(config.imageSize)] ?? 1;
  const [width, height] = turned ? [long, short] : [short, long];
  return { width: width * scale, height: height * scale };
}

async function deliver(act: Act, model: string, body: JsonObject, { gallery, next }: Stage): Promise<Reply> {
  const size = sizeOf(model, body);
  const inline = async (of: Act) => {
    const data = (await gallery.make(of, { ...size, format: 'png' })).base64();
    return { mimeType: 'image/png', data };
  };
  const parts: Wire[] = [{ inlineData: await inline(act), thoughtSignature: 'c2lnbmF0dXJl' }];
  // Interim pictures are marked, wherever they stand; the last unmarked one is the answer.
  const draft: Act = { kind: 'empty', shape: 'draft' };
  if (act.shape === 'thoughts') {
    parts.unshift(
      { text: 'Thinking about it.', thought: true },
      { inlineData: await inline(draft), thought: true },
      { text: 'A first version.' },
      { inlineData: await inline(draft) },
      { text: 'Here you are.' },
    );
    parts.push({ inlineData: await inline(draft), thought: true });
  }
  if (act.shape === 'text_after') parts.push({ text: 'I hope that you like it.' });
  const tokens = model === 'gemini-2.5-flash-image' ? 1290 : 1120;
  const thoughts = act.shape === 'thoughts' ? { thoughtsTokenCount: 300 } : {};
  const usageMetadata = {
    ...usage,
    ...thoughts,
    candidatesTokenCount: tokens,
    totalTokenCount: tokens + 8 + (thoughts.thoughtsTokenCount ?? 0),
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: tokens }],
  };
  const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }];
  return { status: 200, json: { candidates, usageMetadata, modelVersion: model, responseId: `response-${next()}` } };
}
