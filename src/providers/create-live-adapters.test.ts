import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readCatalog } from '../catalog/read-catalog.ts';
import { createLiveAdapters } from './create-live-adapters.ts';
import { adapterModules } from './registry.generated.ts';

const { providers } = await readCatalog();

const live = (settings: Readonly<Record<string, string>>) =>
  createLiveAdapters({
    providers: providers.values(),
    settings,
    guardedFetch: () => Promise.reject(new Error('nothing is sent here')),
    media: { open: async () => ({ stream: Readable.from([]), bytes_total: 0 }) },
    clock: { now: () => 0 },
    webhooks: null,
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
