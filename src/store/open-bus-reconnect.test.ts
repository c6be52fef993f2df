/** What becomes of the bus while its database cannot be reached. */
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openTestDatabase, silent, testDatabaseKind } from '../../tests/store/database-under-test.ts';
import { openBus } from './open-bus.ts';

test.runIf(testDatabaseKind() !== 'pglite')(
  'while the database is away one connection is tried at a time, and then one hears',
  async () => {
    const database = await openTestDatabase({ is_shared: true });
    const url = database.url_for_children ?? '';
    const door = await openDoor(url);
    const bus = await openBus({ db: database.db, listen_url: door.url, sender: 'run_1', log: silent });
    const other = await openBus({ db: database.db, listen_url: url, sender: 'run_2', log: silent });
    try {
      const back = Promise.withResolvers<void>();
      const heard: string[] = [];
      bus.onReconnect(back.resolve);
      bus.subscribe('ended', (id) => void heard.push(id));
      door.shut();
      await delay(1_500);
      // After 0.1 s and 0.5 s, then 2 s later.
      expect(door.refused()).toBeLessThanOrEqual(3);
      door.open();
      await back.promise;
      other.publish('ended', 'gen_1');
      while (heard.length === 0) await delay(5);
      await delay(50);
      expect(heard).toEqual(['gen_1']);
    } finally {
      await bus.close();
      await other.close();
      await door.close();
      await database.close();
    }
  },
);

/** A way to the server that can be shut: whoever comes then is hung up on. */
async function openDoor(server_url: string) {
  const target = new URL(server_url);
  const host = target.searchParams.get('host');
  const port = Number(target.port || 5432);
  const open = new Set<Socket>();
  let isShut = false;
  let refused = 0;
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (isShut) {
      refused += 1;
      socket.destroy();
      return;
    }
    const onward = host?.startsWith('/') ? dial(`${host}/.s.PGSQL.${port}`) : dial(port, host ?? target.hostname);
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      onward.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(server_url);
  url.searchParams.delete('host');
  url.hostname = '127.0.0.1';
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.href,
    refused: () => refused,
    open() {
      isShut = false;
    },
    shut() {
      isShut = true;
      for (const socket of open) socket.destroy();
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
