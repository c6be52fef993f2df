import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readCatalog } from '../catalog/read-catalog.ts';
import { createLiveAdapters } from './create-live-adapters.ts';
import { adapterModules } from './registry.generated.ts';
import { JobNudges } from './webhooks/job-nudges.ts';

const { providers } = await readCatalog();

const live = (
  settings: Readonly<Record<string, string>>,
  public_url?: string,
  GESSO_PROVIDER_WEBHOOKS: 'on' | 'off' = 'on',
) =>
  createLiveAdapters({
    providers: providers.values(),
    settings,
    guardedFetch: () => Promise.reject(new Error('nothing is sent here')),
    media: { open: async () => ({ stream: Readable.from([]), bytes_total: 0 }) },
    clock: { now: () => 0 },
    webhooks: {
      public_url,
      nudges: new JobNudges({ bus: { subscribe: () => () => {} }, clock: { now: () => 0 } }),
      settings: {
        GESSO_PROVIDER_WEBHOOKS,
        FAL_WEBHOOK_KEYS_URL: 'https://keys.test',
        REPLICATE_WEBHOOK_SECRET: undefined,
      },
    },
  });

it.each<readonly [Readonly<Record<string, string>>, readonly string[]]>([
  [{}, []],
  [{ ARK_API_KEY: '' }, []],
  [{ ARK_BASE_URL: 'http://127.0.0.1:9' }, []],
  [{ ARK_API_KEY: 'k' }, ['byteplus']],
  [{ BYTEPLUS_API_KEY: 'k' }, ['byteplus']],
  [{ FAL_KEY: 'k', REPLICATE_API_TOKEN: 'k' }, ['fal', 'replicate']],
])('%j sets up %j', (settings, ids) => {
  expect([...live(settings).adapters.keys()].sort()).toEqual(ids);
});

it('lets pictures come from the host and port of a base URL alone', () => {
  const { hosts } = live({ FAL_KEY: 'k', ARK_API_KEY: 'k', ARK_BASE_URL: 'http://127.0.0.1:9/api/v3' });
  expect(hosts('byteplus')).toEqual(['127.0.0.1:9']);
  expect(hosts('fal')).toEqual(['queue.fal.run:443']);
  expect(hosts('replicate')).toEqual([]);
});

it.each([
  [undefined, 'on', []],
  ['http://gesso.test', 'on', []],
  ['https://gesso.test', 'off', []],
  ['https://gesso.test', 'on', ['fal', 'replicate']],
] as const)('at %s, %s, is called by %j', (public_url, setting, ids) => {
  const keys = { FAL_KEY: 'k', REPLICATE_API_TOKEN: 'k', ARK_API_KEY: 'k' };
  expect([...live(keys, public_url, setting).hookReaders.keys()].sort()).toEqual(ids);
});

it('has an adapter for every provider that needs one', () => {
  const without = [...providers.values()].filter(
    ({ id, adapter }) => id !== 'gesso' && adapterModules[adapter] === undefined,
  );
  expect(without.map(({ id }) => id)).toEqual([]);
});

it.each(Object.entries(adapterModules))('%s says where its facts were read, and when', (_, { docs }) => {
  expect(docs.length).toBeGreaterThan(0);
  for (const { url, read_on, about } of docs) {
    expect(URL.canParse(url)).toBe(true);
    expect(read_on).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(about).not.toBe('');
  }
});
