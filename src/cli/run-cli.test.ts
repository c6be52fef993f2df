import { access, chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cliParts } from '../cli-parts.ts';
import type { App } from '../contracts/app.ts';
import { runCli } from './run-cli.ts';
import { type TestWorldOptions, testWorld } from './test-world.ts';

/** An app and its database are started, on machines that may have other work. */
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gesso-cli-'));
  // As root, a closed directory above the data directory would send the database to /var/lib/gesso, past our cleaning.
  await chmod(directory, 0o755);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function run(line: readonly string[], options: TestWorldOptions = {}) {
  const env = { GESSO_DATA_DIR: join(directory, 'data'), ...options.env };
  const world = testWorld({ parts: cliParts, ...options, env, arguments: line });
  const code = await runCli(world);
  return { code, out: world.out(), err: world.err() };
}

test.each([
  [['--help'], 0, /Commands:/],
  [['generate', '--help'], 0, /--edit <file>/],
  [['--version'], 0, /^1\.2\.3\n$/],
])('%j is fine', async (line, code, out) => {
  const outcome = await run(line, { parts: {} });
  expect(outcome).toMatchObject({ code, err: '' });
  expect(outcome.out).toMatch(out);
});

test.each([
  [[], /Usage: gesso/],
  [['paint'], /unknown command 'paint'/],
  [['generat', 'x'], /Did you mean generate/],
  [['generate'], /missing required argument 'prompt'/],
  [['generate', 'x', '--seed', '-1'], /Give a whole number/],
  [['generate', 'x', '--n', 'two'], /Give a whole number/],
  [['generate', 'x', '--frobnicate'], /unknown option '--frobnicate'/],
  [['generate', 'x', '-o', 'x.bmp'], /cannot be written as \.bmp/],
  [['generate', 'x', '--mask', 'm.png'], /--mask needs a picture to edit/],
  [['generate', 'x', '--edit', '/nowhere/in.png'], /in\.png cannot be read: there is no such file/],
  [['keys', 'create', '--name', 'x'], /'--mode <mode>' not specified/],
  [['keys', 'create', '--name', 'x', '--mode', 'root'], /Allowed choices are live, test, admin/],
])('%j is wrong usage', async (line, err) => {
  const outcome = await run(line, { parts: {} });
  expect(outcome).toMatchObject({ code: 2, out: '' });
  expect(outcome.err).toMatch(err);
  expect(outcome.err).not.toMatch(/\n\s+at /);
});

