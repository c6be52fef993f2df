/**
 * The rest of Gesso as the command line sees it: functions that load it only when a command needs it, so that
 * `gesso --help` starts at once and `gesso config` never loads the server.
 */
import type { BackupReport, CliParts, Environment } from './cli/world.ts';
import type { Pixels } from './contracts/media.ts';
import type { BackupEnd, BackupHeader } from './store/backup/backup-format.ts';

export const cliParts: CliParts = {
  settings: async (env) => (await import('./config.ts')).loadConfig(env),
  describeSettings: async (env) => {
    const { describeSettings } = await import('./cli/describe-settings.ts');
    const { ConfigError, settingTable, unknownSettings, withSecretFiles } = await import('./config.ts');
    const unknown = unknownSettings(env);
    try {
      return describeSettings(settingTable, { environment: env, filled: withSecretFiles(env), unknown });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const report = describeSettings(settingTable, { environment: env, filled: env, unknown });
      return { ...report, faults: [...error.faults, ...report.faults] };
    }
  },
  createApp: async (env, { log }) => {
    const { loadConfig } = await import('./config.ts');
    const config = loadConfig(env);
    return (await import('./app.ts')).createApp(config, { logDestination: log, environment: env });
  },
  findServer: async (data_dir) => (await import('./store/data-directory.ts')).findRunningServer(data_dir),
  checkCatalog,
  decodePicture: async (path, { width, height }) => {
    const { decodePixels } = await import('./media/decode-pixels.ts');
    return decodePixels({ path }, { resize: { width, height, fit: 'inside' } });
  },
  encodePng: (pixels) => encodePicture(pixels, 'png'),
  probeDatabase,
  probeMedia,
  writableFormats,
  loadFonts,
  drawSample,
  checkBackup,
  restoreBackup,
};

async function checkCatalog(): ReturnType<CliParts['checkCatalog']> {
  const { CatalogError, faultLine, readCatalog } = await import('./catalog/read-catalog.ts');
  try {
    const { models, providers } = await readCatalog();
    return {
      models: models.size,
      offers: [...models.values()].reduce((sum, { offers }) => sum + offers.length, 0),
      providers: [...providers.values()].map(({ id, key_variables }) => ({ id, variables: key_variables })),
      faults: [],
    };
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    return { models: 0, offers: 0, providers: [], faults: error.faults.map(faultLine) };
  }
}

