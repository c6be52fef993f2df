import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findAccount, findOwnerAccount, insertAccount } from '../../src/store/accounts.ts';
import { findKeyByHash, insertKey, listKeys, revokeKey, touchKey } from '../../src/store/keys.ts';
import type { Database } from '../../src/store/open-database.ts';
import type { Db } from '../../src/store/tables.ts';
import { openTestDatabase } from './database-under-test.ts';
import { at, keySample, later } from './samples.ts';

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
});
afterAll(() => database.close());
beforeEach(async () => {
  await db.deleteFrom('keys').execute();
  await db.deleteFrom('accounts').execute();
  await insertAccount(db, { id: 'acc_1', name: 'Owner', billing: 'unmetered', created_at: at });
});

test('an account is made once, and the first is the owner', async () => {
  const second = { id: 'acc_2', name: 'Second', billing: 'prepaid' as const, created_at: later(1) };
  expect(await insertAccount(db, second)).toBe(true);
  expect(await insertAccount(db, { ...second, name: 'Other' })).toBe(false);
  expect(await findAccount(db, 'acc_2')).toMatchObject(second);
  expect((await findOwnerAccount(db))?.id).toBe('acc_1');
});

test('a key is found by its hash and reads as it was written', async () => {
  const key = keySample();
  expect(await insertKey(db, key)).toBe(true);
  const found = await findKeyByHash(db, key.hash);
  expect(found).toMatchObject({ ...key, hash: expect.any(Uint8Array), revoked_at: null, last_used_at: null });
  expect(Buffer.from(found?.hash ?? []).equals(Buffer.from(key.hash))).toBe(true);
  expect(await findKeyByHash(db, keySample({ id: 'key_2' }).hash)).toBeUndefined();
});

test('of many that store the same key at once, exactly one does', async () => {
  const stored = await Promise.all(
    [1, 2, 3, 4, 5].map((number) => insertKey(db, keySample({ id: `key_${number}`, hash: Buffer.from('same') }))),
  );
  expect(stored.filter(Boolean)).toHaveLength(1);
});

test('a key is revoked once, by its own account', async () => {
  await insertKey(db, keySample());
  expect(await revokeKey(db, 'acc_2', 'key_1', at)).toBe(false);
  expect(await revokeKey(db, 'acc_1', 'key_1', at)).toBe(true);
  expect(await revokeKey(db, 'acc_1', 'key_1', later(1))).toBe(false);
  expect((await listKeys(db, 'acc_1'))[0]?.revoked_at).toEqual(at);
});

test('use is noted once a minute', async () => {
  await insertKey(db, keySample());
  const noted = async () => (await listKeys(db, 'acc_1'))[0]?.last_used_at;
  await touchKey(db, 'key_1', at);
  await touchKey(db, 'key_1', later(59_000));
  expect(await noted()).toEqual(at);
  await touchKey(db, 'key_1', later(61_000));
  expect(await noted()).toEqual(later(61_000));
});

test.each([
  ['an unknown account', { account_id: 'acc_none' }],
  ['an unknown mode', { mode: 'root' as 'live' }], // What the types forbid, the database must too.
])('refused: %s', async (_name, change) => {
  await expect(insertKey(db, keySample(change))).rejects.toThrow(/violates/);
});
