/** The bus over PostgreSQL's LISTEN and NOTIFY where several processes share a database, else within this process. */
import { sql } from 'kysely';
import { Client } from 'pg';
import type { Bus, BusTopic } from '../contracts/bus.ts';
import type { StoreLog } from './store-log.ts';
import type { Db } from './tables.ts';

export interface BusOptions {
  readonly db: Db;
  /**
   * Where to listen for what other processes say; null = there are none. It must be a connection of one's own: a pooler
   * that shares connections between transactions loses what is listened for.
   */
  readonly listen_url: string | null;
  /** Tells this process's own words from those of others. */
  readonly sender: string;
  readonly log: StoreLog;
}

const CHANNEL = 'gesso';
/** PostgreSQL takes less than 8,000 bytes. */
const PAYLOAD_BYTES_MAX = 7_500;
/** NOTIFY makes commits wait for each other, so what is said at about the same time is said together. */
const COLLECT_MS = 3;
const RECONNECT_MS = [100, 500, 2_000, 5_000];
/** Nothing is ever sent over it, so that only questions of the system's own tell that its other end is gone. */
const LISTENER = {
  application_name: 'gesso bus',
  connectionTimeoutMillis: 10_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
} as const;

type Word = readonly [topic: BusTopic, payload: string];

export async function openBus({ db, listen_url, sender, log }: BusOptions): Promise<Bus> {
  const listeners = new Map<BusTopic, Set<(payload: string) => void>>();
  const reconnected = new Set<() => void>();
  const tell = (topic: BusTopic, payload: string): void => {
    for (const listener of listeners.get(topic) ?? []) listener(payload);
  };
  const others =
    listen_url === null
      ? null
      : await joinOthers({ db, listen_url, sender, log }, tell, () => {
          for (const listener of reconnected) listener();
        });
  return {
    publish(topic, payload) {
      tell(topic, payload);
      others?.say([topic, payload]);
    },
    subscribe(topic, listener) {
      const known = listeners.get(topic) ?? new Set();
      listeners.set(topic, known.add(listener));
      return () => void known.delete(listener);
    },
    onReconnect(listener) {
      reconnected.add(listener);
      return () => void reconnected.delete(listener);
    },
    close: async () => others?.close(),
  };
}

interface Others {
  say(word: Word): void;
  close(): Promise<void>;
}

async function joinOthers(
  { db, listen_url, sender, log }: BusOptions & { readonly listen_url: string },
  tell: (topic: BusTopic, payload: string) => void,
  onReconnect: () => void,
): Promise<Others> {
  let isClosed = false;
  let client: Client | null = null;
  let retry: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const next = new Client({ ...LISTENER, connectionString: listen_url });
    // One that never came to listen is told of by its rejection, and only by that: it is not made anew twice.
    const lost = (reason: string): void => {
      if (client !== next) return;
      client = null;
      void next.end().catch(() => undefined);
      if (!isClosed) reconnect(0, reason);
    };
    next.on('error', (error) => lost(error.message));
    next.on('end', () => lost('the connection ended'));
    next.on('notification', ({ payload }) => hear(payload ?? '', sender, tell));
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
    } catch (error) {
      void next.end().catch(() => undefined);
      throw error;
    }
    client = next;
    if (isClosed) await next.end();
  };
  const reconnect = (round: number, reason: string): void => {
    if (round === 0) log.warn({ reason }, 'The connection that hears of other processes broke; it is made anew.');
    retry = setTimeout(
      () => {
        connect().then(onReconnect, (error: Error) => {
          if (!isClosed) reconnect(round + 1, error.message);
        });
      },
      RECONNECT_MS[Math.min(round, RECONNECT_MS.length - 1)],
    );
  };

  let unsaid: Word[] = [];
  let saying: NodeJS.Timeout | undefined;
  let said: Promise<unknown> = Promise.resolve();
  const flush = (): void => {
    saying = undefined;
    const payloads = intoPayloads(sender, unsaid);
    unsaid = [];
    said = said.then(() =>
      sql`select pg_notify(${CHANNEL}, payload) from unnest(${payloads}::text[]) as payload`
        .execute(db)
        .catch((error: Error) => log.warn({ reason: error.message }, 'Other processes could not be told.')),
    );
  };

  await connect();
  return {
    say(word) {
      unsaid.push(word);
      saying ??= setTimeout(flush, COLLECT_MS);
    },
    async close() {
      isClosed = true;
      clearTimeout(retry);
      if (saying !== undefined) {
        clearTimeout(saying);
        flush();
      }
      await said;
      await client?.end();
    },
  };
}

/** As few notifications as hold the words; equal ones are said once. */
function intoPayloads(sender: string, words: readonly Word[]): string[] {
  const payloads: string[] = [];
  let group: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (group.length > 0) payloads.push(`[${JSON.stringify(sender)},${group.join(',')}]`);
    group = [];
    bytes = sender.length + 8;
  };
  close();
  for (const text of new Set(words.map((word) => JSON.stringify(word)))) {
    const more = Buffer.byteLength(text) + 1;
    if (bytes + more > PAYLOAD_BYTES_MAX) close();
    group.push(text);
    bytes += more;
  }
  close();
  return payloads;
}

function hear(payload: string, sender: string, tell: (topic: BusTopic, payload: string) => void): void {
  const [from, ...words] = JSON.parse(payload) as [string, ...Word[]]; // said by another process of this version
  if (from === sender) return;
  for (const [topic, text] of words) tell(topic, text);
}
