/** Requests that must be refused, each with the status and code that it gets. Data: bad-input.test.ts sends them. */
import type { ErrorCode } from '../../src/core/errors.ts';
import { claimPngSize, makeFile, makePixels } from '../media/make-pictures.ts';

export interface BadRequest {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  /** Null sends no key at all; absent sends the test key. */
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | FormData;
  readonly status: number;
  readonly code: ErrorCode;
  readonly param?: string;
}

const GENERATE = '/v1/images/generations';
const EDIT = '/v1/images/edits';
const JSON_TYPE = { 'content-type': 'application/json' };

const good = { model: 'gesso/sketch', prompt: 'a red boat', size: '64x64' };

interface Refusal {
  readonly name: string;
  readonly status?: number;
  readonly code?: ErrorCode;
  readonly param?: string;
}

function generation(
  fields: Readonly<Record<string, unknown>>,
  { name, status = 400, code = 'invalid_value', param }: Refusal,
): BadRequest {
  const body = JSON.stringify({ ...good, ...fields });
  return { name, path: GENERATE, headers: JSON_TYPE, body, status, code, ...(param === undefined ? {} : { param }) };
}

function editJson(fields: Readonly<Record<string, unknown>>, refusal: Refusal): BadRequest {
  return { ...generation(fields, refusal), path: EDIT };
}

function rawJson(name: string, body: string, status = 400, code: ErrorCode = 'invalid_json'): BadRequest {
  return { name, path: GENERATE, headers: JSON_TYPE, body, status, code };
}

function form(
  name: string,
  parts: ReadonlyArray<readonly [string, string | Buffer, string?]>,
  { status = 400, code = 'invalid_image', param }: Omit<Refusal, 'name'> = {},
): BadRequest {
  const body = new FormData();
  for (const [field, value, file = 'upload'] of parts) {
    if (typeof value === 'string') body.append(field, value);
    else body.append(field, new Blob([Uint8Array.from(value)], { type: 'image/png' }), file);
  }
  for (const [field, value] of Object.entries(good))
    if (!parts.some(([used]) => used === field)) body.append(field, value);
  return { name, path: EDIT, body, status, code, ...(param === undefined ? {} : { param }) };
}

