/** A real S3 server (versitygw on a temporary directory), or the one that GESSO_TEST_S3_ENDPOINT names. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { S3Access } from '../../src/media/s3/connect-s3.ts';

export interface S3Server {
  readonly endpoint: string;
  readonly access_key_id: string;
  readonly secret_access_key: string;
  /** Stops answering, as a server that died; `start` brings it back with all that it had. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** A key of a user who may do nothing. */
  addStranger(): Promise<{ readonly access_key_id: string; readonly secret_access_key: string }>;
  close(): Promise<void>;
}

const run = promisify(execFile);
const ROOT = { access_key_id: 'gessotest', secret_access_key: 'gessotestsecret' };

/** Needs GESSO_TEST_S3_SERVER: the path of a `versitygw`. */
export async function startS3Server(): Promise<S3Server> {
  const binary = process.env.GESSO_TEST_S3_SERVER;
  if (binary === undefined) {
    throw new Error(
      'Set GESSO_TEST_S3_SERVER to a versitygw (go install github.com/versity/versitygw/cmd/versitygw@v1.8.0), or GESSO_TEST_S3_ENDPOINT.',
    );
  }
  const directory = await mkdtemp(join(tmpdir(), 'gesso-s3-'));
  const folder = async (name: string): Promise<string> => {
    const path = join(directory, name);
    await mkdir(path);
    return path;
  };
  const [data, sidecar, iam] = [await folder('data'), await folder('meta'), await folder('iam')];
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const keys = ['--access', ROOT.access_key_id, '--secret', ROOT.secret_access_key];
  let child: ChildProcess | null = null;

  const server: S3Server = {
    endpoint,
    ...ROOT,
    async start() {
      const flags = ['--port', `127.0.0.1:${port}`, ...keys, '--quiet', '--keep-alive', '--iam-dir', iam];
      // Not every filesystem of a test machine has extended attributes.
      child = spawn(binary, [...flags, 'posix', '--sidecar', sidecar, data], { stdio: 'ignore' });
      await untilAnswering(endpoint);
    },
    async kill() {
      if (child === null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      child = null;
      await gone;
    },
    async addStranger() {
      const stranger = { access_key_id: 'stranger', secret_access_key: 'strangersecret' };
      const user = ['--access', stranger.access_key_id, '--secret', stranger.secret_access_key, '--role', 'user'];
      await run(binary, ['admin', ...keys, '--endpoint-url', endpoint, 'create-user', ...user]);
      return stranger;
    },
    async close() {
      await server.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

export function accessTo(
  server: Pick<S3Server, 'endpoint' | 'access_key_id' | 'secret_access_key'>,
  bucket: string,
): S3Access {
  const { endpoint, access_key_id, secret_access_key } = server;
  const credentials = { access_key_id, secret_access_key, session_token: null };
  return { bucket, endpoint, region: null, credentials, force_path_style: true };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilAnswering(endpoint: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answered = await fetch(endpoint).then(
      async (response) => (await response.text()) !== '',
      () => false,
    );
    if (answered) return;
    await sleep(25);
  }
  throw new Error(`no S3 server answers at ${endpoint}`);
}
