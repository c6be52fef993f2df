/** Kills the process that owns the database, again and again while it writes: no acknowledged row may be lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { findCluster } from '../../src/store/embedded/cluster-place.ts';
import { findPostmaster, stopPostmaster } from '../../src/store/embedded/postmaster.ts';
import { randomFrom } from './random-from.ts';

export interface KillStoreOptions {
  readonly rounds: number;
  readonly kind: 'embedded' | 'pglite';
  /** Same seed, same times. */
  readonly seed: number;
}

export interface KillStoreResult {
  /** Rows that a child had said are stored. */
  readonly acknowledged: number;
  /** Of those, the ones missing at a later start: must be empty. */
  readonly lost: readonly string[];
  /** Rows of which only a part was found: must be empty. */
  readonly halves: readonly string[];
  /** Starts that found the database whole and open; the others were killed before. */
  readonly starts: number;
}

/** Most die while they write, some while they start. */
const WRITING_MS_MAX = 300;
const STARTING_MS_MAX = 400;
const KILLED_WHILE_STARTING = 0.25;
/** Embedded: how often the database process is killed with its owner, and has to recover. */
const SERVER_KILLED = 0.3;

export async function killStoreLoop({ rounds, kind, seed }: KillStoreOptions): Promise<KillStoreResult> {
  const data_dir = await mkdtemp(join(tmpdir(), 'gesso-soak-'));
  const random = randomFrom(seed);
  const ledger = new Ledger();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const child = startChild(data_dir, kind);
      const while_starting = random() < KILLED_WHILE_STARTING;
      const wait_ms = random() * (while_starting ? STARTING_MS_MAX : WRITING_MS_MAX);
      const kill_server = random() < SERVER_KILLED;
      const read = ledger.read(child.lines);
      if (!while_starting) await Promise.race([ledger.nextStart(), child.ended]);
      await delay(wait_ms);
      if (kill_server) await killServer(data_dir);
      await end(child, kill_server);
      await read;
    }
    // The last start only says what it found.
    const child = startChild(data_dir, kind);
    const read = ledger.read(child.lines);
    await Promise.race([ledger.nextStart(), child.ended]);
    await end(child, false);
    await read;
    return ledger.result();
  } finally {
    const cluster = await findCluster(data_dir);
    if (cluster !== null) await stopPostmaster(cluster);
    await rm(data_dir, { recursive: true, force: true });
  }
}

/** What the children said. A line that was cut by the kill was never said. */
class Ledger {
  readonly #acknowledged = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #halves = new Set<string>();
  #starts = 0;
  #started = Promise.withResolvers<void>();

  async read(lines: Interface): Promise<void> {
    for await (const line of lines) {
      if (!line.endsWith('.')) continue;
      const [word, ...ids] = line.slice(0, -1).split(' ');
      if (word === 'stored') for (const id of ids) this.#acknowledged.add(id);
      if (word === 'halves') for (const id of ids) this.#halves.add(id);
      if (word === 'found') this.#compare(new Set(ids));
    }
  }

  nextStart(): Promise<void> {
    this.#started = Promise.withResolvers<void>();
    return this.#started.promise;
  }

  result(): KillStoreResult {
    return {
      acknowledged: this.#acknowledged.size,
      lost: [...this.#lost],
      halves: [...this.#halves],
      starts: this.#starts,
    };
  }

  #compare(found: ReadonlySet<string>): void {
    for (const id of this.#acknowledged) if (!found.has(id)) this.#lost.add(id);
    this.#starts += 1;
    this.#started.resolve();
  }
}

interface Child {
  readonly process: ChildProcess;
  readonly lines: Interface;
  readonly ended: Promise<unknown>;
}

function startChild(data_dir: string, kind: string): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-store-child.ts'), data_dir, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { process: child, lines: createInterface({ input: child.stdout }), ended: once(child, 'exit') };
}

/** A child that ends before it is killed has found a fault, unless its server was taken from it. */
async function end(child: Child, server_killed: boolean): Promise<void> {
  child.process.kill('SIGKILL');
  await child.ended;
  if (child.process.signalCode === 'SIGKILL' || server_killed) return;
  throw new Error(`The child ended by itself, with ${child.process.exitCode}: it cannot open or write its database.`);
}

async function killServer(data_dir: string): Promise<void> {
  const cluster = await findCluster(data_dir);
  const server = cluster === null ? null : await findPostmaster(cluster);
  if (server !== null) process.kill(server.pid, 'SIGKILL');
}
