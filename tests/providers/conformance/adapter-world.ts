/**
 * One adapter between real parts: the catalogue's plan goes in, the provider's server answers, pictures end in a media
 * store. Only waiting is not real: a pause moves the clock and takes no time.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { readCatalogWithEngines } from '../../../src/catalog/read-catalog.ts';
import type { Plan } from '../../../src/contracts/generation.ts';
import type { MediaStore, StoredPicture } from '../../../src/contracts/media.ts';
import type { ProviderAdapter, ProviderCall, ProviderJob } from '../../../src/contracts/provider.ts';
import type { Offer } from '../../../src/core/catalog/catalog.ts';
import { WeightedSemaphore } from '../../../src/core/limits/weighted-semaphore.ts';
import { parseRequest } from '../../../src/core/params/parse-request.ts';
import { planRequest } from '../../../src/core/params/plan-request.ts';
import { ProviderFault } from '../../../src/core/routing/provider-fault.ts';
import { createFileMediaStore } from '../../../src/media/file-media-store.ts';
import { createGuardedFetch } from '../../../src/net/guarded-fetch.ts';
import { adapterModules } from '../../../src/providers/registry.generated.ts';
import { createAdapterParts } from '../../../src/providers/shared/create-adapter-parts.ts';
import type { ChosenOffer } from '../../../src/services/choose-offers.ts';
import { type StoredOutput, storeOutput } from '../../../src/services/store-output.ts';
import { createWriteGroups } from '../../../src/services/write-groups.ts';
import { createRandomIds } from '../../../src/system/random-ids.ts';
import { openTestDatabase } from '../../store/database-under-test.ts';
import type { ProviderServer } from '../servers/kit.ts';

export interface Ask {
  readonly raw?: Readonly<Record<string, unknown>>;
  /** How many of the world's references go along, in their order. */
  readonly references?: number;
  readonly masked?: boolean;
  readonly deadline_ms?: number;
  readonly signal?: AbortSignal;
  readonly onJob?: (job: ProviderJob) => Promise<void>;
}

export interface Asked {
  readonly plan: Plan;
  readonly outputs: readonly StoredOutput[];
  readonly missing: readonly { readonly reason: string; readonly refused?: boolean }[];
}

export interface AdapterWorld {
  /** Small pictures, stored: 900x700 PNG, 640x640 JPEG, 800x600 PNG. */
  readonly references: readonly StoredPicture[];
  /** The media store that everything lies in. */
  readonly media: MediaStore;
  /** The file of a reference in base64. */
  base64(index: number): Promise<string>;
  /** An adapter for the server, as the app makes it, with pauses that take no time. */
  adapterFor(server: ProviderServer, base_url?: string): ProviderAdapter;
  /** Plans and carries out one request at the offer that `pin` names. Throws ProviderFault. */
  ask(adapter: ProviderAdapter, server: Pick<ProviderServer, 'base_url'>, pin: string, ask?: Ask): Promise<Asked>;
  /** The calls that a request would make. */
  calls(
    pin: string,
    ask?: Ask,
  ): { readonly plan: Plan; readonly offer: Offer; readonly calls: readonly ProviderCall[] };
  resume(adapter: ProviderAdapter, job: ProviderJob, call: ProviderCall): ReturnType<ProviderAdapter['run']>;
  close(): Promise<void>;
}

const IMAGE_BYTES_MAX = 50 * 1024 * 1024;
const USUAL_DEADLINE_MS = 600_000;