/** Opens the database that is there; where there is none yet, one of the same kind that is thrown away again. */
async function probeDatabase(env: Environment): ReturnType<CliParts['probeDatabase']> {
  const { mkdtemp, readdir, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { loadConfig } = await import('./config.ts');
  const { openDatabase } = await import('./store/open-database.ts');
  const config = loadConfig(env);
  const isNew = (await readdir(config.GESSO_DATA_DIR).catch(() => [])).length === 0;
  const data_dir = isNew ? await mkdtemp(join(tmpdir(), 'gesso-doctor-')) : config.GESSO_DATA_DIR;
  try {
    const database = await openDatabase({
      database_url: config.DATABASE_URL,
      data_dir,
      embedded: config.GESSO_EMBEDDED_DB,
      pool_max: 2,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    const { kind } = database;
    const line = database.describe();
    await database.close();
    const summary = isNew && kind !== 'external' ? `${line.replace(/ in .*$/, '')} can run here` : line;
    return { summary, for_trying_out: kind === 'pglite' };
  } finally {
    if (isNew) await rm(data_dir, { recursive: true, force: true });
  }
}

/** Touches nothing but the bucket: the directory of pictures belongs to the server, which may be running. */
async function probeMedia(env: Environment): Promise<string> {
  const { loadConfig } = await import('./config.ts');
  const { checkBucket } = await import('./media/open-media-store.ts');
  return (await checkBucket(loadConfig(env))) ?? 'files under GESSO_DATA_DIR';
}

async function writableFormats(): Promise<readonly string[]> {
  const formats = ['png', 'jpeg', 'gif', 'webp', 'avif'] as const;
  const pixels: Pixels = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 4).fill(200) };
  const written = await Promise.all(
    formats.map((format) =>
      encodePicture(pixels, format).then(
        () => [format],
        () => [],
      ),
    ),
  );
  return written.flat();
}

async function encodePicture(pixels: Pixels, format: 'png' | 'jpeg' | 'gif' | 'webp' | 'avif'): Promise<Uint8Array> {
  const { buffer } = await import('node:stream/consumers');
  const { convertPicture } = await import('./media/convert-picture.ts');
  const { body } = await convertPicture({ pixels }, { format, label: null });
  return body instanceof Uint8Array ? body : buffer(body);
}

async function loadFonts(): Promise<number> {
  const { loadFont } = await import('./sketch/text/load-font.ts');
  const faces = (['sans', 'serif'] as const).flatMap((family) =>
    (['regular', 'bold'] as const).map((weight) => loadFont(family, weight)),
  );
  return faces.length;
}

async function drawSample(): Promise<Pixels> {
  const { createSketchEngine } = await import('./sketch/engine.ts');
  const engine = createSketchEngine({ workers: 1 });
  try {
    const prompt = 'a red house on a green hill';
    const { pixels } = await engine.draw({ prompt, seed: 1, width: 64, height: 64, images: [], marked: false });
    return pixels;
  } finally {
    await engine.close();
  }
}

async function checkBackup(...[source, onProgress]: Parameters<CliParts['checkBackup']>): Promise<BackupReport> {
  const { checkBackup: check } = await import('./store/backup/check-backup.ts');
  const { header, end } = await check(source, onProgress);
  return backupReport(header, end);
}

function backupReport({ gesso_version, created_at, media }: BackupHeader, end: BackupEnd): BackupReport {
  const { rows, blobs, blob_bytes, blobs_missing } = end;
  return { gesso_version, created_at, rows, media, blobs, blob_bytes, blobs_missing };
}

/** No server, which would make an owner and keys of its own: only what it would keep them in. */
async function restoreBackup(
  ...[env, source, onProgress]: Parameters<CliParts['restoreBackup']>
): ReturnType<CliParts['restoreBackup']> {
  const { join } = await import('node:path');
  const { loadConfig } = await import('./config.ts');
  const { openMediaStore } = await import('./media/open-media-store.ts');
  const { secretMark } = await import('./store/backup/backup-format.ts');
  const { restoreBackup: restore } = await import('./store/backup/restore-backup.ts');
  const { openDataDirectory } = await import('./store/data-directory.ts');
  const { openDatabase } = await import('./store/open-database.ts');
  const { Cleanup } = await import('./system/cleanup.ts');
  const { createDeriveSecret } = await import('./system/derive-secret.ts');
  const { createRandomIds } = await import('./system/random-ids.ts');
  const config = loadConfig(env);
  const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
  const cleanup = new Cleanup();
  try {
    const directory = await openDataDirectory(config.GESSO_DATA_DIR, new Date());
    cleanup.add(() => directory.close());
    const database = await openDatabase({
      database_url: config.DATABASE_URL,
      data_dir: directory.path,
      embedded: config.GESSO_EMBEDDED_DB,
      pool_max: 2,
      log,
    });
    cleanup.add(() => database.close());
    const media = await openMediaStore({
      settings: config,
      directory: join(directory.path, 'media'),
      ids: createRandomIds(),
      clock: { now: () => Date.now() },
      log,
    });
    cleanup.add(async () => media.close());
    const { header, end, ledger } = await restore(source, { db: database.db, media: media.store, onProgress });
    const mark = secretMark(createDeriveSecret(config.GESSO_SECRET ?? directory.secret));
    return {
      ...backupReport(header, end),
      // The process that its server is ends with this command.
      database: database.describe().replace(/ \(process \d+\)$/, ''),
      is_same_secret: header.secret_mark === null ? null : header.secret_mark === mark,
      ledger: { ...ledger, faults: ledger.faults.length },
    };
  } finally {
    await cleanup.run();
  }
}
