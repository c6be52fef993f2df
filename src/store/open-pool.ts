/** A pool of connections to a PostgreSQL server, whoever runs it. */
import { Kysely, PostgresDialect } from 'kysely';
import { Pool, type PoolConfig, types } from 'pg';
import type { StoreLog } from './store-log.ts';
import type { Tables } from './tables.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const INT8 = 20;

export function openPool(config: PoolConfig, log: StoreLog): Kysely<Tables> {
  const pool = new Pool({ connectionTimeoutMillis: CONNECT_TIMEOUT_MS, types: { getTypeParser }, ...config });
  // A connection that breaks is replaced at the next query, and fails the one that waits on it. Without listeners it
  // would end this process: the pool's own covers idle connections only, not one inside a transaction.
  const onError = (error: Error) => {
    // One that is being closed may still hear that the server is shutting down.
    if (!pool.ending) log.warn({ reason: error.message }, 'A connection to the database broke.');
  };
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', onError));
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Integers of 8 bytes as numbers: micro-dollars and bytes stay below 2^53 (9 billion dollars). */
function getTypeParser(...[id, format]: Parameters<typeof types.getTypeParser>) {
  return id === INT8 ? Number : types.getTypeParser(id, format);
}
