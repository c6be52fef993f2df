/** That a key's check cannot tell by its time how much of a key is right: nothing of the key leaves the hash function. */
import type { KyselyPlugin, RootOperationNode } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase } from '../../tests/store/database-under-test.ts';
import { keySample, makeAccount } from '../../tests/store/samples.ts';
import { beginRotation, insertKey, listKeys, revokeKey } from '../store/keys.ts';
import type { Database } from '../store/open-database.ts';
import { authenticate, hashKey } from './authenticate.ts';
import { KnownKeys } from './known-keys.ts';

const KEY = 'sk-live-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const NOW = Date.parse('2026-11-20T12:00:00Z');
const silentBus = { publish() {}, subscribe: () => () => {}, onReconnect: () => () => {}, close: async () => {} };
const localTokens = { live: 'sk-local-live-x', test: 'sk-local-test-x' };
const log = { error() {}, warn() {}, info() {}, debug() {} };

let database: Database;
const asked: RootOperationNode[] = [];
const listener: KyselyPlugin = {
  transformQuery({ node }) {
    asked.push(node);
    return node;
  },
  transformResult: async ({ result }) => result,
};

beforeAll(async () => {
  database = await openTestDatabase();
  await makeAccount(database.db, 'acc_1');
  await insertKey(database.db, keySample({ hash: hashKey(KEY) }));
});
afterAll(() => database.close());

function check(token: string | null) {
  const db = database.db.withPlugin(listener);
  const clock = { now: () => NOW };
  const knownKeys = new KnownKeys({ db, bus: silentBus, clock });
  return authenticate({ db, bus: silentBus, knownKeys, clock, localTokens, log }, token);
}

async function refusal(token: string | null): Promise<unknown> {
  return check(token).then(
    () => null,
    (error: unknown) => error,
  );
}

test('the database is asked by the hash of the whole key, and by nothing of the key', async () => {
  asked.length = 0;
  await check(KEY);
  const text = JSON.stringify(asked);
  expect(text).toContain(JSON.stringify(hashKey(KEY)));
  for (let at = 8; at + 6 <= KEY.length; at += 1) expect(text).not.toContain(KEY.slice(at, at + 6));
});

test('one letter of a key changes every byte that is compared, and every refusal reads the same', async () => {
  const almost = `${KEY.slice(0, -1)}H`;
  const alike = hashKey(almost).filter((byte, index) => byte === hashKey(KEY)[index]).length;
  expect(alike).toBeLessThan(8);
  const refusals = await Promise.all([almost, `sk-live-${'z'.repeat(43)}`, 'x'].map(refusal));
  expect(new Set(refusals.map(String)).size).toBe(1);
  expect(refusals[0]).toMatchObject({ code: 'invalid_api_key' });
});

test('a key that died of its rotation never comes back, whenever it is rotated again', async () => {
  await insertKey(database.db, keySample({ id: 'key_old', hash: hashKey('first') }));
  const rotate = (key: string, from: number, until: number): Promise<void> =>
    beginRotation(
      database.db,
      'key_old',
      { next_hash: hashKey(key), next_last_four: key.slice(-4), hash_until: new Date(until) },
      new Date(from),
    );
  await rotate('second', NOW - 2000, NOW - 1000);
  expect(await refusal('first')).toMatchObject({ code: 'invalid_api_key' });
  await rotate('third', NOW, NOW + 1000);
  expect(await refusal('first')).toMatchObject({ code: 'invalid_api_key' });
  expect(await refusal('second')).toBeNull();
  expect(await refusal('third')).toBeNull();
  expect(await refusal('second')).toMatchObject({ code: 'invalid_api_key' });
});

test('a key binds what is made under it: it ends with it, inherits its tag and may no more than it', async () => {
  await insertKey(database.db, keySample({ id: 'key_over', settings: { tag: 'shop' }, scopes: ['read'] }));
  await insertKey(database.db, keySample({ id: 'key_under', parent_id: 'key_over', hash: hashKey('under') }));
  const principal = await check('under');
  expect(principal.settings.tag).toBe('shop');
  expect(principal.scopes).toEqual(['read']);
  expect(principal.bounds?.map(({ id }) => id)).toEqual(['key_under', 'key_over']);
  expect(await listKeys(database.db, 'acc_1', { under: 'key_over' })).toHaveLength(1);
  await revokeKey(database.db, 'acc_1', 'key_over', new Date(NOW));
  expect(await refusal('under')).toMatchObject({ code: 'invalid_api_key' });
});
