import { expect, test } from 'vitest';
import { ed25519Key, falKeySet, signFalWebhook, signReplicateWebhook } from './webhooks.ts';

test('a fal webhook is signed as the cross-checked vector says', () => {
  const key = ed25519Key(Buffer.from(Array.from({ length: 32 }, (_, i) => i)));
  const webhook = {
    request_id: 'r1',
    user_id: 'u1',
    timestamp: 1_700_000_000,
    body: '{"request_id":"r1","status":"OK"}',
  };
  expect(falKeySet(key).keys[0]?.x).toBe('A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg');
  expect(signFalWebhook(webhook, key)['x-fal-webhook-signature']).toBe(
    '0928ff724cb3b1ca5db7b2cd7a8a0b31f59ddfec92bfc51c7f621eca749bee17ecbc0b9a4eede2956157c95e1d4718fc5d55c262074abbaa8178edbe33d8f90e',
  );
});

test('a Replicate webhook is signed as the computed vector says', () => {
  const webhook = { id: 'msg_1', timestamp: 1_700_000_000, body: '{"id":"p1","status":"succeeded"}' };
  const secret = 'whsec_Z2F0ZXdheS10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWI=';
  expect(signReplicateWebhook(webhook, secret)).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': 'v1,8Ffr//hOYIL9rQjG25qQL+1516y442Q/z7f+Nkyr7bI=',
  });
});
