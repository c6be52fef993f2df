/** What each provider says to a request that breaks its documented rules: exact status, and what its body holds. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/contracts/json.ts';
import { type Ask, ask } from './ask.ts';
import type { ProviderServer } from './kit.ts';
import { samples } from './samples.ts';

/** Name, the call, status and a part of the body. Status 200 to 202 with no body: the call is fine. */
type Row = readonly [name: string, call: Ask, status: number, body?: object];

const png = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 9, g: 99, b: 199 } } })
    .png()
    .toBuffer();
const dataUri = (file: Buffer, type = 'image/png') => `data:${type};base64,${file.toString('base64')}`;
const [small, wide, masked] = await Promise.all([png(64, 64), png(345, 100), png(64, 64, 4)]);
const link = 'https://pictures.example/one.png';
const many = (count: number) => Array.from({ length: count }, (_, i) => `${link}?${i}`);

const ark = (rest: JsonObject): Ask => ({
  path: '/images/generations',
  json: { model: 'seedream-4-0-250828', prompt: 'a fox', ...rest },
});
const arkFault = (code: string, param = '') => ({ error: { code, param, type: 'BadRequest' } });

const fal = (rest: JsonObject, route = 'text-to-image'): Ask => ({
  path: `/fal-ai/bytedance/seedream/v4/${route}`,
  json: { prompt: 'a fox', ...rest },
});
const falFault = (type: string, ...loc: readonly (string | number)[]) => ({
  detail: [{ type, loc: ['body', ...loc] }],
});

const replicate = (input: JsonObject, rest: JsonObject = {}, headers = {}): Ask => ({
  path: '/models/bytedance/seedream-4/predictions',
  json: { input: { prompt: 'a fox', ...input }, ...rest },
  headers,
});
const replicateFault = (type: string, field: string) => ({
  title: 'Input validation failed',
  status: 422,
  invalid_fields: [{ type, field }],
});

const openai = (rest: JsonObject): Ask => ({
  path: '/images/generations',
  json: { model: 'gpt-image-2', prompt: 'a fox', ...rest },
});
const openaiFault = (param: string | null, code: string | null) => ({
  error: { type: 'invalid_request_error', param, code },
});
const openaiForm = (...fields: readonly (readonly [string, string | Buffer])[]): Ask => ({
  path: '/images/edits',
  form: [['model', 'gpt-image-2'], ['prompt', 'a fox'], ...fields],
});

const gemini = (
  config: JsonObject,
  parts: readonly JsonObject[] = [],
  model = 'gemini-3-pro-image',
  rest: JsonObject = {},
): Ask => ({
  path: `/v1beta/models/${model}:generateContent`,
  json: { contents: [{ role: 'user', parts: [{ text: 'a fox' }, ...parts] }], generationConfig: config, ...rest },
});
const geminiFault = (message: string) => ({
  error: { code: 400, status: 'INVALID_ARGUMENT', message: expect.stringContaining(message) },
});

const xai = (rest: JsonObject, route = 'generations'): Ask => ({
  path: `/images/${route}`,
  json: { model: 'grok-imagine-image', prompt: 'a fox', ...rest },
});
const xaiFault = (error: string) => ({
  code: 'Client specified an invalid argument',
  error: expect.stringContaining(error),
});
const picture = { url: link, type: 'image_url' };

const stability = (fields: readonly (readonly [string, string | Buffer])[], route = 'generate/sd3'): Ask => ({
  path: `/v2beta/stable-image/${route}`,
  form: [['prompt', 'a fox'], ...fields],
});
const stabilityFault = (...errors: readonly string[]) => ({ name: 'bad_request', errors });

const bfl = (rest: JsonObject, model = 'flux-2-pro'): Ask => ({
  path: `/v1/${model}`,
  json: { prompt: 'a fox', ...rest },
});
const bflFault = (name: string, type: string) => ({ detail: [{ loc: ['body', name], type }] });

const sd = (rest: JsonObject): Ask => ({ path: '/sdcpp/v1/img_gen', json: { prompt: 'a fox', ...rest } });
const comfy = (nodes: JsonObject, rest: JsonObject = {}): Ask => ({
  path: '/prompt',
  json: { prompt: nodes, ...rest },
});
const save = { '9': { class_type: 'SaveImage', inputs: {} } };
const a1111 = (rest: JsonObject, route = 'txt2img'): Ask => ({
  path: `/sdapi/v1/${route}`,
  json: { prompt: 'a fox', ...rest },
});
const like = (rest: JsonObject, route = 'generations'): Ask => ({
  path: `/images/${route}`,
  json: { prompt: 'a fox', ...rest },
});
const likeFault = (type: string, name: string) => ({ detail: [{ type, loc: ['body', name] }] });