const types: BadRequest[] = [
  generation({ n: 0 }, { name: 'n = 0', param: 'n' }),
  generation({ n: 11 }, { name: 'n = 11', param: 'n' }),
  generation({ n: -1 }, { name: 'n = -1', param: 'n' }),
  generation({ n: 1.5 }, { name: 'n = 1.5', param: 'n' }),
  generation({ n: '2' }, { name: 'n as a text in JSON', param: 'n' }),
  generation({ n: [1] }, { name: 'n as a list', param: 'n' }),
  generation({ n: 1e308 }, { name: 'n beyond all bounds', param: 'n' }),
  generation({ prompt: 7 }, { name: 'a number as prompt', param: 'prompt' }),
  generation({ prompt: { text: 'x', images: [] } }, { name: 'an object as prompt (AI SDK 5)', param: 'prompt' }),
  generation({ prompt: ['x'] }, { name: 'a list as prompt', param: 'prompt' }),
  generation({ prompt: '' }, { name: 'an empty prompt', param: 'prompt' }),
  generation({ prompt: '  \n ' }, { name: 'a blank prompt', param: 'prompt' }),
  generation({ prompt: null }, { name: 'null as prompt', code: 'missing_required_parameter', param: 'prompt' }),
  generation({ prompt: 'x'.repeat(32_001) }, { name: 'a prompt of 32,001 characters', param: 'prompt' }),
  generation({ prompt: 'ab c'.repeat(200_000) }, { name: 'a prompt of 800,000 characters', param: 'prompt' }),
  generation({ prompt: 'A'.repeat(3_000_000) }, { name: 'a prompt of 3,000,000 letters', param: 'prompt' }),
  generation({ prompt: 'a\0b' }, { name: 'a NUL in the prompt', param: 'prompt' }),
  rawJson('half a surrogate pair in the prompt', '{"model":"gesso/sketch","prompt":"a\\ud800"}', 400, 'invalid_value'),
  generation({ model: '' }, { name: 'an empty model', param: 'model' }),
  generation({ model: 4 }, { name: 'a number as model', param: 'model' }),
  generation({ model: null }, { name: 'no model', code: 'missing_required_parameter', param: 'model' }),
  generation(
    { model: 'no-such-model' },
    { name: 'an unknown model', status: 404, code: 'model_not_found', param: 'model' },
  ),
  generation({ model: '../../etc/passwd' }, { name: 'a path as model', status: 404, code: 'model_not_found' }),
  generation({ model: '__proto__' }, { name: '__proto__ as model', status: 404, code: 'model_not_found' }),
  generation({ model: 'm'.repeat(5_000) }, { name: 'a model of 5,000 letters', param: 'model' }),
  generation({ size: '0x0' }, { name: 'size 0x0', param: 'size' }),
  generation({ size: '1x99999' }, { name: 'size 1x99999', param: 'size', code: 'unsupported_size' }),
  generation({ size: '8192x8192' }, { name: 'size 8192x8192', param: 'size', code: 'unsupported_size' }),
  generation({ size: '-1x5' }, { name: 'size -1x5', param: 'size' }),
  generation({ size: 'abc' }, { name: 'size abc', param: 'size' }),
  generation({ size: 'NaNxNaN' }, { name: 'size NaNxNaN', param: 'size' }),
  generation({ size: 512 }, { name: 'a number as size', param: 'size' }),
  generation({ size: 'custom' }, { name: 'size custom without width and height' }),
  generation({ size: undefined, aspect_ratio: '0:1' }, { name: 'aspect_ratio 0:1', param: 'aspect_ratio' }),
  generation({ size: undefined, aspect_ratio: 'wide' }, { name: 'aspect_ratio wide', param: 'aspect_ratio' }),
  generation({ size: undefined, resolution: 'huge' }, { name: 'resolution huge', param: 'resolution' }),
  generation({ seed: -1 }, { name: 'seed -1', param: 'seed' }),
  generation({ seed: 2 ** 32 }, { name: 'seed 2^32', param: 'seed' }),
  generation({ response_format: 'file' }, { name: 'response_format file', param: 'response_format' }),
  generation({ output_format: 'bmp' }, { name: 'output_format bmp', param: 'output_format' }),
  generation({ output_compression: 101 }, { name: 'output_compression 101', param: 'output_compression' }),
  generation({ simulate: 'rate_limitd' }, { name: 'a failure that cannot be simulated', param: 'simulate' }),
  generation({ stream: 'yes' }, { name: 'stream yes', param: 'stream' }),
  generation({ stream: true, partial_images: 4 }, { name: 'partial_images 4', param: 'partial_images' }),
  generation({ background: 'transparent', output_format: 'jpeg' }, { name: 'a transparent JPEG', param: 'background' }),
  generation({ provider: 'fal' }, { name: 'a text as provider', param: 'provider' }),
  generation({ provider: { sort: 'beauty' } }, { name: 'an unknown sort', param: 'provider.sort' }),
  generation({ labels: { a: 1 } }, { name: 'a number as label', param: 'labels.a' }),
  generation(
    { unknown_params: 'reject', sparkle: 9 },
    { name: 'an unknown parameter, rejected', code: 'unknown_parameter', param: 'sparkle' },
  ),
];

