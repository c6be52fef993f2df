import type { Readable } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import type { WebhookAnswer } from '../../contracts/webhooks.ts';
import { asFetchFault, type FetchFaultKind } from '../../net/fetch-fault.ts';
import type { ServiceParts } from '../parts.ts';

export interface WebhookMessage {
  /** Of the event: the same in every try, so that a receiver can tell a repeat. */
  readonly id: string;
  readonly url: string;
  /** JSON, signed as it stands. */
  readonly body: string;
  /** Each signs. */
  readonly secrets: readonly string[];
}

const ANSWER_BYTES_MAX = 1024;
/** Only the beginning is read; an answer that says that it is longer is an answer all the same. */
const ANNOUNCED_BYTES_MAX = 2 ** 40;

/** For the customer: what is known of the inside of our network stays out of it. */
const sentences: Readonly<Record<FetchFaultKind, string>> = {
  bad_url: 'The URL is not one that is called: use https on port 443, 8443, 80 or 8080.',
  bad_request: 'The request could not be made.',
  private_address: 'The URL leads to an address that is not public: it is not called.',
  unreachable: 'The host could not be reached.',
  redirected: 'It answered with a redirect, which is not followed.',
  too_slow: 'It did not answer in time.',
  too_large: 'Its answer was too large.',
  bad_encoding: 'Its answer could not be read.',
  cut: 'The connection broke before an answer came.',
  aborted: 'This server stopped before an answer came.',
};

/** One POST as Standard Webhooks has it. Never throws: whatever comes of it is an answer. */
export async function sendWebhook(
  { guardedFetch, clock, webhooks }: Pick<ServiceParts, 'guardedFetch' | 'clock' | 'webhooks'>,
  { id, url, body, secrets }: WebhookMessage,
  signal?: AbortSignal,
): Promise<WebhookAnswer> {
  const started_at = clock.now();
  const at = new Date(started_at);
  const told = (rest: Pick<WebhookAnswer, 'status' | 'error' | 'answer'>): WebhookAnswer => ({
    at,
    latency_ms: Math.max(0, Math.round(clock.now() - started_at)),
    ...rest,
  });
  try {
    const { status, body: answered } = await guardedFetch(url, {
      origin: 'user',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(started_at / 1000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
      },
      body,
      bytes_max: ANNOUNCED_BYTES_MAX,
      timeout_ms: webhooks.timeout_ms,
      redirects_max: 0,
      ...(signal && { signal }),
    });
    const answer = await beginningOf(answered);
    const isTaken = status >= 200 && status < 300;
    return told({ status, answer, error: isTaken ? null : `It answered with status ${status}.` });
  } catch (error) {
    return told({ status: null, answer: null, error: sentences[asFetchFault(error, true).kind] });
  }
}

/** Null when it is empty. A status is an answer, whatever becomes of the words after it. */
async function beginningOf(body: Readable): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      // The guarded fetch gives bytes.
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= ANSWER_BYTES_MAX) break;
    }
  } catch {
    // What came is told.
  } finally {
    body.destroy();
  }
  return bytes === 0 ? null : Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8');
}