test('a picture that cannot be written is refused before anything is drawn', async () => {
  const outcome = await run(['generate', 'x', '-o', join(directory, 'missing', 'out.png')], { parts: {} });
  expect(outcome.code).toBe(1);
  expect(outcome.err).toMatch(/there is no directory .*missing/);
  expect(outcome.err).toMatch(/fix: Make it with `mkdir -p/);
});

test.each([
  [{ GESSO_URL: 'http://127.0.0.1:1' }, 2, /GESSO_URL is set, and GESSO_API_KEY is not/],
  [{ GESSO_URL: 'localhost', GESSO_API_KEY: 'k' }, 2, /GESSO_URL is no http address/],
  [{ GESSO_URL: 'http://127.0.0.1:1', GESSO_API_KEY: 'sk-test-x' }, 1, /http:\/\/127\.0\.0\.1:1 does not answer/],
  [{ PORT: 'abc' }, 1, /PORT must be a whole number/],
])('with %j a client command fails with %i', async (env, code, err) => {
  const outcome = await run(['models'], { env });
  expect(outcome.code).toBe(code);
  expect(outcome.err).toMatch(err);
});

test('--test with a live key is refused: it would spend money', async () => {
  const outcome = await run(['generate', 'x', '--test'], { parts: {}, env: { GESSO_API_KEY: 'sk-live-x' } });
  expect(outcome).toMatchObject({ code: 2, err: expect.stringContaining('GESSO_API_KEY holds a live one') });
});

test('with --json an error is JSON on stdout', async () => {
  const { out, err, code } = await run(['models', '--json'], { env: { GESSO_URL: 'localhost', GESSO_API_KEY: 'k' } });
  expect(code).toBe(2);
  expect(err).toBe('');
  expect(JSON.parse(out)).toMatchObject({
    error: { code: 'wrong_usage', message: expect.stringContaining('GESSO_URL') },
  });
});

test('a fault of our own shows its stack with LOG_LEVEL=debug, and only then', async () => {
  const parts = { settings: () => Promise.reject(new TypeError('x is not a function')) };
  const plain = await run(['models'], { parts });
  expect(plain.err).toBe(
    'error: x is not a function\nfix: Run it again with LOG_LEVEL=debug to see where this came from.\n',
  );
  const debug = await run(['models'], { parts, env: { LOG_LEVEL: 'debug' } });
  expect(debug.err).toMatch(/TypeError: x is not a function\n\s+at /);
});

test('config lists every setting with where it came from; a fault is exit code 1', async () => {
  const fine = await run(['config', '--json'], { env: { PORT: '9000' } });
  expect(fine).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(fine.out).settings).toContainEqual(
    expect.objectContaining({ name: 'PORT', value: '9000', source: 'environment' }),
  );
  const wrong = await run(['config'], {
    env: { PORT: 'abc', GESSO_PORT: '1', DATABASE_URL: 'postgresql://u:hunter22@h/d' },
  });
  expect(wrong.code).toBe(1);
  expect(wrong.err).toContain('fault: PORT must be a whole number');
  expect(wrong.err).toContain('fault: GESSO_SECRET must be set where DATABASE_URL is: ');
  expect(wrong.err).toContain('there is no setting GESSO_PORT. Did you mean PORT?');
  expect(wrong.out).not.toContain('hunter22');
});

test('catalog check counts what there is', async () => {
  const { code, out } = await run(['catalog', 'check']);
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+ models, \d+ offers, no faults\.\n$/);
});

test('catalog check lists every fault', async () => {
  const checkCatalog = async () => ({
    models: 0,
    offers: 0,
    providers: [],
    faults: ['a.toml: name: missing', 'b.toml: is not TOML'],
  });
  const { code, out } = await run(['catalog', 'check'], { parts: { checkCatalog } });
  expect(code).toBe(1);
  expect(out).toContain('fault: a.toml: name: missing\nfault: b.toml: is not TOML\n2 faults');
});

test('the app in this process draws, keeps its first keys and lets go of its data', async () => {
  const output = join(directory, 'fox.webp');
  const { code, out, err } = await run([
    'generate',
    'a fox',
    '-o',
    output,
    '--size',
    '96x64',
    '--n',
    '2',
    '--seed',
    '7',
  ]);
  expect(err).toMatch(/fox\.webp {2}96x64 {2}[\d.]+ k?B\n/);
  expect(code).toBe(0);
  expect(out).toBe(`${output}\n${join(directory, 'fox-2.webp')}\n`);
  expect(await sharp(output).metadata()).toMatchObject({ format: 'webp', width: 96, height: 64 });
  const keys = await stat(join(directory, 'data', 'first-keys.txt'));
  expect(keys.mode & 0o777).toBe(0o600);
  expect(await cliParts.findServer(join(directory, 'data'))).toBeNull();
});

test('a running server is found by its lock, and lends its owner its token', async () => {
  const env = { GESSO_DATA_DIR: join(directory, 'data'), PORT: '0', LOG_LEVEL: 'silent' };
  const app: App = await cliParts.createApp(env, { log: { write: () => {} } });
  try {
    const url = await app.listen();
    const edited = join(directory, 'night.jpg');
    const source = join(directory, 'fox.webp');
    const edit = await run(['generate', 'make it night', '--edit', source, '--edit', source, '-o', edited, '--json']);
    expect(JSON.parse(edit.out)).toMatchObject({
      mode: 'live',
      pictures: [{ path: edited, content_type: 'image/jpeg', url: expect.stringContaining(`${url}/media/`) }],
    });
    expect(edit).toMatchObject({ code: 0, err: '' });
    await access(edited);

    const test = await run([
      'generate',
      'a fox',
      '--model',
      'seedream-4',
      '--test',
      '--size',
      '1K',
      '-o',
      `${directory}/`,
      '--json',
    ]);
    expect(JSON.parse(test.out)).toMatchObject({
      mode: 'test',
      model: 'bytedance/seedream-4.0',
      pictures: [{ path: expect.stringContaining(join(directory, 'a-fox.')), width: 1024 }],
    });

    const mask = join(directory, 'mask.png');
    await sharp({ create: { width: 96, height: 64, channels: 4, background: '#0000' } })
      .png()
      .toFile(mask);
    const shown = await run(['generate', 'snow', '--edit', source, '--mask', mask, '-o', join(directory, 'snow.png')], {
      columns: 60,
      env: { COLORTERM: 'truecolor' },
    });
    expect(shown).toMatchObject({ code: 0, out: '' });
    // 54 wide, 36 high: the shape of the picture, in the room that there is.
    expect(shown.err.split('\n').filter((line) => line.includes('▀'))).toHaveLength(18);
    const told = shown.err.slice(shown.err.lastIndexOf('▀'));
    expect(told).toMatch(/snow\.png.*\d+x\d+ /);
    expect(told).toMatch(/gesso\/sketch · [\d.]+ s · free/);

    const models = await run(['models']);
    expect(models.out).toMatch(/^bytedance\/seedream-4\.0 .*\$0\.03\/picture.*byteplus, fal, replicate/m);
    expect((await run(['models', 'seedream-4'])).out).toMatch(/fal\/seedream-4-edit/);
    expect(await run(['models', 'sedream-4'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/Did you mean .*seedream-4/),
    });

    const second = await run(['serve']);
    expect(second).toMatchObject({
      code: 1,
      err: expect.stringContaining(`already runs at ${url} (process ${process.pid})`),
    });
  } finally {
    await app.close();
  }
});

test('keys of a first start outlive a port in use, and leave the disk once a terminal has shown them', async () => {
  const data_dir = join(directory, 'first');
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo; // It listens on a port, not on a pipe.
  const refused = await run(['serve'], { columns: 80, env: { GESSO_DATA_DIR: data_dir, PORT: String(port) } });
  other.close();
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('The port is in use') });
  const kept = join(data_dir, 'first-keys.txt');
  expect(await readFile(kept, 'utf8')).toMatch(/GESSO_TEST_KEY=sk-test-/);

  const serve = async (dir: string): Promise<string> => {
    const world = testWorld({
      parts: cliParts,
      arguments: ['serve'],
      columns: 80,
      env: { GESSO_DATA_DIR: dir, PORT: '0' },
    });
    const ended = runCli(world);
    await vi.waitFor(() => expect(world.out()).toContain('Stop with Ctrl-C'), { timeout: 30_000 });
    world.send('SIGTERM');
    expect(await ended).toBe(0);
    return world.out();
  };
  expect(await serve(data_dir)).toContain('The first keys are in');
  const fresh = join(directory, 'fresh');
  expect(await serve(fresh)).toContain('sk-test-');
  await expect(access(join(fresh, 'first-keys.txt'))).rejects.toThrow('ENOENT');
});
