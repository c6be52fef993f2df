/** Lines of batch files hold bodies of the image endpoints: they are read and written by what reads and writes those. */
import type { BatchWire, LineContext, LineFault, ReadLine } from '../../contracts/batches.ts';
import type { MediaStore } from '../../contracts/media.ts';
import type { GenerationResult } from '../../contracts/services.ts';
import { type ErrorCode, errorTable, GessoError } from '../../core/errors.ts';
import { LongString } from '../../net/json/streaming-json.ts';
import type { ReceivePicture } from '../body/images-body.ts';
import { imagesBodyOf, readJsonWithPictures } from '../body/read-json-images-body.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { renderError } from '../error-renderer.ts';
import { openOwnLink } from '../media-links.ts';
import { parseImagesRequest } from '../parse-images-request.ts';
import { presentImages } from '../present/image-response.ts';
import { readPieces } from '../present/pieces.ts';
import { chooseResponseFormat } from '../present/response-format.ts';

type WireParts = Pick<HttpDependencies, 'catalog' | 'publicUrl'> & {
  readonly media: Pick<HttpDependencies['media'], 'store' | 'lookup'>;
  readonly limits: { readonly line_bytes_max: number; readonly references_max: number };
};

const CUSTOM_ID_CHARS_MAX = 512;
const ENDPOINTS = { '/v1/images/generations': 'generations', '/v1/images/edits': 'edits' } as const;

export function createBatchWire(parts: WireParts): BatchWire {
  return {
    readLine: (bytes, context) => readLine(parts, bytes, context),
    async *writeResult({ id, custom_id }, result, { request, settings }) {
      const format = chooseResponseFormat({
        requested: request.response_format,
        model: request.model,
        settings,
        user_agent: undefined,
      });
      if (format !== 'url') await requireBytes(parts.media.store, result);
      const head = JSON.stringify({ id, custom_id }).slice(0, -1);
      const answer = `,"response":{"status_code":200,"request_id":${JSON.stringify(result.id)},"body":`;
      yield* readPieces([head + answer, ...presentImages(result, format), '},"error":null}\n'], parts.media.store);
    },
    writeFailure({ id, custom_id }, { generation_id, code, message, param }) {
      const options = param === null ? {} : { param };
      const { status, body } = renderError(new GessoError(knownCode(code), message, options), parts.publicUrl());
      return lineOf({ id, custom_id, response: { status_code: status, request_id: generation_id, body }, error: null });
    },
    writeUndone: ({ id, custom_id }, error) => lineOf({ id, custom_id, response: null, error }),
  };
}

/** A line that is begun cannot be taken back. */
async function requireBytes(store: MediaStore, { pictures }: GenerationResult): Promise<void> {
  for (const { blob_sha256 } of pictures) if (!(await store.has(blob_sha256))) throw new GessoError('not_found');
}

async function readLine(
  { limits, media, publicUrl, catalog }: WireParts,
  bytes: AsyncIterable<Buffer>,
  { endpoint, mode, principal, receive }: LineContext,
): Promise<ReadLine> {
  const receiveOwn: ReceivePicture = async (source, param) =>
    receive(await openOwnLink(source, param, { media, publicUrl }), param);
  let value: unknown;
  try {
    value = await readJsonWithPictures(cap(bytes, limits.line_bytes_max), limits, receiveOwn, 'body.');
  } catch (error) {
    if (!(error instanceof GessoError)) throw error;
    return { custom_id: null, faults: [faultOfLine(error)], finish: null };
  }
  if (!isObject(value)) return { custom_id: null, faults: [notJson], finish: null };
  const { custom_id, method, url, body } = value;
  const isNamed = typeof custom_id === 'string' && custom_id !== '' && custom_id.length <= CUSTOM_ID_CHARS_MAX;
  const faults = [
    ...(isNamed ? [] : [wrong('custom_id', custom_id, `must be a text of 1 to ${CUSTOM_ID_CHARS_MAX} characters`)]),
    ...(method === 'POST' ? [] : [wrong('method', method, 'must be POST')]),
    ...(url === endpoint ? [] : [wrongUrl(url, endpoint)]),
    ...(isObject(body) ? [] : [wrong('body', body, 'must be an object, as the endpoint takes it')]),
  ];
  const finish = async () => {
    const read = await imagesBodyOf(body, limits, receiveOwn);
    const request = parseImagesRequest(read, ENDPOINTS[endpoint], principal, mode, catalog);
    if (request.stream) {
      throw new GessoError('invalid_value', 'A batch answers in a file: nothing can be streamed. Leave stream out.', {
        param: 'stream',
      });
    }
    return { request, inputs: { images: read.images, mask: read.mask } };
  };
  return { custom_id: isNamed ? custom_id : null, faults, finish: isObject(body) ? finish : null };
}

/** Throws `payload_too_large`: whoever reads lines skips the rest of this one. */
async function* cap(bytes: AsyncIterable<Buffer>, bytes_max: number): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > bytes_max) throw new GessoError('payload_too_large', `The line has more than ${bytes_max} bytes.`);
    yield chunk;
  }
}

const notJson: LineFault = {
  code: 'invalid_json_line',
  message: 'This line is not parseable as valid JSON: each line is one JSON object in UTF-8.',
  param: null,
};

function faultOfLine({ code, message, param }: GessoError): LineFault {
  return code === 'invalid_json' ? notJson : { code, message, param };
}

function wrong(param: string, value: unknown, what: string): LineFault {
  const code = value === undefined ? 'missing_required_parameter' : 'invalid_value';
  return { code, message: `${param} ${what}.`, param };
}

function wrongUrl(url: unknown, endpoint: string): LineFault {
  if (typeof url !== 'string') return wrong('url', url, `must be ${endpoint}, the endpoint of the batch`);
  const message = `The URL of this request, ${url.slice(0, 200)}, is not the endpoint of the batch, ${endpoint}.`;
  return { code: 'url_mismatch', message, param: 'url' };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof LongString);
}

function lineOf(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Rows outlive versions: a code that is gone counts as a failure of ours. */
function knownCode(code: string): ErrorCode {
  return Object.hasOwn(errorTable, code) ? (code as ErrorCode) : 'internal_error'; // a name of the table
}
