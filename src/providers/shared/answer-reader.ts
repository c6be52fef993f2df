/** Reads an answer as it comes: pictures inside JSON go into the media store, only the small rest is ever in memory. */
import type { Readable } from 'node:stream';
import type { CallContext, ProviderResponse } from '../../contracts/provider.ts';
import { GessoError } from '../../core/errors.ts';
import { ProviderFault } from '../../core/routing/provider-fault.ts';
import { LongString, readStreamingJson } from '../../net/json/streaming-json.ts';
import { EventLines } from './event-lines.ts';
import { KeptPicture, keepBase64 } from './kept-picture.ts';
import { sendFault } from './send-fault.ts';

export interface AnswerReader {
  readonly provider: string;
  readonly body: Readable;
  readonly keep: CallContext['keep'];
  readonly may_bill: boolean;
}

const LIMITS = {
  picture_string_bytes_min: 16 * 1024,
  text_string_bytes_max: 1024 * 1024,
  inline_bytes_max: 4 * 1024 * 1024,
  depth_max: 64,
};
/** Long strings that are no pictures of the answer: what we sent and get back, signatures of thoughts, logs. */
const UNWANTED = /(?:^|\.)(?:input|logs|\w*signature)(?=[.[]|$)/i;

export function readAsJson(reader: AnswerReader): Promise<unknown> {
  return readJson(reader.body, reader);
}

export async function* readAsEvents(reader: AnswerReader): ReturnType<ProviderResponse['events']> {
  const lines = new EventLines(reader.body);
  try {
    for (;;) {
      const next = await lines.nextData();
      if (next === null) return;
      yield { event: next.event, data: await readJson(next.data, reader, true) };
    }
  } catch (error) {
    throw sendFault(error, reader.provider, reader.may_bill);
  } finally {
    reader.body.destroy();
  }
}

/** `hasBegun`: what stands between events is no proxy's page, since the provider is at work. */
async function readJson(
  source: AsyncIterable<Buffer>,
  { provider, keep, may_bill }: AnswerReader,
  hasBegun = false,
): Promise<unknown> {
  const seen = { first: 0 };
  try {
    const value = await readStreamingJson<KeptPicture>(noting(source, seen), {
      ...LIMITS,
      onLongString: async (path, stream) => (UNWANTED.test(path) ? new KeptPicture(null) : keepBase64(stream, keep)),
    });
    return unwrap(value);
  } catch (error) {
    if (!(error instanceof GessoError)) throw sendFault(error, provider, may_bill);
    // What begins as JSON was cut or is damaged; what does not is some proxy's page, or nothing at all.
    const isJson = hasBegun || seen.first === 0x7b || seen.first === 0x5b;
    throw new ProviderFault(isJson && may_bill ? 'outcome_unknown' : 'server_error', `${provider}: ${error.message}`, {
      cause: error,
    });
  }
}

/** Notes the first byte that is no blank. */
async function* noting(source: AsyncIterable<Buffer>, seen: { first: number }): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    if (seen.first === 0) seen.first = chunk.find((byte) => byte > 0x20) ?? 0;
    yield chunk;
  }
}

function unwrap(value: unknown): unknown {
  if (value instanceof LongString) return value.result;
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, unwrap(item)]));
}
