/** What `gesso doctor` looks at, in the order in which one thing rests on another. */
import { rm, stat, statfs, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { formatBytes, formatSeconds } from './format-values.ts';
import type { CliWorld } from './world.ts';

export interface Finding {
  readonly state: 'ok' | 'warning' | 'fault';
  readonly text: string;
  readonly fix?: string;
}

export interface DoctorCheck {
  readonly name: string;
  /** What it throws is a fault with that message. */
  run(world: CliWorld): Promise<Finding>;
}

const NODE_MAJOR = 24;
const DISK_BYTES_MIN = 200e6;
const DISK_BYTES_GOOD = 2e9;
const MEMORY_BYTES_MIN = 300e6;
const MEMORY_BYTES_GOOD = 1e9;
const FORMATS = ['png', 'jpeg', 'gif', 'webp', 'avif'];
/** Gesso was not there before: a clock that says so is wrong, and certificates and links will seem expired or not yet valid. */
const CLOCK_MIN = Date.UTC(2026, 0, 1);

const ok = (text: string): Finding => ({ state: 'ok', text });
const warning = (text: string, fix: string): Finding => ({ state: 'warning', text, fix });
const fault = (text: string, fix: string): Finding => ({ state: 'fault', text, fix });

export const doctorChecks: readonly DoctorCheck[] = [
  { name: 'node', run: checkNode },
  { name: 'settings', run: checkSettings },
  { name: 'clock', run: checkClock },
  { name: 'memory', run: checkMemory },
  { name: 'data', run: checkDataDirectory },
  { name: 'disk', run: checkDisk },
  { name: 'port', run: checkPort },
  { name: 'database', run: checkDatabase },
  { name: 'pictures', run: checkPictures },
  { name: 'formats', run: checkFormats },
  { name: 'fonts', run: checkFonts },
  { name: 'engine', run: checkEngine },
  { name: 'catalogue', run: checkCatalogue },
  { name: 'providers', run: checkProviders },
];

async function checkNode(): Promise<Finding> {
  const { version } = process;
  const place = `${process.platform}-${process.arch}, ${availableParallelism()} cores`;
  if (Number.parseInt(version.slice(1), 10) >= NODE_MAJOR) return ok(`Node ${version} on ${place}`);
  return fault(
    `Node ${version} is too old`,
    `Run \`npm ci\`: it brings Node ${NODE_MAJOR}, which \`npx gesso\` then uses.`,
  );
}

async function checkSettings(world: CliWorld): Promise<Finding> {
  const { settings, faults, unknown } = await world.parts.describeSettings(world.env);
  if (faults.length > 0) {
    return fault(
      faults.map(({ name, message }) => `${name} ${message}`).join('; '),
      '`gesso config` shows what each takes.',
    );
  }
  if (unknown.length > 0) {
    const names = unknown.map(({ name, did_you_mean }) => name + (did_you_mean === null ? '' : ` (${did_you_mean}?)`));
    return warning(
      `not known: ${names.join(', ')}`,
      'Mend the names, or unset them; `gesso config` lists all settings.',
    );
  }
  const set = settings.filter(({ source }) => source !== 'default').map(({ name }) => name);
  return ok(set.length === 0 ? 'all at their defaults' : `set: ${set.join(', ')}`);
}

async function checkClock(world: CliWorld): Promise<Finding> {
  const text = new Date(world.now()).toISOString();
  return world.now() >= CLOCK_MIN ? ok(text) : fault(`the clock says ${text}`, 'Set the clock of this machine.');
}

async function checkMemory(): Promise<Finding> {
  // Both see the limits of a container, which os.freemem does not.
  const free = process.availableMemory();
  const text = `${formatBytes(free)} free`;
  if (free < MEMORY_BYTES_MIN) return fault(text, 'End other programs, or give the container more memory.');
  if (free < MEMORY_BYTES_GOOD)
    return warning(text, 'Enough for small pictures; set GESSO_PIXELS_IN_FLIGHT_MAX=16 to be safe.');
  return ok(text);
}

async function checkDataDirectory(world: CliWorld): Promise<Finding> {
  const { GESSO_DATA_DIR } = await world.parts.settings(world.env);
  const directory = resolve(GESSO_DATA_DIR);
  const { at, exists } = await nearest(directory);
  const probe = join(at, `.gesso-doctor-${process.pid}`);
  try {
    await writeFile(probe, '', { flag: 'wx' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault(`${directory} cannot be written: ${reason}`, 'Set GESSO_DATA_DIR to a directory of your own.');
  } finally {
    await rm(probe, { force: true });
  }
  if (!exists) return ok(`${directory} will be made on the first start`);
  const server = await world.parts.findServer(directory);
  if (server === null) return ok(`${directory}, in use by nobody`);
  return ok(`${directory}, in use by Gesso${server.url === null ? '' : ` at ${server.url}`} (process ${server.pid})`);
}

async function checkDisk(world: CliWorld): Promise<Finding> {
  const { GESSO_DATA_DIR } = await world.parts.settings(world.env);
  const { at } = await nearest(resolve(GESSO_DATA_DIR));
  const { bavail, bsize } = await statfs(at);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} free at ${at}`;
  if (free < DISK_BYTES_MIN) return fault(text, 'Make room, or set GESSO_DATA_DIR to another disk.');
  if (free < DISK_BYTES_GOOD) return warning(text, 'A picture of 4096x4096 takes up to 50 MB: make room soon.');
  return ok(text);
}

/** The directory, or the nearest one above it that exists. */
async function nearest(directory: string): Promise<{ readonly at: string; readonly exists: boolean }> {
  for (let at = directory; ; at = dirname(at)) {
    const found = await stat(at).catch(() => null);
    if (found !== null || at === dirname(at)) return { at, exists: at === directory };
  }
}

async function checkPort(world: CliWorld): Promise<Finding> {
  const { HOST, PORT, GESSO_DATA_DIR } = await world.parts.settings(world.env);
  const server = await world.parts.findServer(GESSO_DATA_DIR);
  if (server?.url != null && Number(new URL(server.url).port) === PORT) return ok(`${PORT}, served by this Gesso`);
  const code = await tryListen(HOST, PORT);
  if (code === null) return ok(`${HOST}:${PORT} is free`);
  if (code === 'EADDRINUSE') {
    return fault(`${HOST}:${PORT} is in use by another program`, 'Stop that program, or set PORT to another number.');
  }
  return fault(`cannot listen on ${HOST}:${PORT} (${code})`, 'Set HOST=127.0.0.1 and a PORT above 1023.');
}

function tryListen(host: string, port: number): Promise<string | null> {
  const { promise, resolve: done } = Promise.withResolvers<string | null>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  server.listen(port, host, () => server.close(() => done(null)));
  return promise;
}

async function checkDatabase(world: CliWorld): Promise<Finding> {
  const { GESSO_DATA_DIR, DATABASE_URL } = await world.parts.settings(world.env);
  const server = await world.parts.findServer(GESSO_DATA_DIR);
  if (server !== null && DATABASE_URL === undefined) return ok(`open in process ${server.pid}`);
  const started_at = world.now();
  const { summary, for_trying_out } = await world.parts.probeDatabase(world.env);
  const text = `${summary}, opened in ${formatSeconds(world.now() - started_at)}`;
  if (!for_trying_out) return ok(text);
  return warning(text, 'Set DATABASE_URL to a PostgreSQL 15 or newer before anything matters.');
}

async function checkPictures(world: CliWorld): Promise<Finding> {
  const started_at = world.now();
  const text = await world.parts.probeMedia(world.env);
  return ok(`${text}, tried in ${formatSeconds(world.now() - started_at)}`);
}

async function checkFormats(world: CliWorld): Promise<Finding> {
  const formats = await world.parts.writableFormats();
  const missing = FORMATS.filter((format) => !formats.includes(format));
  if (missing.length === 0) return ok(`writes ${FORMATS.join(', ')}`);
  return fault(
    `cannot write ${missing.join(', ')}`,
    'Run `npm ci` on this machine: it brings the right build of sharp.',
  );
}

async function checkFonts(world: CliWorld): Promise<Finding> {
  const fonts = await world.parts.loadFonts();
  if (fonts > 0) return ok(`${fonts} of our own`);
  return fault(
    'there are no fonts to draw text with',
    'Check that the repository is whole: `git status src/sketch/text/fonts`.',
  );
}

async function checkEngine(world: CliWorld): Promise<Finding> {
  const started_at = world.now();
  const { width, height, data } = await world.parts.drawSample();
  const colors = new Set<number>();
  for (let at = 0; at + 3 < data.length; at += 4) {
    colors.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
  }
  const text = `drew ${width}x${height} in ${formatSeconds(world.now() - started_at)}`;
  if (colors.size > 1) return ok(text);
  return fault(`${text}, and it is blank`, 'Run `npm test -- src/sketch`, and report what it says.');
}

async function checkCatalogue(world: CliWorld): Promise<Finding> {
  const { models, offers, faults } = await world.parts.checkCatalog();
  if (faults.length === 0) return ok(`${models} models, ${offers} offers`);
  return fault(`${faults.length} faults`, '`gesso catalog check` lists them.');
}

async function checkProviders(world: CliWorld): Promise<Finding> {
  const { providers } = await world.parts.checkCatalog();
  const isSet = (variables: readonly string[]) => variables.some((name) => Boolean(world.env[name]));
  const withKey = providers.filter(({ variables }) => variables.length > 0);
  const keyed = withKey.filter(({ variables }) => isSet(variables)).map(({ id }) => id);
  const others = withKey
    .filter(({ variables }) => !isSet(variables))
    .map(({ id, variables }) => `${id} (${variables[0]})`);
  const has = keyed.length === 0 ? 'no keys, so the built-in engine draws' : `keys for ${keyed.join(', ')}`;
  return ok(others.length === 0 ? has : `${has}; none for ${others.join(', ')}`);
}