const bodies: BadRequest[] = [
  rawJson('an empty body', ''),
  rawJson('a cut body', '{"model":"gesso/sketch","prompt":"a'),
  rawJson('NaN in JSON', '{"model":"gesso/sketch","prompt":"x","n":NaN}'),
  rawJson('single quotes', "{'model':'gesso/sketch'}"),
  rawJson('a form as JSON', 'model=gesso/sketch&prompt=x'),
  rawJson('100,000 levels', '['.repeat(100_000)),
  rawJson('a list', '[1,2,3]', 400, 'invalid_value'),
  rawJson('a text', '"prompt"', 400, 'invalid_value'),
  rawJson('null', 'null', 400, 'invalid_value'),
  rawJson('__proto__ as a field', '{"model":"gesso/sketch","prompt":"x","__proto__":{"n":9}}', 400, 'invalid_value'),
  rawJson(
    '10,000 fields',
    `{${Array.from({ length: 10_000 }, (_, index) => `"f${index}":1`).join(',')}}`,
    413,
    'payload_too_large',
  ),
  rawJson(
    '3 MB beside the pictures',
    JSON.stringify({ ...good, tags: Array.from({ length: 30 }, () => 'a b '.repeat(25_000)) }),
    413,
    'payload_too_large',
  ),
  {
    name: 'a body said to be gzipped',
    path: GENERATE,
    headers: { ...JSON_TYPE, 'content-encoding': 'gzip' },
    body: JSON.stringify(good),
    status: 415,
    code: 'unsupported_content_type',
  },
  {
    name: 'XML',
    path: GENERATE,
    headers: { 'content-type': 'application/xml' },
    body: '<a/>',
    status: 415,
    code: 'unsupported_content_type',
  },
  {
    name: 'a form that is URL-encoded',
    path: GENERATE,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'a=b',
    status: 415,
    code: 'unsupported_content_type',
  },
  {
    name: 'multipart without a boundary',
    path: EDIT,
    headers: { 'content-type': 'multipart/form-data' },
    body: 'x',
    status: 400,
    code: 'invalid_multipart',
  },
  {
    name: 'multipart with a boundary of 300 letters',
    path: EDIT,
    headers: { 'content-type': `multipart/form-data; boundary=${'b'.repeat(300)}` },
    body: 'x',
    status: 400,
    code: 'invalid_multipart',
  },
  {
    name: 'multipart with a file that has no name',
    path: EDIT,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nContent-Disposition: form-data; filename="x"\r\n\r\nx\r\n--b--\r\n',
    status: 400,
    code: 'invalid_value',
  },
  {
    name: 'multipart that is cut',
    path: EDIT,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx',
    status: 400,
    code: 'invalid_multipart',
  },
  {
    name: 'multipart without parts',
    path: EDIT,
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: '--b--\r\n',
    status: 400,
    code: 'missing_required_parameter',
  },
];

