/** How the embedded server is set up: small, durable, and closed to everything but a local socket. */
import { createHash } from 'node:crypto';

export const USER = 'gesso';
export const DATABASE = 'postgres';
/** Part of the socket's file name only: nothing listens on a port. */
export const PORT = 5432;
/** What DATABASE_POOL_MAX may ask for here, with room for a console and for the server's own. */
export const CONNECTIONS_MAX = 40;

/** For one process's connections on a small machine: no parallel query, no replication, no compilation of queries. */
const options = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: String(CONNECTIONS_MAX),
  shared_buffers: '16MB',
  work_mem: '4MB',
  maintenance_work_mem: '16MB',
  fsync: 'on',
  synchronous_commit: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  io_method: 'sync',
  jit: 'off',
  autovacuum: 'on',
  autovacuum_max_workers: '1',
  max_worker_processes: '1',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  huge_pages: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  // Without details and statements: they would carry prompts into the log.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
} as const;

/**
 * Command line of the server. `cluster_name` carries a fingerprint of version and options, by which a running server
 * is known as one that may be adopted as it is.
 */
export function serverArguments(cluster_dir: string, socket_dir: string, version: string, durable: boolean): string[] {
  const settings = {
    ...options,
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    unix_socket_directories: socket_dir,
    cluster_name: fingerprint(version, durable),
  };
  return ['-D', cluster_dir, '-p', String(PORT)].concat(
    Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  );
}

export function fingerprint(version: string, durable: boolean): string {
  return `gesso-${createHash('sha256')
    .update(JSON.stringify([version, durable, options]))
    .digest('hex')
    .slice(0, 12)}`;
}

/**
 * Collation by code point that comes with the server itself, the same on every system; UTF8 whatever LANG says.
 * Trust is enough: the socket lies in a directory that only the server's user, and root, can enter.
 */
export function initdbArguments(cluster_dir: string): string[] {
  return [
    '-D',
    cluster_dir,
    '-U',
    USER,
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ].concat(['--locale=C', '--auth=trust', '--no-instructions']);
}