const table: Readonly<Record<string, readonly Row[]>> = {
  byteplus: [
    ['edits have no route of their own', { path: '/images/edits', json: {} }, 404],
    [
      'an unknown model',
      ark({ model: 'seedream-9' }),
      404,
      { error: { code: 'InvalidEndpointOrModel.NotFound', type: 'NotFound' } },
    ],
    [
      'no prompt',
      { path: '/images/generations', json: { model: 'seedream-4-0-250828' } },
      400,
      arkFault('MissingParameter.prompt', 'prompt'),
    ],
    ['an unknown field', ark({ n: 2 }), 400, arkFault('InvalidParameter', 'n')],
    [
      'output_format is of 5.0',
      ark({ output_format: 'png' }),
      400,
      { error: { message: expect.stringContaining('`output_format` is not supported by the current model') } },
    ],
    ['guidance_scale is of 3.0', ark({ guidance_scale: 2.5 }), 400, arkFault('InvalidParameter', 'guidance_scale')],
    [
      'the free probe of a key',
      ark({ size: '1x1' }),
      400,
      { error: { message: expect.stringContaining('image size must be at least 921600 pixels') } },
    ],
    ['an area too large', ark({ size: '4096x4097' }), 400, arkFault('InvalidParameter', 'size')],
    ['a shape beyond 16:1', ark({ size: '5000x300' }), 400, arkFault('InvalidParameter', 'size')],
    ['a multiplication sign', ark({ size: '2048×2048' }), 400, arkFault('InvalidParameter', 'size')],
    ['the smallest area', ark({ size: '960x960' }), 200],
    ['the table’s widest 4K', ark({ size: '6240x2656' }), 200],
    ['an adaptive size', ark({ size: 'adaptive' }), 400, arkFault('InvalidParameter', 'size')],
    [
      'a tier of another model',
      ark({ model: 'seedream-4-5-251128', size: '1K' }),
      400,
      arkFault('InvalidParameter', 'size'),
    ],
    [
      'a reference too wide',
      ark({ image: dataUri(wide) }),
      400,
      {
        error: {
          message: expect.stringContaining('between 0.33 and 3.00, but received image with aspect ratio: 3.45 instead'),
        },
      },
    ],
    ['an upper-case type', ark({ image: dataUri(small, 'image/PNG') }), 400, arkFault('InvalidParameter', 'image')],
    ['eleven references', ark({ image: many(11) }), 400, arkFault('InvalidParameter', 'image')],
    ['ten references', ark({ image: many(10) }), 200],
    [
      'references and outputs beyond 15',
      ark({
        image: many(10),
        sequential_image_generation: 'auto',
        sequential_image_generation_options: { max_images: 6 },
      }),
      400,
      arkFault('InvalidParameter', 'image'),
    ],
    [
      'sixteen in a set',
      ark({ sequential_image_generation: 'auto', sequential_image_generation_options: { max_images: 16 } }),
      400,
      arkFault('InvalidParameter', 'sequential_image_generation_options.max_images'),
    ],
  ],
  fal: [
    ['an unknown app', { path: '/fal-ai/nothing/v1', json: {} }, 404, { detail: "Application 'nothing' not found" }],
    ['an unknown endpoint', fal({}, 'upscale'), 404, { detail: 'Path /seedream/v4/upscale not found' }],
    ['image_url is not image_urls', fal({ image_url: link }, 'edit'), 422, falFault('missing', 'image_urls')],
    ['seven pictures', fal({ num_images: 7 }), 422, falFault('less_than_equal', 'num_images')],
    ['no pictures', fal({ num_images: 0 }), 422, falFault('greater_than_equal', 'num_images')],
    [
      'a side beyond the schema',
      fal({ image_size: { width: 14_143, height: 512 } }),
      422,
      falFault('less_than_equal', 'image_size', 'width'),
    ],
    [
      'an area too large',
      fal({ image_size: { width: 4100, height: 4100 } }),
      422,
      falFault('less_than_equal', 'image_size'),
    ],
    [
      'an area too small',
      fal({ image_size: { width: 640, height: 640 } }),
      422,
      falFault('greater_than_equal', 'image_size'),
    ],
    ['an unknown preset', fal({ image_size: 'huge' }), 422, falFault('one_of', 'image_size')],
    [
      'inputs and outputs beyond 15',
      fal({ image_urls: many(10), num_images: 2, max_images: 3 }, 'edit'),
      422,
      falFault('less_than_equal', 'max_images'),
    ],
    ['a wrong type', fal({ seed: 'seven' }), 422, falFault('integer_type', 'seed')],
    ['no such request', { path: '/fal-ai/bytedance/requests/none/status' }, 404, { detail: 'Request not found' }],
  ],
  replicate: [
    ['an unknown model', { path: '/models/bytedance/seedream-9/predictions', json: { input: {} } }, 404],
    ['a size that is no tier', replicate({ size: '1024x1024' }), 422, replicateFault('enum', 'input.size')],
    ['an unknown ratio', replicate({ aspect_ratio: '5:4' }), 422, replicateFault('enum', 'input.aspect_ratio')],
    [
      'a side below 1024',
      replicate({ size: 'custom', width: 1000, height: 2000 }),
      422,
      replicateFault('number_gte', 'input.width'),
    ],
    [
      'a side above 4096',
      replicate({ size: 'custom', width: 2000, height: 4097 }),
      422,
      replicateFault('number_lte', 'input.height'),
    ],
    ['a seed', replicate({ seed: 1 }), 422, replicateFault('additional_property_not_allowed', 'input.seed')],
    ['a single reference', replicate({ image_input: link }), 422, replicateFault('invalid_type', 'input.image_input')],
    [
      'eleven references',
      replicate({ image_input: many(11) }),
      422,
      replicateFault('array_max_items', 'input.image_input'),
    ],
    [
      'references and outputs beyond 15',
      replicate({ image_input: many(10), sequential_image_generation: 'auto', max_images: 6 }),
      422,
      replicateFault('number_lte', 'input.max_images'),
    ],
    [
      'no prompt',
      { path: '/models/bytedance/seedream-4/predictions', json: { input: {} } },
      422,
      replicateFault('required', 'input.prompt'),
    ],
    [
      'a version on the official route',
      replicate({}, { version: 'x' }),
      422,
      replicateFault('additional_property_not_allowed', 'version'),
    ],
    [
      'a webhook without https',
      replicate({}, { webhook: 'http://a.example' }),
      422,
      replicateFault('format', 'webhook'),
    ],
    ['a wait beyond 60', replicate({}, {}, { prefer: 'wait=61' }), 400],
    ['a deadline below 5 s', replicate({}, {}, { 'cancel-after': '4s' }), 400],
    [
      'the generic route by version',
      { path: '/predictions', json: { version: 'bytedance/seedream-4', input: { prompt: 'a fox' } } },
      201,
    ],
    [
      'a model on the generic route',
      { path: '/predictions', json: { model: 'bytedance/seedream-4', input: { prompt: 'a fox' } } },
      422,
      replicateFault('required', 'version'),
    ],
  ],
  openai: [
    [
      'response_format',
      openai({ response_format: 'b64_json' }),
      400,
      {
        error: {
          message: "Unknown parameter: 'response_format'.",
          type: 'invalid_request_error',
          param: 'response_format',
          code: 'unknown_parameter',
        },
      },
    ],
    ['a seed', openai({ seed: 1 }), 400, openaiFault('seed', 'unknown_parameter')],
    ['an unknown model', openai({ model: 'dall-e-3' }), 404, { error: { code: 'model_not_found' } }],
    ['eleven pictures', openai({ n: 11 }), 400, openaiFault('n', 'integer_above_max_value')],
    ['an edge that is no multiple of 16', openai({ size: '1000x1000' }), 400, openaiFault('size', 'invalid_value')],
    ['an edge above 3840', openai({ size: '3856x2048' }), 400, openaiFault('size', 'invalid_value')],
    ['too few pixels', openai({ size: '640x640' }), 400, openaiFault('size', 'invalid_value')],
    ['a shape beyond 3:1', openai({ size: '3200x1024' }), 400, openaiFault('size', 'invalid_value')],
    ['a size within bounds', openai({ size: '1280x720' }), 200],
    [
      'a free size of an older model',
      openai({ model: 'gpt-image-1.5', size: '1280x720' }),
      400,
      openaiFault('size', 'invalid_value'),
    ],
    ['a quality of a newer model', openai({ quality: 'max' }), 400, openaiFault('quality', 'invalid_value')],
    ['a see-through background', openai({ background: 'transparent' }), 400, { error: { param: 'background' } }],
    ['a compressed PNG', openai({ output_compression: 50 }), 400, openaiFault('output_compression', 'invalid_value')],
    [
      'four partial pictures',
      openai({ stream: true, partial_images: 4 }),
      400,
      openaiFault('partial_images', 'integer_above_max_value'),
    ],
    ['an edit without a picture', openaiForm(), 400, openaiFault('image', 'missing_required_parameter')],
    ['an edit', openaiForm(['image[]', small], ['image[]', small], ['mask', masked]), 200],
    [
      'an edit that is moderated less',
      openaiForm(['image', small], ['moderation', 'low']),
      400,
      openaiFault('moderation', 'unknown_parameter'),
    ],
    ['`image` twice', openaiForm(['image', small], ['image', small]), 400, openaiFault('image', 'duplicate_parameter')],
    [
      'a mask without alpha',
      openaiForm(['image', small], ['mask', small]),
      400,
      openaiFault('mask', 'invalid_image_format'),
    ],
    [
      'a mask of another size',
      openaiForm(['image', wide], ['mask', masked]),
      400,
      openaiFault('mask', 'invalid_image_size'),
    ],
    [
      'a file that is no picture',
      openaiForm(['image', Buffer.from('text')]),
      400,
      openaiFault('image', 'unsupported_file_mimetype'),
    ],
    [
      'seventeen pictures',
      openaiForm(...many(17).map(() => ['image[]', small] as const)),
      400,
      openaiFault('image', 'array_above_max_length'),
    ],
    [
      'an edit in JSON',
      { path: '/images/edits', json: { model: 'gpt-image-2', prompt: 'a fox', images: [{ image_url: link }] } },
      200,
    ],
    [
      'a JSON edit with a bare string',
      { path: '/images/edits', json: { model: 'gpt-image-2', prompt: 'a fox', images: [link] } },
      400,
      openaiFault('images[0]', 'invalid_type'),
    ],
  ],
  gemini: [
    [
      'an unknown field',
      gemini({}, [], 'gemini-3-pro-image', { n: 2 }),
      400,
      geminiFault('Unknown name "n": Cannot find field.'),
    ],
    [
      'an unknown setting',
      gemini({ imageConfig: { size: '1K' } }),
      400,
      geminiFault('Unknown name "size" at \'generation_config.image_config\': Cannot find field.'),
    ],
    [
      'a lower-case tier',
      gemini({ imageConfig: { imageSize: '2k' } }),
      400,
      geminiFault('generation_config.image_config.image_size'),
    ],
    [
      'a tier on the first model',
      gemini({ imageConfig: { imageSize: '1K' } }, [], 'gemini-2.5-flash-image'),
      400,
      geminiFault('Unknown name "imageSize"'),
    ],
    ['an unknown ratio', gemini({ imageConfig: { aspectRatio: '8:1' } }), 400, geminiFault('aspect_ratio')],
    ['that ratio on a newer model', gemini({ imageConfig: { aspectRatio: '8:1' } }, [], 'gemini-nano-banana-2.1'), 200],
    [
      'a data URI as data',
      gemini({}, [{ inlineData: { mimeType: 'image/png', data: dataUri(small) } }]),
      400,
      geminiFault('Base64 decoding failed'),
    ],
    [
      'a reference that is no picture',
      gemini({}, [{ inlineData: { mimeType: 'image/png', data: 'aaaa' } }]),
      400,
      geminiFault('Unable to process input image'),
    ],
    [
      'fifteen references',
      gemini(
        {},
        many(15).map(() => ({ inlineData: { mimeType: 'image/png', data: 'aaaa' } })),
      ),
      400,
      geminiFault('Too many images'),
    ],
    ['an unknown model', gemini({}, [], 'imagen-4'), 404, { error: { status: 'NOT_FOUND' } }],
  ],
  xai: [
    ['size', xai({ size: '1024x1024' }), 400, { error: 'Argument not supported: size' }],
    ['a seed', xai({ seed: 1 }), 400, xaiFault('Argument not supported: seed')],
    ['an upper-case tier', xai({ resolution: '1K' }), 400, xaiFault('resolution')],
    ['quality on an older model', xai({ quality: 'low' }), 400, xaiFault('Argument not supported: quality')],
    ['quality on 2.0', xai({ model: 'grok-imagine-image-2.0', quality: 'low' }), 200],
    ['eleven pictures', xai({ n: 11 }), 400, xaiFault('n')],
    [
      'no prompt',
      { path: '/images/generations', json: { model: 'grok-imagine-image' } },
      422,
      { error: expect.stringContaining('missing field `prompt`') },
    ],
    ['an unknown model', xai({ model: 'grok-9' }), 404],
    [
      'an edit as multipart',
      {
        path: '/images/edits',
        form: [
          ['model', 'grok-imagine-image'],
          ['prompt', 'a fox'],
          ['image', small],
        ],
      },
      415,
    ],
    ['an edit', xai({ images: [picture, picture, picture] }, 'edits'), 200],
    ['four pictures to edit', xai({ images: [picture, picture, picture, picture] }, 'edits'), 400, xaiFault('images')],
    ['both spellings', xai({ image: picture, images: [picture] }, 'edits'), 400, xaiFault('Only one')],
  ],
  stability: [
    [
      'JSON',
      { path: '/v2beta/stable-image/generate/sd3', json: { prompt: 'a fox' } },
      400,
      stabilityFault('content-type: must be multipart/form-data'),
    ],
    [
      'a blank prompt',
      { path: '/v2beta/stable-image/generate/sd3', form: [['prompt', '']] },
      400,
      stabilityFault('prompt: must be at least 1 characters'),
    ],
    ['an unknown ratio', stability([['aspect_ratio', '4:3']]), 400, { name: 'bad_request' }],
    [
      'a seed beyond 2^32 - 2',
      stability([['seed', '4294967295']]),
      400,
      stabilityFault('seed: must be at most 4294967294'),
    ],
    ['a seed that is no number', stability([['seed', 'x']]), 400, stabilityFault('seed: must be a valid integer')],
    [
      'a picture in text-to-image',
      stability([['image', small]]),
      400,
      stabilityFault('image: is only allowed when mode is image-to-image'),
    ],
    [
      'image-to-image',
      stability([
        ['mode', 'image-to-image'],
        ['image', small],
        ['strength', '0.6'],
      ]),
      200,
    ],
    [
      'image-to-image without strength',
      stability([
        ['mode', 'image-to-image'],
        ['image', small],
      ]),
      400,
      stabilityFault('strength: is required when mode is image-to-image'),
    ],
    [
      'an inpainting',
      stability(
        [
          ['image', small],
          ['mask', small],
        ],
        'edit/inpaint',
      ),
      200,
    ],
    [
      'an edit beyond 2.5:1',
      stability([['image', wide]], 'edit/inpaint'),
      400,
      stabilityFault('image: aspect ratio must be between 1:2.5 and 2.5:1'),
    ],
    [
      'more than 10 MiB',
      stability([
        ['mode', 'image-to-image'],
        ['strength', '1'],
        ['image', Buffer.alloc(10 * 1024 ** 2)],
      ]),
      413,
      { name: 'payload_too_large' },
    ],
  ],
  bfl: [
    ['an unknown model', bfl({}, 'flux-9'), 404],
    ['no prompt', { path: '/v1/flux-2-pro', json: {} }, 422, bflFault('prompt', 'missing')],
    ['a side that is no multiple of 16', bfl({ width: 1000, height: 1024 }), 422, bflFault('width', 'value_error')],
    ['a side below 64', bfl({ width: 48 }), 422, bflFault('width', 'greater_than_equal')],
    ['more than 4 MP', bfl({ width: 2048, height: 2064 }), 422, bflFault('width', 'value_error')],
    [
      'a shape beyond 7:3',
      bfl({ aspect_ratio: '3:1' }, 'flux-kontext-pro'),
      422,
      bflFault('aspect_ratio', 'value_error'),
    ],
    ['a data URI', bfl({ input_image: dataUri(small) }), 422, bflFault('input_image', 'value_error')],
    ['bare base64', bfl({ input_image: small.toString('base64'), input_image_2: link }), 200],
    ['base64 of no picture', bfl({ input_image: 'aaaa' }), 422, bflFault('input_image', 'value_error')],
    ['a tier of FLUX 3', bfl({ resolution: '8k' }, 'flux-3-image-klein'), 422, bflFault('resolution', 'enum')],
    ['webp', bfl({ output_format: 'webp' }), 422, bflFault('output_format', 'enum')],
  ],
  'sd-server': [
    ['nine pictures', sd({ batch_count: 9 }), 400, { error: 'invalid value for batch_count' }],
    ['a side too large', sd({ width: 5000 }), 400, { error: 'invalid value for width' }],
    [
      'an OpenAI edit without a picture',
      { path: '/v1/images/edits', form: [['prompt', 'a fox']] },
      400,
      { error: 'at least one image[] required' },
    ],
    [
      'an OpenAI edit',
      {
        path: '/v1/images/edits',
        form: [
          ['prompt', 'a fox'],
          ['image[]', small],
        ],
      },
      200,
    ],
    [
      'an OpenAI size that cannot be read',
      { path: '/v1/images/generations', json: { prompt: 'a fox', size: 'big' } },
      200,
    ],
    ['txt2img', { path: '/sdapi/v1/txt2img', json: { prompt: 'a fox', batch_size: 2 } }, 200],
  ],
  comfyui: [
    ['no graph', { path: '/prompt', json: {} }, 400, { error: { type: 'no_prompt' } }],
    [
      'an id in capitals',
      comfy(save, { prompt_id: 'AAAAAAAA-0000-4000-8000-000000000000' }),
      400,
      { error: { type: 'invalid_prompt_id' } },
    ],
    ['a node without a class', comfy({ ...save, '4': { inputs: {} } }), 400, { error: { type: 'missing_node_type' } }],
    [
      'no output',
      comfy({ '3': { class_type: 'KSampler', inputs: {} } }),
      400,
      { error: { type: 'prompt_no_outputs' } },
    ],
    [
      'a picture that was never uploaded',
      comfy({ ...save, '10': { class_type: 'LoadImage', inputs: { image: 'a.png' } } }),
      400,
      { error: { type: 'prompt_outputs_failed_validation' }, node_errors: { '10': { class_type: 'LoadImage' } } },
    ],
    ['the path with /api', { ...comfy(save), path: '/api/prompt' }, 200],
    [
      'an upload',
      {
        path: '/upload/image',
        form: [
          ['image', small],
          ['overwrite', 'true'],
        ],
      },
      200,
      { name: 'picture.png', subfolder: '', type: 'input' },
    ],
  ],
  a1111: [
    ['an unknown sampler', a1111({ sampler_name: 'Nothing' }), 404, { detail: 'Sampler not found' }],
    [
      'a wrong type',
      a1111({ steps: 'many' }),
      422,
      { detail: [{ loc: ['body', 'steps'], type: 'type_error.integer' }] },
    ],
    [
      'an edit without a picture',
      a1111({}, 'img2img'),
      422,
      { detail: [{ loc: ['body', 'init_images'], type: 'value_error.missing' }] },
    ],
  ],
  localai: [
    ['a size that cannot be read', like({ size: 'big' }), 400, { error: { code: 400 } }],
    ['an edit has no route', like({}, 'edits'), 404],
  ],
  'vllm-omni': [
    ['a URL', like({ response_format: 'url' }), 422, likeFault('literal_error', 'response_format')],
    ['too many steps', like({ num_inference_steps: 201 }), 422, likeFault('less_than_equal', 'num_inference_steps')],
    [
      'an edit',
      {
        path: '/images/edits',
        form: [
          ['prompt', 'a fox'],
          ['image', small],
          ['mask_image', small],
        ],
      },
      200,
    ],
  ],
  sglang: [
    ['an edit without a picture', { path: '/images/edits', form: [['prompt', 'a fox']] }, 422],
    [
      'an edit by address',
      {
        path: '/images/edits',
        form: [
          ['prompt', 'a fox'],
          ['url', link],
        ],
      },
      200,
    ],
  ],
};

describe.each(Object.entries(table))('%s', (provider, rows) => {
  const sample = samples[provider];
  let server: ProviderServer;
  beforeAll(async () => {
    if (sample === undefined) throw new Error(`no sample of ${provider}`);
    server = await sample.start();
  });
  afterAll(() => server.close());

  const cases = rows.map(([name, call, status, body]) => ({ name, call, status, body: body ?? {} }));
  test.each(cases)('$name', async ({ call, status, body }) => {
    const before = server.submitted();
    const headers = { ...sample?.auth(server.key), ...call.headers };
    const first = await ask(server, { ...call, headers });
    // fal's queue takes anything: the model's answer is at the end of the job.
    const follow = provider === 'fal' && first.status === 200 ? sample?.follow : undefined;
    const answer = follow === undefined ? first : await follow(server, first, headers);
    expect(answer.status, answer.bytes.toString().slice(0, 300)).toBe(status);
    expect(answer.json).toMatchObject(body);
    // A call that breaks the rules takes no behaviour from the queue.
    if (status >= 300) expect(server.submitted()).toBe(before);
  });
});

test('every provider server has its rows', () => {
  expect(Object.keys(table).sort()).toEqual(Object.keys(samples).sort());
});
