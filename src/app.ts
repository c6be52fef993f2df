/**
 * The only file that constructs things. Read from top to bottom, it is the system: settings in, parts made in the order
 * in which they need each other, a server out; closing goes the same way back.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { readCatalogWithEngines } from './catalog/read-catalog.ts';
import { readEngineKeys } from './catalog/read-engines.ts';
import type { Config } from './config.ts';
import type { App } from './contracts/app.ts';
import type { SketchEngine } from './contracts/engine.ts';
import { WeightedSemaphore } from './core/limits/weighted-semaphore.ts';
import { limitsOfProviders, mergeLimits } from './core/routing/limits.ts';
import { createBatchWire } from './http/batches/batch-wire.ts';
import { createLog } from './http/create-log.ts';
import { createServer } from './http/create-server.ts';
import { createHttpMetrics } from './http/http-metrics.ts';
import { presentBatch } from './http/present/batch.ts';
import { presentGeneration } from './http/present/generation.ts';
import { createReadiness } from './http/readiness.ts';
import { requestInProcess } from './http/request-in-process.ts';
import { decodeMask, decodePixels } from './media/decode-pixels.ts';
import { openMediaStore } from './media/open-media-store.ts';
import { serveMedia } from './media/serve-media.ts';
import { createThumbnailer, snapThumbnailWidth } from './media/thumbnail.ts';
import { createCheckTarget } from './net/check-target.ts';
import { createGuardedFetch } from './net/guarded-fetch.ts';
import { createLiveAdapters } from './providers/create-live-adapters.ts';
import { createSketchAdapter } from './providers/sketch.ts';
import { JobNudges } from './providers/webhooks/job-nudges.ts';
import { everyChore } from './roles/every-chore.ts';
import { startChores } from './roles/start-chores.ts';
import { startWorker } from './roles/start-worker.ts';
import { AccountRetention } from './services/account-retention.ts';
import { createAdmissionGroups } from './services/admit.ts';
import { createServices } from './services/create-services.ts';
import { Ends } from './services/ends.ts';
import { findHostedMedia } from './services/find-hosted-media.ts';
import { firstStart } from './services/first-start.ts';
import { KnownKeys } from './services/known-keys.ts';
import { createLocalGates } from './services/local-offer-gate.ts';
import { OfferHealth } from './services/offer-health.ts';
import { createOfferTraffic, freeTraffic } from './services/offer-traffic.ts';
import { openStored } from './services/open-stored.ts';
import type { ServiceParts } from './services/parts.ts';
import { createSharedGates } from './services/shared-gates.ts';
import { endInterrupted } from './services/tidy-up.ts';
import { createViewGroups } from './services/view-groups.ts';
import { ifThere, readerOf } from './services/webhooks/event-reader.ts';
import { WorkAtHand } from './services/work-at-hand.ts';
import { createWriteGroups } from './services/write-groups.ts';
import { createSketchEngine } from './sketch/engine.ts';
import { openDataDirectory } from './store/data-directory.ts';
import { migrate } from './store/migrate.ts';
import { openBus } from './store/open-bus.ts';
import { openDatabase } from './store/open-database.ts';
import { Cleanup } from './system/cleanup.ts';
import { createDeriveSecret } from './system/derive-secret.ts';
import { createRandomIds } from './system/random-ids.ts';
import { version } from './system/version.ts';

export interface AppOptions {
  /** Where log lines go; stdout when absent. */
  readonly logDestination?: DestinationStream;
  /** In place of the built-in engine: the benchmark brings one that costs nothing. */
  readonly engine?: SketchEngine;
  /** Where keys of the operator's own engines are found, under the names that their file gives. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const DAY_MS = 24 * 60 * 60_000;
const MEGAPIXEL = 1_000_000;
const SEEDS = 2 ** 32;

export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const cleanup = new Cleanup();
  try {
    return await construct(config, options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function construct(config: Config, options: AppOptions, cleanup: Cleanup): Promise<App> {
  // The ground: clock, ids, log.
  const clock = { now: () => Date.now() };
  const ids = createRandomIds();
  const log = createLog(config.LOG_LEVEL, options.logDestination);

  // What is kept: the data directory, the database, pictures.
  const directory = await openDataDirectory(config.GESSO_DATA_DIR, new Date(clock.now()));
  cleanup.add(() => directory.close());
  const database = await openDatabase({
    database_url: config.DATABASE_URL,
    data_dir: directory.path,
    embedded: config.GESSO_EMBEDDED_DB,
    pool_max: config.DATABASE_POOL_MAX,
    log,
  });
  cleanup.add(() => database.close());
  await migrate(database);
  const { db } = database;
  const runner_id = ids.next('run');
  const isShared = database.kind === 'external';
  const bus = await openBus({
    db,
    listen_url: isShared ? (config.DATABASE_LISTEN_URL ?? config.DATABASE_URL ?? null) : null,
    sender: runner_id,
    log,
  });
  cleanup.add(() => bus.close());
  const mediaStore = await openMediaStore({
    settings: config,
    directory: join(directory.path, 'media'),
    ids,
    clock,
    log,
  });
  cleanup.add(async () => mediaStore.close());
  const { store: media } = mediaStore;
  const thumbnailer = createThumbnailer({
    directory: join(directory.path, 'cache', 'thumbnails'),
    bytes_max: config.GESSO_THUMBNAIL_CACHE_BYTES_MAX,
  });
  const removeBytes = async (sha256: string, stored_before: Date): Promise<void> => {
    await media.delete(sha256, stored_before);
    await thumbnailer.forget(sha256);
    bus.publish('removed', sha256);
  };
  // Every process has copies and thumbnails of its own.
  const forgetRemoved = bus.subscribe('removed', (sha256) => {
    Promise.all([mediaStore.forget(sha256), thumbnailer.forget(sha256)]).catch((error: unknown) =>
      log.warn({ err: error, sha256 }, 'a copy of removed bytes is still on this machine'),
    );
  });
  cleanup.add(async () => forgetRemoved());

  // What is known and who can be asked.
  const catalog = await readCatalogWithEngines(config.GESSO_ENGINES_FILE);
  const guardedFetch = createGuardedFetch({ allow_hosts: config.GESSO_FETCH_ALLOW_HOSTS });
  const engine =
    options.engine ??
    createSketchEngine(config.GESSO_SKETCH_WORKERS === undefined ? {} : { workers: config.GESSO_SKETCH_WORKERS });
  cleanup.add(() => guardedFetch.close());
  cleanup.add(() => engine.close());
  const sketch = createSketchAdapter({
    engine,
    decode: async ({ blob_sha256 }) => decodePixels(await openStored(media, blob_sha256)),
    decodeMask: async ({ blob_sha256, width, height }) =>
      decodeMask(await openStored(media, blob_sha256), { width, height }),
  });
  const live = createLiveAdapters({
    providers: catalog.providers.values(),
    settings: { ...(await readEngineKeys(catalog.providers.values(), options.environment ?? {})), ...config },
    guardedFetch,
    media,
    clock,
    webhooks: { public_url: config.PUBLIC_URL, nudges: new JobNudges({ bus, clock }), settings: config },
  });

  // Where this process can be reached is only known once it listens.
  let listening: string | null = null;
  const publicUrl = (): string => config.PUBLIC_URL ?? listening ?? `http://${hostInUrl(config.HOST)}:${config.PORT}`;

  // How offers do, from real traffic; test mode has a memory of its own, or none.
  const health = new OfferHealth({ db, clock, log });
  await health.refresh();
  const lease_ms = config.GESSO_LEASE_MS;
  const lease = { runner_id, lease_ms };
  const gates = isShared ? createSharedGates({ db, bus, clock, log, lease }) : createLocalGates(clock);
  cleanup.add(() => gates.close());
  const trafficParts = {
    health,
    clock,
    gates,
    limits: mergeLimits(limitsOfProviders(catalog.providers.values()), config.GESSO_PROVIDER_LIMITS),
    slot_wait_ms: config.GESSO_SLOT_WAIT_MS,
  };
  const traffic = {
    live: createOfferTraffic('live', trafficParts),
    test: config.GESSO_TEST_MODE_HEALTH === 'on' ? createOfferTraffic('test', trafficParts) : freeTraffic,
  };

  // The use cases.
  const stopping = new AbortController();
  const draining = new AbortController();
  const workAtHand = new WorkAtHand(bus);
  cleanup.add(async () => workAtHand.close());
  const ends = new Ends({ db, bus, log });
  cleanup.add(async () => ends.close());
  const parts: ServiceParts = {
    db,
    bus,
    admissions: createAdmissionGroups(db, lease),
    writes: createWriteGroups(db, lease),
    reads: createViewGroups({ db, clock, catalog, publicUrl }),
    ends,
    workAtHand,
    knownKeys: new KnownKeys({ db, bus, clock }),
    money: {
      top_up_fee_basis_points: config.GESSO_TOP_UP_FEE_PERCENT,
      start_credit_micros: { live: config.GESSO_START_CREDIT_USD, test: config.GESSO_TEST_CREDIT_USD },
      low_balance_micros: config.GESSO_LOW_BALANCE_USD,
      stripe:
        config.STRIPE_SECRET_KEY === undefined
          ? null
          : {
              secret_key: config.STRIPE_SECRET_KEY,
              webhook_secret: config.STRIPE_WEBHOOK_SECRET ?? null,
              base_url: config.STRIPE_BASE_URL.replace(/\/$/, ''),
            },
    },
    catalog,
    media,
    guardedFetch,
    checkTarget: createCheckTarget({ allow_hosts: config.GESSO_FETCH_ALLOW_HOSTS }),
    webhooks: {
      endpoints_max: config.GESSO_WEBHOOK_ENDPOINTS_MAX,
      timeout_ms: config.GESSO_WEBHOOK_TIMEOUT_MS,
      retention_ms: config.GESSO_WEBHOOK_RETENTION_DAYS * DAY_MS,
    },
    deriveSecret: createDeriveSecret(config.GESSO_SECRET ?? directory.secret),
    liveAdapters: new Map([[sketch.provider, sketch], ...live.adapters]),
    traffic: (mode) => traffic[mode],
    request_deadline_ms: config.GESSO_REQUEST_DEADLINE_MS,
    work_deadline_ms: config.GESSO_WORK_DEADLINE_MS,
    job_deadline_ms: config.GESSO_JOB_DEADLINE_MS,
    providerHosts: live.hosts,
    hookReaders: live.hookReaders,
    testAdapter: sketch,
    pixelBudget: new WeightedSemaphore(config.GESSO_PIXELS_IN_FLIGHT_MAX * MEGAPIXEL),
    clock,
    ids,
    randomSeed: () => randomInt(SEEDS),
    log,
    lease,
    stopping: stopping.signal,
    draining: draining.signal,
    publicUrl,
    localTokens: { live: `sk-local-live-${directory.local_token}`, test: `sk-local-test-${directory.local_token}` },
    retention: new AccountRetention({ db, clock, default_days: config.GESSO_RETENTION_DAYS }),
    removeBytes,
    image_bytes_max: config.GESSO_IMAGE_BYTES_MAX,
    image_pixels_max: config.GESSO_IMAGE_PIXELS_MAX,
    file_limits: {
      bytes_max: config.GESSO_FILE_BYTES_MAX,
      batch_bytes_max: config.GESSO_BATCH_FILE_BYTES_MAX,
      batch_lines_max: config.GESSO_BATCH_LINES_MAX,
    },
  };
  const firstKeys = await firstStart(parts, {
    admin: config.GESSO_ADMIN_KEY,
    live: config.GESSO_LIVE_KEY,
    test: config.GESSO_TEST_KEY,
  });
  const services = createServices(parts);

  // What this process works on, beside what its callers wait for; first of all on what dead ones left.
  await endInterrupted(parts, !isShared);
  const worker = config.ROLES.includes('worker')
    ? await startWorker(parts, {
        alone: !isShared,
        jobs_max: config.GESSO_JOBS_AT_ONCE_MAX,
        presenters: {
          generation: async (owner, id) =>
            ifThere(async () => presentGeneration(await services.getGeneration(readerOf(owner), id), publicUrl())),
          batch: async (owner, id) => ifThere(async () => presentBatch(await services.getBatch(readerOf(owner), id))),
        },
        wire: createBatchWire({
          catalog,
          publicUrl,
          media: { store: media, lookup: (id) => findHostedMedia(parts, id) },
          limits: { line_bytes_max: config.GESSO_JSON_BODY_BYTES_MAX, references_max: config.GESSO_REFERENCES_MAX },
        }),
      })
    : null;
  cleanup.add(async () => worker?.stop());
  const chores = startChores(everyChore(parts, { health, gates, takeOver: async () => worker?.takeOver() }), log);
  // What the last second brought is for the processes that go on.
  cleanup.add(() => health.flush());
  cleanup.add(() => chores.stop());

  // The surface.
  const readiness = createReadiness({
    database: async () => void (await database.now()),
    ...(mediaStore.check === null ? {} : { media: mediaStore.check }),
  });
  const metrics = createHttpMetrics({ process: true });
  if (worker !== null) metrics.watchWebhooks(() => worker.webhooks());
  metrics.watchJobs(() => ({ running: worker?.jobs() ?? 0, waiters: ends.count }));
  metrics.watchOffers(() => [...health.report('live'), ...health.report('test')]);
  const server = await createServer({
    services,
    serves_api: config.ROLES.includes('web'),
    catalog,
    isConfigured: (provider) => parts.liveAdapters.has(provider),
    media: {
      store: media,
      lookup: (id) => findHostedMedia(parts, id),
      serve: serveMedia,
      link: mediaStore.link,
      snapWidth: snapThumbnailWidth,
      thumbnail: async (sha256, width) =>
        thumbnailer.thumbnail({ sha256, width, open: () => openStored(media, sha256) }),
    },
    settings: config,
    publicUrl,
    version,
    log,
    metrics,
    clock,
    ids,
    readiness,
    giveUp: () => stopping.abort(),
    async drain() {
      draining.abort();
      ends.close();
      await worker?.drain();
    },
  });
  // Undone in the opposite order: the server finishes its work in hand, and only what is left then is told to stop.
  cleanup.add(async () => stopping.abort());
  cleanup.add(() => server.close());

  return {
    firstKeys,
    notes: [
      `Database: ${database.describe()}.`,
      `Data: ${directory.path}.`,
      ...(mediaStore.check === null ? [] : [`Pictures: ${mediaStore.describe()}.`]),
    ],
    localToken: (mode) => parts.localTokens[mode],
    request: (request) => requestInProcess(server, request),
    async listen() {
      const url = await server.listen({ host: config.HOST, port: config.PORT });
      listening = url;
      await directory.setUrl(url);
      return url;
    },
    close: () => cleanup.run(),
  };
}

/** IPv6 addresses stand in brackets; an address that means "all" is reached from here as localhost. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
