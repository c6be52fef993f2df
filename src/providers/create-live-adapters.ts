/** The providers that this server may ask: those whose key, or for the operator's own engines whose address, is set. */
import { z } from 'zod';
import type { Clock } from '../contracts/clock.ts';
import type { MediaStore } from '../contracts/media.ts';
import type { AdapterParts, HookReader, JobHooks, ProviderAdapter } from '../contracts/provider.ts';
import type { Provider } from '../core/catalog/catalog.ts';
import type { SettingValues } from '../core/settings.ts';
import { effectivePort } from '../net/allow-list.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { adapterModules } from './registry.generated.ts';
import { createAdapterParts } from './shared/create-adapter-parts.ts';
import type { CreateHookReader } from './shared/hook-reader.ts';
import type { providerWebhookSettings } from './shared/webhook-settings.ts';
import { createFalHookReader } from './webhooks/fal-hook-reader.ts';
import type { JobNudges } from './webhooks/job-nudges.ts';
import { createReplicateHookReader } from './webhooks/replicate-hook-reader.ts';

export interface LiveAdaptersOptions {
  readonly providers: Iterable<Provider>;
  /** Values of the variables that the providers' pages name. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly guardedFetch: GuardedFetch;
  readonly media: Pick<MediaStore, 'open'>;
  readonly clock: Clock;
  readonly webhooks: {
    /** Where others reach this server, without a slash at the end. */
    readonly public_url: string | undefined;
    readonly nudges: JobNudges;
    readonly settings: SettingValues<typeof providerWebhookSettings>;
  };
}

export interface LiveAdapters {
  /** By provider id. */
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  /** `host:port` of a provider's base URL. */
  readonly hosts: (provider: string) => readonly string[];
  /** By provider id: of those that are asked to call us. */
  readonly hookReaders: ReadonlyMap<string, HookReader>;
}

/** Whose webhooks we can read, by the name of the adapter. */
const hookReaders: Readonly<Record<string, CreateHookReader>> = {
  fal: createFalHookReader,
  replicate: createReplicateHookReader,
};

export function createLiveAdapters(options: LiveAdaptersOptions): LiveAdapters {
  const { settings, guardedFetch, media, clock } = options;
  const adapters = new Map<string, ProviderAdapter>();
  const hosts = new Map<string, readonly string[]>();
  const readers = new Map<string, HookReader>();
  for (const provider of options.providers) {
    const module = adapterModules[provider.adapter];
    const access = accessOf(provider, settings);
    if (module === undefined || access === null) continue;
    const { base_url, key } = access;
    const parts = createAdapterParts({
      provider: provider.id,
      base_url,
      auth: { ...headersOf(provider), ...(key === null ? {} : (ownAuth(provider, key) ?? module.auth(key))) },
      ...(module.takesKey === undefined ? {} : { takesKey: module.takesKey }),
      guardedFetch,
      openPicture: async ({ blob_sha256 }) => (await media.open(blob_sha256)).stream,
      clock,
    });
    const { options: own } = provider;
    const calls = callsOf(provider, parts, options);
    if (calls !== null) readers.set(provider.id, calls.reader);
    adapters.set(
      provider.id,
      module.createAdapter({
        ...parts,
        ...(calls === null ? {} : { hooks: calls.hooks }),
        ...(own === undefined ? {} : { options: own }),
      }),
    );
    const url = new URL(base_url);
    hosts.set(provider.id, [`${url.hostname}:${effectivePort(url)}`]);
  }
  return { adapters, hosts: (provider) => hosts.get(provider) ?? [], hookReaders: readers };
}

/** Null where the provider is not to call us: where it could not be sure whom it calls, it is never asked to. */
function callsOf(
  { id, adapter }: Provider,
  parts: AdapterParts,
  { guardedFetch, webhooks: { public_url, nudges, settings } }: LiveAdaptersOptions,
): { readonly hooks: JobHooks; readonly reader: HookReader } | null {
  const createReader = hookReaders[adapter];
  const isReached = settings.GESSO_PROVIDER_WEBHOOKS === 'on' && public_url?.startsWith('https:') === true;
  if (createReader === undefined || !isReached) return null;
  return {
    hooks: nudges.hooksOf(id, `${public_url}/v1/hooks/${id}`),
    reader: createReader({ adapter: parts, guardedFetch, now: parts.now, settings }),
  };
}

/** Null where the provider is not set up. */
function accessOf(
  { key_variables, base_url, base_url_variable }: Provider,
  settings: LiveAdaptersOptions['settings'],
): { readonly base_url: string; readonly key: string | null } | null {
  const text = (name: string | undefined): string | null => {
    const value = name === undefined ? undefined : settings[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const own = text(base_url_variable);
  const key = key_variables.map(text).find((value) => value !== null) ?? null;
  const address = own ?? base_url?.replace(/\/+$/, '');
  const isSetUp = key_variables.length === 0 || key !== null;
  return isSetUp && address !== undefined ? { base_url: address, key } : null;
}

/** The operator's own engines may stand behind proxies that want headers, or the key in another one than is usual. */
const ownHeadersSchema = z.object({
  headers: z.record(z.string(), z.string()).default({}),
  auth: z.object({ header: z.string(), scheme: z.string() }).optional(),
});

function headersOf({ options }: Provider): Readonly<Record<string, string>> {
  return ownHeadersSchema.parse(options ?? {}).headers;
}

function ownAuth({ options }: Provider, key: string): Readonly<Record<string, string>> | null {
  const { auth } = ownHeadersSchema.parse(options ?? {});
  return auth === undefined ? null : { [auth.header]: auth.scheme === '' ? key : `${auth.scheme} ${key}` };
}
