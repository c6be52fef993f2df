import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { GessoError } from '../../core/errors.ts';
import { LongString, readStreamingJson, type StreamingJsonOptions } from './streaming-json.ts';

interface Taken {
  readonly path: string;
  readonly bytes: Buffer;
}

const LONG = 64;

function options(change: Partial<StreamingJsonOptions<Taken>> = {}): StreamingJsonOptions<Taken> {
  return {
    picture_string_bytes_min: LONG,
    text_string_bytes_max: 400,
    inline_bytes_max: 4_000,
    depth_max: 8,
    onLongString: async (path, stream) => ({ path, bytes: await buffer(stream) }),
    ...change,
  };
}

async function* cut(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Long strings as `{path, text}`, so that a whole value can be compared. */
function shown(value: unknown): unknown {
  if (value instanceof LongString) {
    const taken = value.result as Taken;
    return { path: taken.path, text: taken.bytes.toString() };
  }
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}

async function read(
  text: string | Buffer,
  size = 7,
  change: Partial<StreamingJsonOptions<Taken>> = {},
): Promise<unknown> {
  return shown(await readStreamingJson(cut(text, size), options(change)));
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof GessoError ? error.code : String(error)),
  );
}

const picture = `data:image/png;base64,${'iVBORw0KGgo/'.repeat(20)}`;

