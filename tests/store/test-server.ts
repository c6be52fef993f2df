/**
 * A place that all test files of one run share, for the database server that the first of them starts: vitest's global
 * set-up, which costs nothing when no test asks for a database.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { stopPostmaster } from '../../src/store/embedded/postmaster.ts';

/** Named for vitest. */
export async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'gesso-tests-'));
  process.env.GESSO_TEST_DIR = directory;
  return async () => {
    const cluster = await findCluster(directory);
    if (cluster !== null) await stopPostmaster(cluster);
    await rm(directory, { recursive: true, force: true });
  };
}
