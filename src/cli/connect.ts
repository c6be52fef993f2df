/** Finds a Gesso to talk to: the one named in GESSO_URL, the one that runs on this data directory, or one in this process. */
import { type ApiClient, appTransport, createApiClient, httpTransport, type Transport } from './api-client.ts';
import { CliError, usageError } from './cli-error.ts';
import { keepFirstKeys } from './first-keys.ts';
import { quietLog } from './log-lines.ts';
import { openTerminal } from './terminal.ts';
import { watchStop } from './watch-stop.ts';
import type { CliWorld, RunningServer } from './world.ts';

export interface ConnectOptions {
  readonly mode: 'live' | 'test';
  /** Told what is being waited for. */
  readonly onWait?: (what: string) => void;
}

/** Another `gesso generate` holds the directory for as long as it draws. */
const LOCK_WAIT_MS_MAX = 60_000;
const LOCK_POLL_MS = 100;

export async function connect(world: CliWorld, options: ConnectOptions): Promise<ApiClient> {
  const { env, fetch: fetchUrl } = world;
  const key = env.GESSO_API_KEY || null;
  if (key !== null && options.mode === 'test' && key.startsWith('sk-live-')) {
    throw usageError(
      '--test needs a test key, and GESSO_API_KEY holds a live one.',
      'Put a key that begins with sk-test- into GESSO_API_KEY.',
    );
  }
  if (env.GESSO_URL) return createApiClient(httpTransport(checkUrl(env.GESSO_URL), fetchUrl), remoteKey(key), fetchUrl);
  const { GESSO_DATA_DIR: data_dir } = await world.parts.settings(env);
  const server = await waitForServer(world, data_dir, options);
  if (server !== null) {
    const token = key ?? `sk-local-${options.mode}-${server.local_token}`;
    return createApiClient(httpTransport(server.url, fetchUrl), token, fetchUrl);
  }
  options.onWait?.('Starting Gesso in this process');
  const { transport, token } = await startHere(world, data_dir, options.mode);
  return createApiClient(transport, key ?? token, fetchUrl);
}

function checkUrl(url: string): string {
  if (/^https?:\/\/./.test(url) && URL.canParse(url)) return url;
  throw usageError(`GESSO_URL is no http address: ${url}`, 'Write it as http://127.0.0.1:8080.');
}

function remoteKey(key: string | null): string {
  if (key !== null) return key;
  throw usageError(
    'GESSO_URL is set, and GESSO_API_KEY is not.',
    'Set GESSO_API_KEY to a key of that server, or unset GESSO_URL to use the one on this machine.',
  );
}

async function waitForServer(
  world: CliWorld,
  data_dir: string,
  { onWait }: ConnectOptions,
): Promise<(RunningServer & { readonly url: string }) | null> {
  const deadline = world.now() + LOCK_WAIT_MS_MAX;
  for (;;) {
    const server = await world.parts.findServer(data_dir);
    if (server === null) return null;
    const { url, pid } = server;
    if (url !== null) return { ...server, url };
    if (world.now() >= deadline) {
      throw new CliError(`Another Gesso (process ${pid}) is using ${data_dir}, and is not answering.`, {
        fix: `Wait for it, stop it with \`kill ${pid}\`, or set GESSO_DATA_DIR to another directory.`,
      });
    }
    onWait?.(`Waiting for another Gesso (process ${pid}) to be done with ${data_dir}`);
    await world.sleep(LOCK_POLL_MS);
  }
}

/** The app in this process, which ends whole also when somebody presses Ctrl-C. */
async function startHere(
  world: CliWorld,
  data_dir: string,
  mode: 'live' | 'test',
): Promise<{ readonly transport: Transport; readonly token: string }> {
  const terminal = openTerminal(world.stderr, world.env);
  const env = { ...world.env, LOG_LEVEL: world.env.LOG_LEVEL || 'warn' };
  const starting = world.parts.createApp(env, { log: quietLog(terminal) });
  // Listens from the first moment: a database that is half made would be left behind.
  const stop = watchStop(world, () => {});
  void stop.requested.then(async (signal) => {
    const code = signal === 'SIGINT' ? 130 : 143;
    await starting.then((app) => app.close()).finally(() => world.exit(code));
  });
  const app = await starting.catch((error: unknown) => {
    stop.release();
    throw error;
  });
  if (app.firstKeys !== null) await keepFirstKeys(data_dir, app.firstKeys);
  const transport = appTransport(app);
  const close = async () => {
    await transport.close();
    stop.release();
  };
  return { transport: { ...transport, close }, token: app.localToken(mode) };
}