describe('readStreamingJson', () => {
  const documents: readonly unknown[] = [
    { prompt: 'a lighthouse', n: 2, flag: true, nothing: null, deep: [{ a: [1, 2.5e3, -1] }] },
    { prompt: 'quotes " and \\ and / and \n and é and 😀 \u2028', empty: '', '': 'empty key' },
    [],
    'only a string',
    { text: 'words with spaces, not base64! '.repeat(10) },
  ];
  it.each(documents.map((document) => [document]))('reads what JSON.parse reads: %j', async (document) => {
    for (const size of [1, 2, 3, 7, 1000]) expect(await read(JSON.stringify(document), size)).toEqual(document);
  });

  it('takes long strings out wherever they stand, at every chunk size', async () => {
    const body = JSON.stringify({
      images: [{ image_url: picture }, { image_url: { url: picture } }],
      prompt: 'x',
      mask: picture,
    });
    for (const size of [1, 2, 3, 5, 64, 65, 100_000]) {
      expect(await read(body, size)).toEqual({
        images: [
          { image_url: { path: 'images[0].image_url', text: picture } },
          { image_url: { url: { path: 'images[1].image_url.url', text: picture } } },
        ],
        prompt: 'x',
        mask: { path: 'mask', text: picture },
      });
    }
  });

  it('undoes escapes of long strings, also those cut by a chunk', async () => {
    const slashes = JSON.stringify({ image: picture }).replaceAll('/', '\\/');
    const units = `{"image":"${[...picture].map((letter) => `\\u00${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')}"}`;
    for (const body of [slashes, units]) {
      for (const size of [1, 2, 3, 4, 5, 6, 7, 11, 5_000]) {
        expect(await read(body, size)).toEqual({ image: { path: 'image', text: picture } });
      }
    }
  });

  it('is not confused by an escaped quote or backslash at a chunk boundary', async () => {
    const text = `${'A'.repeat(100)}\\"\\\\`;
    const body = `{"image":"${text}","b":"\\\\"}`;
    for (let size = 1; size < body.length; size += 1) {
      expect(await read(body, size)).toEqual({ image: { path: 'image', text: `${'A'.repeat(100)}"\\` }, b: '\\' });
    }
  });

  it('keeps a string of exactly the limit, and a text beyond it that is no base64', async () => {
    const edge = 'A'.repeat(LONG);
    expect(await read(JSON.stringify({ image: edge }))).toEqual({ image: edge });
    expect(await read(JSON.stringify({ image: `${edge}A` }))).toEqual({ image: { path: 'image', text: `${edge}A` } });
    const prose = 'a boat, a bay. '.repeat(25);
    expect(await read(JSON.stringify({ prompt: prose }))).toEqual({ prompt: prose });
    const escaped = JSON.stringify({ prompt: '一只纸船' }).replace(/[^ -~]/g, (letter) =>
      `\\u${letter.charCodeAt(0).toString(16)}`.repeat(15),
    );
    expect(escaped.length).toBeGreaterThan(350);
    expect(await read(escaped)).toEqual(JSON.parse(escaped));
    const endless = 'a boat, a bay. '.repeat(40);
    expect(await read(JSON.stringify({ prompt: endless }))).toEqual({ prompt: { path: 'prompt', text: endless } });
  });

  it('drops a byte order mark', async () => {
    expect(await read(`\uFEFF{"a":1}`)).toEqual({ a: 1 });
  });

  it('leaves a forged placeholder as the text it is', async () => {
    expect(await read(JSON.stringify({ prompt: '\uE000long:5', image: picture }))).toMatchObject({
      prompt: '\uE000long:5',
    });
  });

  const broken: ReadonlyArray<readonly [string, string | Buffer, string]> = [
    ['nothing', '', 'invalid_json'],
    ['blanks', '  \n', 'invalid_json'],
    ['a cut object', '{"a":', 'invalid_json'],
    ['a cut string', '{"a":"b', 'invalid_json'],
    ['a cut long string', `{"a":"${picture}`, 'invalid_json'],
    ['a bare word', 'prompt=x', 'invalid_json'],
    ['NaN', '{"n":NaN}', 'invalid_json'],
    ['a trailing comma', '{"n":1,}', 'invalid_json'],
    ['bytes that are no UTF-8', Buffer.from('{"a":"\xe9"}', 'latin1'), 'invalid_json'],
    ['two documents', '{}{}', 'invalid_json'],
    ['too many levels', '['.repeat(9), 'invalid_json'],
    ['a million levels', '['.repeat(1_000_000), 'invalid_json'],
    ['an escape that is none', `{"image":"${picture}\\x"}`, 'invalid_json'],
    ['half an escape', `{"image":"${picture}\\u00"}`, 'invalid_json'],
    ['a raw control character', '{"a":"\u0001"}', 'invalid_json'],
    [
      'too much beside the pictures',
      JSON.stringify(Array.from({ length: 400 }, () => 'twelve bytes')),
      'payload_too_large',
    ],
  ];
  it.each([
    ['{"a":secret}', "The body is not valid JSON (Unexpected token 's')."],
    [
      '{a:"secret"}',
      "The body is not valid JSON (Expected property name or '}' in JSON at position 1 (line 1 column 2)).",
    ],
  ])('says of %j where it breaks, and quotes none of it', async (body, message) => {
    await expect(read(body)).rejects.toThrow(message);
  });

  it.each(broken)('refuses %s', async (_name, body, expected) => {
    expect(await code(read(body))).toBe(expected);
    expect(await code(read(body, 100_000))).toBe(expected);
  });

  it('stops as soon as the taker fails, without reading the rest', async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"image":"');
      while (given < 1_000) {
        given += 1;
        yield Buffer.alloc(100_000, 'A');
      }
    }
    const reading = readStreamingJson(endless(), {
      ...options(),
      onLongString: async (path) => {
        throw new GessoError('payload_too_large', undefined, { param: path });
      },
    });
    expect(await code(reading)).toBe('payload_too_large');
    expect(given).toBeLessThan(20);
  });

  it('lets a taker ignore a string', async () => {
    const body = JSON.stringify({ prompt: 'A'.repeat(3_000_000), n: 1 });
    const value = await read(body, 50_000, { onLongString: async (path) => ({ path, bytes: Buffer.alloc(0) }) });
    expect(value).toEqual({ prompt: { path: 'prompt', text: '' }, n: 1 });
  });

  it('tells the taker when the source breaks', async () => {
    let told: unknown = null;
    async function* breaking(): AsyncGenerator<Buffer> {
      yield Buffer.from(`{"image":"${picture}`);
      throw new Error('connection reset');
    }
    const reading = readStreamingJson(breaking(), {
      ...options(),
      onLongString: async (path, stream) => ({
        path,
        bytes: await buffer(stream).catch((error: unknown) => {
          told = error;
          throw error;
        }),
      }),
    });
    await expect(reading).rejects.toThrow('connection reset');
    await new Promise(setImmediate);
    expect(told).toMatchObject({ message: 'connection reset' });
  });

  it('reads a body of 100 MB no faster than it is taken', async () => {
    const piece = Buffer.alloc(64 * 1024, 'QUJD');
    let sent = 0;
    let taken = 0;
    let held = 0;
    async function* big(): AsyncGenerator<Buffer> {
      yield Buffer.from('{"image":"data:image/png;base64,');
      for (; sent < 100_000_000; sent += piece.length) yield piece;
      yield Buffer.from('"}');
    }
    await readStreamingJson<null>(big(), {
      ...options(),
      onLongString: async (_path, stream) => {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          taken += chunk.length;
          held = Math.max(held, sent - taken);
          if (taken % 16 === 0) await new Promise(setImmediate);
        }
        return null;
      },
    });
    expect(taken).toBeGreaterThan(100_000_000);
    expect(held).toBeLessThan(1_000_000);
  });
});
