/** Runs the PostgreSQL that comes with Gesso as a child of ours: made when missing, adopted when left over, kept alive. */
import { chown, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { isRunning } from '../process-identity.ts';
import { EmbeddedUnavailable, messageOf, StoreError } from '../store-error.ts';
import type { StoreLog } from '../store-log.ts';
import { findBinaries } from './binaries.ts';
import { findCluster, placeCluster } from './cluster-place.ts';
import { launch, type Site } from './launch.ts';
import { findPostmaster, stopPostmaster } from './postmaster.ts';
import { chooseRunAs, runProgram } from './run-as.ts';
import { DATABASE, fingerprint, initdbArguments, PORT, USER } from './server-options.ts';
import { makeSocketDirectory, removeSocketDirectory } from './socket-directory.ts';

export interface EmbeddedServer {
  readonly socket_dir: string;
  /** E.g. `18.4`. */
  readonly version: string;
  readonly cluster_dir: string;
  /** True when a server left by a killed process was taken over as it was. */
  readonly adopted: boolean;
  /** Changes when the server had to be started again. */
  pid(): number;
  /** Ends the server (a fast shutdown) and returns when it is gone. */
  stop(): Promise<void>;
  /** Lets go of the server and leaves it running, for whoever adopts it. */
  leave(): void;
}

export interface EmbeddedOptions {
  readonly data_dir: string;
  readonly log: StoreLog;
  /** False in tests only: without fsync. */
  readonly durable?: boolean;
}

interface Running {
  readonly pid: number;
  readonly socket_dir: string;
}

const WATCH_MS = 200;
const RETRY_MS = 5_000;

/**
 * Throws EmbeddedUnavailable when it cannot run here and nothing was ever stored, StoreError when the operator has to
 * mend something. The caller holds the lock on `data_dir`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { data_dir, log, durable = true } = options;
  const user = await chooseRunAs(await findCluster(data_dir));
  const binaries = await findBinaries(user, data_dir, log);
  const cluster_dir = await placeCluster(data_dir, user, log);
  const site: Site = { data_dir, cluster_dir, binaries, user, durable, log };
  const made = await makeCluster(site);
  await checkVersion(site);
  const adopted = await adopt(site);
  if (adopted !== null) return supervise(site, adopted, true);
  try {
    return supervise(site, await start(site), false);
  } catch (error) {
    if (!made) throw error;
    await rm(cluster_dir, { recursive: true, force: true });
    throw new EmbeddedUnavailable(messageOf(error), { cause: error });
  }
}

/** Returns false when the cluster was there. */
async function makeCluster({ cluster_dir, user, binaries }: Site): Promise<boolean> {
  if ((await stat(cluster_dir).catch(() => null)) !== null) return false;
  // Made under a name of its own, so that a half-made cluster is never taken for a whole one, and what an initdb whose
  // Gesso was killed still writes goes nowhere.
  const prefix = `${cluster_dir}.new-`;
  for (const name of await readdir(dirname(cluster_dir))) {
    const left = join(dirname(cluster_dir), name);
    if (left.startsWith(prefix)) await rm(left, { recursive: true, force: true }).catch(() => {});
  }
  const draft = await mkdtemp(prefix);
  try {
    if (user !== null) await chown(draft, user.uid, user.gid);
    await runProgram(binaries.initdb, initdbArguments(draft), user);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw new EmbeddedUnavailable(`The database cannot be made in ${cluster_dir}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  await rename(draft, cluster_dir);
  return true;
}

async function checkVersion({ cluster_dir, binaries }: Site): Promise<void> {
  const made_by = (await readFile(join(cluster_dir, 'PG_VERSION'), 'utf8')).trim();
  const [ours] = binaries.version.split('.');
  if (made_by === ours) return;
  throw new StoreError(
    `The database in ${cluster_dir} was made by PostgreSQL ${made_by}, and this Gesso brings ${ours}: ` +
      'start it with the version of Gesso that made it.',
  );
}

/** Takes over a server left by a killed process if it is set up as ours would be; otherwise ends it. */
async function adopt(site: Site): Promise<Running | null> {
  const found = await findPostmaster(site.cluster_dir);
  if (found === null) return null;
  try {
    await claim(found.socket_dir, fingerprint(site.binaries.version, site.durable));
    site.log.info({ pid: found.pid }, 'Took over the database process that was still running.');
    return { pid: found.pid, socket_dir: found.socket_dir };
  } catch (error) {
    site.log.info({ pid: found.pid }, `Ending a database process that was still running: ${messageOf(error)}.`);
    await stopPostmaster(site.cluster_dir);
    await removeSocketDirectory(site.cluster_dir, found.socket_dir);
    return null;
  }
}

/** Throws unless the server answers and is set up as `name` says; ends the sessions that a dead process left. */
async function claim(socket_dir: string, name: string): Promise<void> {
  const client = new Client({
    host: socket_dir,
    port: PORT,
    user: USER,
    database: DATABASE,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  client.on('error', () => {}); // A connection that breaks fails the query that waits on it.
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>("select current_setting('cluster_name') as name");
    if (rows[0]?.name !== name) throw new Error('it is set up otherwise');
    // Their transactions hold locks until the server notices that nobody is there.
    await client.query(
      `select pg_terminate_backend(pid, 1000) from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

async function start(site: Site): Promise<Running> {
  const socket_dir = await makeSocketDirectory(site.cluster_dir, site.user);
  try {
    return { pid: await launch(site, socket_dir), socket_dir };
  } catch (error) {
    await removeSocketDirectory(site.cluster_dir, socket_dir);
    throw error;
  }
}

/** Starts the server again when it ends by itself. An adopted one is not our child, so its pid is watched. */
function supervise(site: Site, first: Running, adopted: boolean): EmbeddedServer {
  let { pid } = first;
  let watching = true;
  let restart: Promise<void> | null = null;
  let not_before = 0;

  async function watch(): Promise<void> {
    if (performance.now() < not_before || (await isRunning(pid)) || !watching) return;
    site.log.error({ pid }, 'The database process ended unexpectedly; starting it again.');
    try {
      pid = await launch(site, first.socket_dir);
    } catch (error) {
      not_before = performance.now() + RETRY_MS;
      site.log.error({ reason: messageOf(error) }, 'The database process cannot be started again; trying on.');
    }
  }

  const timer = setInterval(() => {
    restart ??= watch().finally(() => {
      restart = null;
    });
  }, WATCH_MS);
  timer.unref();

  function leave(): void {
    watching = false;
    clearInterval(timer);
  }

  return {
    socket_dir: first.socket_dir,
    version: site.binaries.version,
    cluster_dir: site.cluster_dir,
    adopted,
    pid: () => pid,
    leave,
    async stop() {
      leave();
      await restart;
      await stopPostmaster(site.cluster_dir);
      await removeSocketDirectory(site.cluster_dir, first.socket_dir);
    },
  };
}
