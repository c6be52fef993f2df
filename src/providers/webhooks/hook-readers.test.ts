import { createPublicKey, type KeyObject } from 'node:crypto';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  ed25519Key,
  falKeySet,
  signFalWebhook,
  signReplicateWebhook,
} from '../../../tests/providers/servers/webhooks.ts';
import type { HookReader } from '../../contracts/provider.ts';
import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import type { HookParts } from '../shared/hook-reader.ts';
import { createFalHookReader } from './fal-hook-reader.ts';
import { createReplicateHookReader } from './replicate-hook-reader.ts';

/** Of the vectors, which were computed apart from this code. */
const SIGNED_S = 1_700_000_000;
const HOUR_MS = 3_600_000;

let now: number;
let loads: number;
/** What the provider answers when it is asked for its keys. */
let published: () => unknown;

function reader(provider: 'fal' | 'replicate', settings: Partial<HookParts['settings']> = {}): HookReader {
  const answer = async () => {
    loads += 1;
    return { status: 200, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(published()))]) };
  };
  const create = provider === 'fal' ? createFalHookReader : createReplicateHookReader;
  return create({
    adapter: {
      provider,
      send: async () => ({
        ...(await answer()),
        json: async () => published(),
        events: () => (async function* () {})(),
      }),
    },
    guardedFetch: (async (url: string) => ({ ...(await answer()), url })) satisfies GuardedFetch,
    now: () => now,
    settings: {
      GESSO_PROVIDER_WEBHOOKS: 'on',
      FAL_WEBHOOK_KEYS_URL: 'https://keys.test/jwks.json',
      REPLICATE_WEBHOOK_SECRET: undefined,
      ...settings,
    },
  });
}

beforeEach(() => {
  now = SIGNED_S * 1000;
  loads = 0;
});

