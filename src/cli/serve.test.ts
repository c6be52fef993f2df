/** The launcher as a person starts it: a process of its own, with real signals and ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const launcher = join(root, 'bin', 'gesso.js');
const children: ChildProcess[] = [];

/** Whole processes and a database are started, on machines that may have other work. */
vi.setConfig({ testTimeout: 60_000 });

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gesso-serve-'));
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly text: () => string;
  /** Resolves when the output holds the pattern; rejects with the output when the process ends before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

function start(line: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [launcher, ...line], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GESSO_DATA_DIR: join(directory, 'data'),
      PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      for (const look of waiting) look();
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null); // The event's first argument.
  const says = (pattern: RegExp): Promise<RegExpExecArray> => {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const found = pattern.exec(text);
      if (found !== null) resolve(found);
    };
    waiting.add(look);
    look();
    void ended.then(() => reject(new Error(`ended without saying ${pattern}:\n${text}`)));
    return promise;
  };
  return { child, text: () => text, says, ended };
}

test('serve: keys to a private file, a picture through it, a second refused, a signal ends it well', async () => {
  const server = start(['serve']);
  const [, url = ''] = await server.says(
    /listens at (http:\/\/127\.0\.0\.1:\d+)\. Its first keys are in .*first-keys\.txt/,
  );
  const path = join(directory, 'data', 'first-keys.txt');
  const keys = await readFile(path, 'utf8');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(server.text()).not.toMatch(/sk-(live|test|admin)-\w/);

  const key = /GESSO_TEST_KEY=(sk-test-\S+)/.exec(keys)?.[1] ?? '';
  const output = join(directory, 'out.png');
  const draw = start(['generate', 'a red house', '-o', output, '--size', '64x64', '--json'], {
    GESSO_URL: url,
    GESSO_API_KEY: key,
  });
  expect(await draw.ended).toBe(0);
  expect(JSON.parse(draw.text())).toMatchObject({ mode: 'test', pictures: [{ path: output, width: 64, height: 64 }] });

  const second = start(['serve']);
  expect(await second.ended).toBe(1);
  expect(second.text()).toContain(`error: Gesso already runs at ${url} (process ${server.child.pid})`);
  expect(second.text()).toContain('GESSO_DATA_DIR=./other PORT=8081 gesso serve');

  server.child.kill('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(server.text()).toContain('Stopping: work in hand is finished first.');
});

test('serve: a port in use is said with what to do, and the data is let go of', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo; // It listens on a port, not on a pipe.
  const server = start(['serve'], { PORT: String(port) });
  expect(await server.ended).toBe(1);
  expect(server.text()).toContain(`error: The port is in use by another program (127.0.0.1:${port}).`);
  expect(server.text()).toMatch(/fix: .*PORT=8081 gesso serve/);
  expect(server.text()).not.toMatch(/\n\s+at /);
  other.close();
});

test('a reader that has seen enough is no fault', async () => {
  const config = start(['config']);
  config.child.stdout?.destroy();
  expect(await config.ended).toBe(0);
});

test('wrong usage is exit code 2, and help loads no server', async () => {
  const wrong = start(['paint']);
  expect(await wrong.ended).toBe(2);
  const help = start(['--help'], { NODE_DEBUG: 'esm' });
  expect(await help.ended).toBe(0);
  // Node's own words for each module that it loads.
  const loaded = [...help.text().matchAll(/Storing file:\/\/(\S+)/g)].map(([, path = '']) => relative(root, path));
  expect(loaded).toContain('src/cli/run-cli.ts');
  const light = /^(bin|src\/cli|node_modules\/commander)\/|^src\/(main|cli-parts)\.ts$/;
  expect(loaded.filter((path) => !light.test(path))).toEqual([]);
});
