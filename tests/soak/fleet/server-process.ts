/** One server of a fleet: a process on a port and a data directory of its own, that can be killed, stopped, held and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerProcess {
  readonly name: string;
  readonly url: string;
  /** False while it is down, starting or held. */
  readonly isReady: boolean;
  readonly isRunning: boolean;
  /** Milliseconds from each start until it was ready. */
  readonly starts_ms: readonly number[];
  /** Resolves when it is ready, or was killed before. Rejects when it ends by itself. */
  start(): Promise<void>;
  /** Resolves when it is gone. SIGTERM lets it finish what it has. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** It lives and does nothing for so long, as a machine that is out of breath. */
  hold(ms: number): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..', '..');
/** A directory for what the servers log, of one who wants to know. */
const logs = process.env.GESSO_SOAK_LOGS;
const READY_WITHIN_MS = 60_000;
/** Past the server's own patience. */
const STOPPED_WITHIN_MS = 45_000;

export async function createServerProcess(
  name: string,
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const data_dir = join(directory, name);
  await mkdir(data_dir, { recursive: true });
  const starts_ms: number[] = [];
  let child: ChildProcess | null = null;
  let isReady = false;
  let isWanted = false;

  return {
    name,
    url,
    starts_ms,
    get isReady() {
      return isReady;
    },
    get isRunning() {
      return child !== null;
    },

    async start() {
      const began = performance.now();
      const own = spawn(process.execPath, [join(root, 'bin', 'gesso.js'), 'serve'], {
        stdio: ['ignore', logs === undefined ? 'ignore' : openSync(join(logs, `${name}.log`), 'a'), 'pipe'],
        env: { ...process.env, ...settings, PORT: String(port), PUBLIC_URL: url, GESSO_DATA_DIR: data_dir },
      });
      child = own;
      isWanted = true;
      let errors = '';
      own.stderr?.on('data', (chunk: Buffer) => {
        errors = (errors + chunk.toString()).slice(-4_000);
      });
      own.once('exit', () => {
        if (child === own) child = null;
        isReady = false;
      });
      while (performance.now() - began < READY_WITHIN_MS) {
        if (own.exitCode !== null || own.signalCode !== null) {
          if (isWanted) throw new Error(`${name} did not start (${own.exitCode ?? own.signalCode}): ${errors}`);
          return;
        }
        if (await answers(`${url}/readyz`)) {
          starts_ms.push(performance.now() - began);
          isReady = isWanted;
          return;
        }
        await delay(50);
      }
      throw new Error(`${name} was not ready within ${READY_WITHIN_MS} ms: ${errors}`);
    },

    async end(signal) {
      isReady = false;
      isWanted = false;
      const own = child;
      if (own === null || own.exitCode !== null || own.signalCode !== null) return;
      const gone = once(own, 'exit');
      // A held process hears nothing but SIGKILL.
      own.kill(signal);
      const late = setTimeout(() => own.kill('SIGKILL'), STOPPED_WITHIN_MS);
      await gone;
      clearTimeout(late);
    },

    async hold(ms) {
      const own = child;
      isReady = false;
      own?.kill('SIGSTOP');
      await delay(ms);
      own?.kill('SIGCONT');
      isReady = own !== null && own === child && isWanted;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