/** `engines_file`: engines of an operator, whose addresses the servers' own take the place of. */
export async function openAdapterWorld(engines_file?: string): Promise<AdapterWorld> {
  const catalog = await readCatalogWithEngines(engines_file);
  const database = await openTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'gesso-adapter-'));
  let skipped_ms = 0;
  const clock = { now: () => Date.now() + skipped_ms };
  const media = createFileMediaStore({ directory, ids: createRandomIds(), clock });
  const guardedFetch = createGuardedFetch();
  const references = await Promise.all(
    [drawn(900, 700, 'png'), drawn(640, 640, 'jpeg'), drawn(800, 600, 'png')].map(store),
  );

  async function store(
    made: Promise<{ readonly bytes: Buffer; readonly facts: Omit<StoredPicture, 'blob_sha256' | 'bytes'> }>,
  ) {
    const { bytes, facts } = await made;
    const blob = await media.put(bytes, { bytes_max: IMAGE_BYTES_MAX });
    return { ...facts, blob_sha256: blob.sha256, bytes: blob.bytes };
  }

  const calls: AdapterWorld['calls'] = (pin, { raw = {}, references: count = 0, masked = false } = {}) => {
    const resolved = catalog.resolve(pin);
    // A pin that spells its own model's id is the model's name.
    const offer = resolved?.offer ?? resolved?.model.offers.find((each) => each.pin === pin);
    if (!resolved || !offer) throw new Error(`${pin} is no offer`);
    const { model } = resolved;
    const images = references.slice(0, count);
    const mask = masked ? (references[0] ?? null) : null;
    const parsed = parseRequest(
      { model: pin, prompt: 'a cat', resolution: '1K', ...raw },
      {
        kind: count > 0 ? 'edit' : 'text_to_image',
        encoding: 'json',
        mode: 'live',
        known_offer_params: catalog.offer_params,
      },
    );
    if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
    const { request } = parsed;
    const outcome = planRequest({ request, model, offer, references: images, mask });
    if ('fault' in outcome) throw new Error(outcome.fault.message);
    const { plan } = outcome;
    let first_index = 0;
    const made = plan.calls.map(({ n, overrides }): ProviderCall => {
      const call = {
        plan,
        offer,
        body: { ...plan.body, ...overrides },
        n,
        first_index,
        prompt: request.prompt,
        negative_prompt: request.negative_prompt ?? null,
        images,
        mask: plan.mask_emulated ? null : mask,
        // As the services do: what the caller gave, or seeds of the gateway's own.
        seeds: Array.from({ length: n }, (_, index) => plan.seeds?.[first_index + index] ?? 7000 + first_index + index),
        marked: false,
        partials: 0,
      };
      first_index += n;
      return call;
    });
    return { plan, offer, calls: made };
  };

  const contextOf = ({ deadline_ms = USUAL_DEADLINE_MS, signal, onJob }: Ask) => ({
    signal: signal ?? new AbortController().signal,
    deadline_at: clock.now() + deadline_ms,
    job_first: false,
    onPartial: null,
    onJob: onJob ?? (async () => undefined),
    keep: (bytes: Parameters<typeof media.put>[0]) => media.put(bytes, { bytes_max: IMAGE_BYTES_MAX }),
  });

  return {
    references,
    media,
    calls,
    async base64(index) {
      const { stream } = await media.open(references[index]?.blob_sha256 ?? '');
      return Buffer.concat(await stream.toArray()).toString('base64');
    },
    adapterFor: (server, base_url = server.base_url) => {
      const { adapter = server.provider, options } = catalog.providers.get(server.provider) ?? {};
      const module = adapterModules[adapter];
      if (module === undefined) throw new Error(`no adapter ${adapter}`);
      const parts = createAdapterParts({
        provider: server.provider,
        base_url,
        auth: server.key === '' ? {} : module.auth(server.key),
        ...(module.takesKey === undefined ? {} : { takesKey: module.takesKey }),
        guardedFetch,
        openPicture: async ({ blob_sha256 }) => (await media.open(blob_sha256)).stream,
        clock,
      });
      return module.createAdapter({
        ...parts,
        ...(options === undefined ? {} : { options }),
        delay: async (ms, signal) => {
          skipped_ms += ms;
          signal.throwIfAborted();
        },
      });
    },
    async ask(adapter, server, pin, ask = {}) {
      const { plan, offer, calls: planned } = calls(pin, ask);
      const answers = await Promise.all(planned.map((call) => adapter.run(call, contextOf(ask))));
      const chosen = { offer, provider: offer.provider, plan } as ChosenOffer; // Storing reads no more of it.
      const parts = {
        writes: createWriteGroups(database.db, { runner_id: 'run_1', lease_ms: 60_000 }),
        clock,
        media,
        guardedFetch,
        pixelBudget: new WeightedSemaphore(64_000_000),
        providerHosts: () => [new URL(server.base_url).host],
        image_bytes_max: IMAGE_BYTES_MAX,
        image_pixels_max: 64_000_000,
      };
      const inputs = { images: planned[0]?.images ?? [], mask: null };
      const outputs: StoredOutput[] = [];
      const missing: { reason: string; refused?: boolean }[] = [];
      for (const picture of answers.flatMap(({ pictures }) => pictures)) {
        if (picture.kind === 'missing') missing.push(picture);
        else outputs.push(await storeOutput(parts, chosen, inputs, picture));
      }
      return { plan, outputs, missing };
    },
    resume: (adapter, job, call) => {
      if (adapter.resume === undefined) throw new ProviderFault('config', 'no jobs');
      return adapter.resume(job, call, contextOf({}));
    },
    async close() {
      await guardedFetch.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function drawn(width: number, height: number, format: 'png' | 'jpeg') {
  // Masks are told by what shines through.
  const background = { r: width % 256, g: 90, b: 60, alpha: 0.5 };
  const has_alpha = format === 'png';
  const blank = sharp({ create: { width, height, channels: has_alpha ? 4 : 3, background } });
  const bytes = await blank.toFormat(format).toBuffer();
  return { bytes, facts: { content_type: `image/${format}`, format, width, height, has_alpha } };
}
