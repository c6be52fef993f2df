import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, silent } from '../../tests/store/database-under-test.ts';
import type { Bus } from '../contracts/bus.ts';
import { openBus } from './open-bus.ts';
import type { Database } from './open-database.ts';

let database: Database;

beforeAll(async () => {
  database = await openTestDatabase({ migrated: false });
});
afterAll(() => database.close());

const bus = (sender: string, alone = false): Promise<Bus> =>
  openBus({
    db: database.db,
    listen_url: alone ? null : (database.url_for_children ?? null),
    sender,
    log: silent,
  });

function collect(on: Bus): { readonly heard: string[]; readonly until: (count: number) => Promise<void> } {
  const heard: string[] = [];
  let wake = (): void => {};
  on.subscribe('ended', (id) => {
    heard.push(id);
    wake();
  });
  return {
    heard,
    async until(count) {
      while (heard.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
  };
}

test('a word is heard here at once, once, and no more after the end of the subscription', async () => {
  const own = await bus('one', true);
  const heard: string[] = [];
  const end = own.subscribe('ended', (id) => heard.push(id));
  own.subscribe('cancel', () => heard.push('wrong topic'));
  own.publish('ended', 'gen_1');
  expect(heard).toEqual(['gen_1']);
  end();
  own.publish('ended', 'gen_2');
  expect(heard).toEqual(['gen_1']);
  await own.close();
});

test.runIf(process.env.GESSO_TEST_DB !== 'pglite')(
  'other processes hear it too, however much is said at once',
  async () => {
    const [one, other] = [await bus('one'), await bus('other')];
    const here = collect(one);
    const there = collect(other);
    const ids = Array.from({ length: 2_000 }, (_, index) => `gen_${String(index).padStart(26, '0')}`);
    for (const id of ids) one.publish('ended', id);
    await there.until(ids.length);
    expect(there.heard).toEqual(ids);
    expect(here.heard).toEqual(ids);
    await Promise.all([one.close(), other.close()]);
  },
);

test.runIf(process.env.GESSO_TEST_DB !== 'pglite')(
  'a connection that breaks is made anew, and that is told',
  async () => {
    const [one, other] = [await bus('one'), await bus('other')];
    const there = collect(other);
    const { promise: again, resolve } = Promise.withResolvers<void>();
    other.onReconnect(resolve);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gesso bus' and datname = current_database()`.execute(
      database.db,
    );
    await again;
    // The speaker's own listening connection broke as well, and it speaks through another.
    one.publish('ended', 'after');
    await Promise.race([there.until(1), delay(5_000)]);
    expect(there.heard).toEqual(['after']);
    await Promise.all([one.close(), other.close()]);
  },
);