describe('fal', () => {
  const body = Buffer.from('{"request_id":"r1","status":"OK"}');
  const headers = {
    'x-fal-webhook-request-id': 'r1',
    'x-fal-webhook-user-id': 'u1',
    'x-fal-webhook-timestamp': String(SIGNED_S),
    'x-fal-webhook-signature':
      '0928ff724cb3b1ca5db7b2cd7a8a0b31f59ddfec92bfc51c7f621eca749bee17ecbc0b9a4eede2956157c95e1d4718fc5d55c262074abbaa8178edbe33d8f90e',
  };
  const right = { kty: 'OKP', crv: 'Ed25519', x: 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg' };
  const other = (seed: number): KeyObject => ed25519Key(Buffer.alloc(32, seed));

  beforeEach(() => {
    published = () => ({
      keys: [{ kty: 'RSA', n: 'x' }, { ...right, x: 'short' }, ...falKeySet(other(9)).keys, right],
    });
  });

  test('the vector names its job, by whichever of the published keys', async () => {
    expect(await reader('fal')(headers, body)).toBe('r1');
  });

  test.each([
    ['another body', headers, '{"request_id":"r2","status":"OK"}'],
    ['another user', { ...headers, 'x-fal-webhook-user-id': 'u2' }, body.toString()],
    ['another time', { ...headers, 'x-fal-webhook-timestamp': String(SIGNED_S + 1) }, body.toString()],
    ['no time', { ...headers, 'x-fal-webhook-timestamp': undefined }, body.toString()],
    ['no signature', { ...headers, 'x-fal-webhook-signature': undefined }, body.toString()],
    ['half a signature', { ...headers, 'x-fal-webhook-signature': '0928ff' }, body.toString()],
    ['a signature of another key', signFalWebhook({ ...vector(), body: body.toString() }, other(8)), body.toString()],
    ['a job without a name', signed('{"status":"OK"}'), '{"status":"OK"}'],
    ['a name that is too long', signed(long()), long()],
    ['no JSON', signed('OK'), 'OK'],
  ])('%s names none', async (_, sent, text) => {
    expect(await reader('fal')(sent, Buffer.from(text))).toBeNull();
  });

  function vector() {
    return { request_id: 'r1', user_id: 'u1', timestamp: SIGNED_S };
  }
  function long() {
    return JSON.stringify({ request_id: 'r'.repeat(201) });
  }
  function signed(text: string) {
    return signFalWebhook({ ...vector(), body: text }, other(9));
  }

  test.each([
    [299_000, 'r1'],
    [301_000, null],
    [-299_000, 'r1'],
    [-301_000, null],
  ])('%i ms after it was signed: %s', async (late_ms, job) => {
    now += late_ms;
    expect(await reader('fal')(headers, body)).toBe(job);
  });

  test('keys are fetched once a day, once more for a signature that fits none, and never more than once a minute', async () => {
    const read = reader('fal');
    const say = (key: KeyObject) => {
      const timestamp = Math.floor(now / 1000);
      return read(signFalWebhook({ ...vector(), timestamp, body: body.toString() }, key), body);
    };
    published = () => ({ keys: falKeySet(other(1)).keys });
    expect(await Promise.all([say(other(1)), say(other(1)), say(other(2))])).toEqual(['r1', 'r1', null]);
    expect(loads).toBe(1);
    published = () => ({ keys: falKeySet(other(2)).keys });
    now += 59_000;
    expect([await say(other(2)), await say(other(1)), loads]).toEqual([null, 'r1', 1]);
    now += 1_000;
    expect([await say(other(2)), await say(other(1)), loads]).toEqual(['r1', null, 2]);
    now += 23 * HOUR_MS;
    expect([await say(other(2)), loads]).toEqual(['r1', 2]);
    now += HOUR_MS + 1;
    expect([await say(other(2)), loads]).toEqual(['r1', 3]);
  });

  test('keys that cannot be fetched are told once a minute, and those that are known stay good', async () => {
    const read = reader('fal');
    expect(await read(headers, body)).toBe('r1');
    published = () => ({ nothing: true });
    now += 60_000;
    const forged = { ...headers, 'x-fal-webhook-user-id': 'u2' };
    await expect(read(forged, body)).rejects.toThrow();
    expect(await read(forged, body)).toBeNull();
    expect(await read(headers, body)).toBe('r1');
  });

  test('the key of the vector is the one that the published x stands for', () => {
    const seed = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
    expect(createPublicKey(ed25519Key(seed)).export({ format: 'jwk' }).x).toBe(right.x);
  });
});

describe('replicate', () => {
  const secret = 'whsec_Z2F0ZXdheS10ZXN0LXNlY3JldC0wMTIzNDU2Nzg5YWI=';
  const body = Buffer.from('{"id":"p1","status":"succeeded"}');
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(SIGNED_S),
    'webhook-signature': 'v1,8Ffr//hOYIL9rQjG25qQL+1516y442Q/z7f+Nkyr7bI=',
  };

  beforeEach(() => {
    published = () => ({ key: secret });
  });

  test('the vector names its job, by the secret that Replicate tells', async () => {
    expect([await reader('replicate')(headers, body), loads]).toEqual(['p1', 1]);
  });

  test('or by the one that is set, without asking', async () => {
    published = () => ({ key: 'whsec_AAAA' });
    expect([await reader('replicate', { REPLICATE_WEBHOOK_SECRET: secret })(headers, body), loads]).toEqual(['p1', 0]);
  });

  test('one of several signatures is enough', async () => {
    const several = `v1,AAAA v2,${headers['webhook-signature'].slice(3)} ${headers['webhook-signature']}`;
    expect(await reader('replicate')({ ...headers, 'webhook-signature': several }, body)).toBe('p1');
  });

  test.each([
    ['another body', headers, '{"id":"p2","status":"succeeded"}'],
    ['another id', { ...headers, 'webhook-id': 'msg_2' }, body.toString()],
    ['no id', { ...headers, 'webhook-id': undefined }, body.toString()],
    [
      'another version',
      { ...headers, 'webhook-signature': headers['webhook-signature'].replace('v1', 'v2') },
      body.toString(),
    ],
    ['no signature', { ...headers, 'webhook-signature': undefined }, body.toString()],
    [
      'another secret',
      signReplicateWebhook({ id: 'msg_1', timestamp: SIGNED_S, body: body.toString() }, 'whsec_AAAA'),
      body.toString(),
    ],
    [
      'six minutes later',
      signReplicateWebhook({ id: 'msg_1', timestamp: SIGNED_S - 360, body: body.toString() }, secret),
      body.toString(),
    ],
    ['no JSON', signReplicateWebhook({ id: 'msg_1', timestamp: SIGNED_S, body: 'p1' }, secret), 'p1'],
  ])('%s names none', async (_, sent, text) => {
    expect(await reader('replicate')(sent, Buffer.from(text))).toBeNull();
  });
});
