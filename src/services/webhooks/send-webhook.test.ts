import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { FetchRequest } from '../../net/guarded-fetch.ts';
import { sendWebhook } from './send-webhook.ts';

/** openai-node, tests/api-resources/webhooks.test.ts, read 2026-11-20. */
const vector = {
  id: 'wh_685c059ae39c8190af8c71ed1022a24d',
  at_s: 1_750_861_210,
  secret: 'whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c=',
  body: '{"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, "type": "response.completed", "data": {"id": "resp_123"}}',
  signature: 'v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY=',
};

test("it signs as OpenAI's own test has it, and asks for what may be asked of a user's URL", async () => {
  const sent: FetchRequest[] = [];
  const { id, body, secret, at_s } = vector;
  const answer = await sendWebhook(
    {
      clock: { now: () => at_s * 1000 },
      webhooks: { endpoints_max: 1, timeout_ms: 15_000, retention_ms: 1 },
      guardedFetch: async (url, request) => {
        sent.push(request);
        return { status: 204, headers: {}, body: Readable.from([]), url };
      },
    },
    { id, url: 'https://a.example/', body, secrets: [secret] },
  );
  expect(answer).toEqual({ at: new Date(at_s * 1000), latency_ms: 0, status: 204, error: null, answer: null });
  expect(sent).toMatchObject([
    {
      origin: 'user',
      method: 'POST',
      redirects_max: 0,
      timeout_ms: 15_000,
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(at_s),
        'webhook-signature': vector.signature,
      },
    },
  ]);
});