async function pictures(): Promise<BadRequest[]> {
  const png = await makeFile('png');
  const bomb = claimPngSize(png, 30_000, 30_000);
  const gif = await makeFile('gif');
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://169.254.169.254/latest" width="9" height="9"/></svg>';
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta', 'latin1');
  const base64 = (bytes: Buffer | string): string => `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
  const mask = await makeFile('png', makePixels(32, 32));
  const big = await makeFile(
    'png',
    makePixels(700, 700, (x, y) => (x * y) % 256),
  );
  return [
    form('a truncated PNG', [['image', png.subarray(0, png.length / 2)]]),
    form('an empty file', [['image', Buffer.alloc(0)]]),
    form('a text file as image', [['image', Buffer.from('Once upon a time'), 'picture.png']]),
    form('a PNG bomb of 30,000 x 30,000', [['image', bomb]]),
    form('an SVG with an external reference', [['image', Buffer.from(svg), 'a.svg']]),
    form('a HEIC', [['image', heic, 'photo.heic']]),
    form('a truncated GIF', [['image', gif.subarray(0, 20)]]),
    form(
      'a mask of another size',
      [
        ['image', png],
        ['mask', mask],
      ],
      { code: 'invalid_value', param: 'mask' },
    ),
    form(
      'a text as mask',
      [
        ['image', png],
        ['mask', Buffer.from('no picture')],
      ],
      { param: 'mask' },
    ),
    form(
      'two masks',
      [
        ['image', png],
        ['mask', png],
        ['mask', png],
      ],
      { code: 'invalid_value', param: 'mask' },
    ),
    form(
      '17 references',
      Array.from({ length: 17 }, () => ['image[]', png] as const),
      { code: 'too_many_images' },
    ),
    form(
      'a file in a field that takes none',
      [
        ['image', png],
        ['prompt', png],
      ],
      { code: 'invalid_value', param: 'prompt' },
    ),
    form('an edit without a picture', [], { code: 'missing_required_parameter', param: 'image' }),
    form(
      'a form with n = eleven',
      [
        ['image', png],
        ['n', 'eleven'],
      ],
      { code: 'invalid_value', param: 'n' },
    ),
    form(
      'a form with n = 11',
      [
        ['image', png],
        ['n', '11'],
      ],
      { code: 'invalid_value', param: 'n' },
    ),
    form(
      'a form with a field named __proto__',
      [
        ['image', png],
        ['__proto__', '1'],
      ],
      { code: 'invalid_multipart' },
    ),
    form(
      'a form with 300 fields',
      [['image', png], ...Array.from({ length: 300 }, (_, index) => [`f${index}`, 'x'] as const)],
      { status: 413, code: 'payload_too_large' },
    ),
    form(
      'a prompt of 2 MB in a form',
      [
        ['image', png],
        ['prompt', 'a b '.repeat(500_000)],
      ],
      { code: 'invalid_value', param: 'prompt' },
    ),
    editJson({}, { name: 'a JSON edit without a picture', code: 'missing_required_parameter', param: 'image' }),
    editJson({ image: 7 }, { name: 'a number as image', param: 'image' }),
    editJson({ image: [] }, { name: 'no image in the list', code: 'missing_required_parameter', param: 'image' }),
    editJson(
      { images: [{ file_id: 'file-1' }] },
      { name: 'a file that is not there', status: 404, code: 'not_found', param: 'images[0].file_id' },
    ),
    editJson({ image: 'lorem ipsum' }, { name: 'words as image', param: 'image' }),
    editJson({ image: 'file:///etc/passwd' }, { name: 'a file URL', param: 'image' }),
    editJson(
      { image: 'data:image/png;base64,' },
      { name: 'an empty data URL', code: 'invalid_image_url', param: 'image' },
    ),
    editJson(
      { image: base64('no picture at all') },
      { name: 'a data URL of text', code: 'invalid_image', param: 'image' },
    ),
    editJson({ image: base64(svg) }, { name: 'a data URL of SVG', code: 'invalid_image', param: 'image' }),
    editJson({ image: base64(bomb) }, { name: 'a data URL of a bomb', code: 'invalid_image', param: 'image' }),
    editJson(
      { image: base64(big).slice(0, -4_000) },
      { name: 'a long data URL, truncated', code: 'invalid_image', param: 'image' },
    ),
    editJson(
      { image: 'http://127.0.0.1:1/a.png' },
      { name: 'a private address', code: 'invalid_image_url', param: 'image' },
    ),
    editJson(
      { image: 'http://169.254.169.254/latest/meta-data' },
      { name: 'the cloud metadata address', code: 'invalid_image_url', param: 'image' },
    ),
    editJson(
      { image: 'http://[::1]/a.png' },
      { name: 'a private IPv6 address', code: 'invalid_image_url', param: 'image' },
    ),
    editJson(
      { images: Array.from({ length: 17 }, () => base64(png)) },
      { name: '17 references in JSON', code: 'too_many_images' },
    ),
    editJson({ image: base64(png), mask: 'no' }, { name: 'words as mask', param: 'mask' }),
  ];
}

const strangers: BadRequest[] = [
  { name: 'no key', path: '/v1/models', method: 'GET', authorization: null, status: 401, code: 'invalid_api_key' },
  {
    name: 'an unknown key',
    path: '/v1/models',
    method: 'GET',
    authorization: 'Bearer sk-live-wrong',
    status: 401,
    code: 'invalid_api_key',
  },
  {
    name: 'Basic instead of Bearer',
    path: '/v1/models',
    method: 'GET',
    authorization: 'Basic YTpi',
    status: 401,
    code: 'invalid_api_key',
  },
  {
    name: 'Bearer without a key',
    path: '/v1/models',
    method: 'GET',
    authorization: 'Bearer',
    status: 401,
    code: 'invalid_api_key',
  },
  {
    name: 'a key of 7,000 letters',
    path: '/v1/models',
    method: 'GET',
    authorization: `Bearer ${'k'.repeat(7_000)}`,
    status: 401,
    code: 'invalid_api_key',
  },
  {
    name: 'an unknown key in api-key',
    path: '/v1/models',
    method: 'GET',
    authorization: null,
    headers: { 'api-key': 'nope' },
    status: 401,
    code: 'invalid_api_key',
  },
  {
    name: 'no key on a call with a body',
    path: GENERATE,
    authorization: null,
    headers: JSON_TYPE,
    body: '{"n":0}',
    status: 401,
    code: 'invalid_api_key',
  },
  {
    name: 'an admin key that generates',
    path: GENERATE,
    authorization: 'Bearer sk-admin-for-tests-only-0001',
    headers: JSON_TYPE,
    body: '{}',
    status: 403,
    code: 'scope_exceeded',
  },
  {
    name: 'simulate with a live key',
    path: GENERATE,
    authorization: 'Bearer sk-live-for-tests-only-0001',
    headers: JSON_TYPE,
    body: JSON.stringify({ ...good, simulate: 'timeout' }),
    status: 400,
    code: 'invalid_value',
    param: 'simulate',
  },
  {
    name: 'a live call without a provider',
    path: GENERATE,
    authorization: 'Bearer sk-live-for-tests-only-0001',
    headers: JSON_TYPE,
    body: JSON.stringify({ ...good, model: 'seedream-4', size: '1K' }),
    status: 503,
    code: 'no_provider_configured',
  },
];

const paths: BadRequest[] = [
  { name: 'an unknown path', path: '/v1/_stainless_unknown_path', method: 'GET', status: 404, code: 'unknown_url' },
  { name: 'an unknown path outside /v1', path: '/wp-login.php', method: 'GET', status: 404, code: 'unknown_url' },
  { name: 'GET on a POST endpoint', path: GENERATE, method: 'GET', status: 405, code: 'method_not_allowed' },
  { name: 'DELETE on the models', path: '/v1/models', method: 'DELETE', status: 405, code: 'method_not_allowed' },
  {
    name: 'PATCH under /openai',
    path: '/openai/v1/images/edits',
    method: 'PATCH',
    status: 405,
    code: 'method_not_allowed',
  },
  {
    name: 'an unknown model',
    path: '/v1/models/bytedance%2Fseedream-9',
    method: 'GET',
    status: 404,
    code: 'model_not_found',
  },
  {
    name: 'dot segments as model',
    path: '/v1/models/..%2F..%2Fetc',
    method: 'GET',
    status: 404,
    code: 'model_not_found',
  },
  {
    name: 'a model id that cannot be decoded',
    path: '/v1/models/%E0%A4%A',
    method: 'GET',
    status: 404,
    code: 'unknown_url',
  },
  {
    name: 'schema=maybe',
    path: '/v1/models/seedream-4?schema=maybe',
    method: 'GET',
    status: 400,
    code: 'invalid_value',
    param: 'schema',
  },
  {
    name: 'dryRun=perhaps',
    path: `${GENERATE}?dryRun=perhaps`,
    headers: JSON_TYPE,
    body: JSON.stringify(good),
    status: 400,
    code: 'invalid_value',
    param: 'dryRun',
  },
  {
    name: 'a picture that is not there',
    path: '/media/img_00000000000000000000000000.png',
    method: 'GET',
    status: 404,
    code: 'not_found',
  },
  {
    name: 'path traversal in media',
    path: '/media/..%2f..%2fetc%2fpasswd',
    method: 'GET',
    status: 404,
    code: 'not_found',
  },
  {
    name: 'path traversal in media, twice encoded',
    path: '/media/%252e%252e%252fetc.png',
    method: 'GET',
    status: 404,
    code: 'not_found',
  },
  { name: 'a NUL in media', path: '/media/img_0.png%00.html', method: 'GET', status: 404, code: 'not_found' },
  { name: 'a quote in media', path: "/media/img_0'%20or%20'1.png", method: 'GET', status: 404, code: 'not_found' },
  { name: 'an error page that is not there', path: '/errors/__proto__', method: 'GET', status: 404, code: 'not_found' },
];

export async function badRequests(): Promise<BadRequest[]> {
  return [...types, ...bodies, ...(await pictures()), ...strangers, ...paths];
}
