/** From a request to the offers in their order, while some of them are ill; and who may call one that is. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDatabase } from '../../tests/store/database-under-test.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { CanonicalRequest, ProviderPreferences } from '../contracts/generation.ts';
import type { Catalog } from '../core/catalog/catalog.ts';
import { parseRequest } from '../core/params/parse-request.ts';
import type { FaultClass } from '../core/routing/outcomes.ts';
import { ProviderFault } from '../core/routing/provider-fault.ts';
import type { Database } from '../store/open-database.ts';
import { type ChosenOffer, chooseOffers } from './choose-offers.ts';
import { createLocalGates } from './local-offer-gate.ts';
import { OfferHealth } from './offer-health.ts';
import { createOfferTraffic, type OfferTraffic } from './offer-traffic.ts';

const silent = { error() {}, warn() {}, info() {}, debug() {} };
let catalog: Catalog;
let database: Database;
let health: OfferHealth;
let traffic: OfferTraffic;
let now = Date.now();

beforeAll(async () => {
  database = await openTestDatabase();
  catalog = await readCatalog(fileURLToPath(new URL('../../catalog', import.meta.url)));
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom('offer_breakers').execute();
  await database.db.deleteFrom('offer_stats').execute();
  const clock = { now: () => now };
  health = new OfferHealth({ db: database.db, clock, log: silent });
  traffic = createOfferTraffic('test', {
    health,
    clock,
    gates: createLocalGates(clock),
    limits: new Map(),
    slot_wait_ms: 0,
  });
});

function offers(provider: ProviderPreferences = {}): readonly ChosenOffer[] {
  const parsed = parseRequest(
    { model: 'seedream-4', prompt: 'a boat', size: '1024x1024' },
    { kind: 'text_to_image', encoding: 'json', mode: 'test', known_offer_params: catalog.offer_params },
  );
  if ('faults' in parsed) throw new Error('the request has faults');
  const request: CanonicalRequest = { ...parsed.request, provider };
  const parts = { catalog, liveAdapters: new Map(), traffic: () => traffic };
  return chooseOffers(parts, 'test', request, { images: [], mask: null }).offers;
}

const order = (provider?: ProviderPreferences): string[] => offers(provider).map((chosen) => chosen.provider);

function chosenOf(provider: string): ChosenOffer {
  const found = offers().find((chosen) => chosen.provider === provider);
  if (found === undefined) throw new Error(`no offer of ${provider}`);
  return found;
}

function enter(provider: string, has_next: boolean) {
  const { offer, plan } = chosenOf(provider);
  return traffic.enter({ offer, plan, kind: 'text_to_image', images: 1, has_next });
}

/** Calls that each took so long and ended so. */
async function call(provider: string, times: number, fault: FaultClass | null, latency_ms = 1000): Promise<void> {
  for (let index = 0; index < times; index++) {
    const visit = await enter(provider, false);
    now += latency_ms;
    await visit.leave(fault === null ? null : new ProviderFault(fault, 'for the test'));
  }
}

test('the slower one comes after the faster, both before those that nobody has measured', async () => {
  expect(order()).toEqual(['byteplus', 'fal', 'replicate']);
  await call('fal', 5, null, 9000);
  await call('replicate', 5, null, 3000);
  expect(order()).toEqual(['replicate', 'fal', 'byteplus']);
  expect(order({ sort: 'latency' })).toEqual(['replicate', 'fal', 'byteplus']);
});

test('degraded comes before unhealthy, and an order of the caller overrides the one and not the other', async () => {
  for (const fault of [null, null, 'empty', null] as const) await call('byteplus', 1, fault);
  await call('byteplus', 1, null);
  for (const fault of ['empty', null, 'empty', null, 'empty'] as const) await call('fal', 1, fault);
  expect(order()).toEqual(['replicate', 'byteplus', 'fal']);
  expect(order({ order: ['fal', 'byteplus'] })).toEqual(['byteplus', 'replicate', 'fal']);
});

test('an open offer rests until its time, then one request tries it in its usual place while the next goes elsewhere', async () => {
  await call('byteplus', 5, 'unreachable');
  expect(order()).toEqual(['fal', 'replicate', 'byteplus']);
  await expect(enter('byteplus', true)).rejects.toMatchObject({ fault: 'no_slot' });
  now += 30_000;
  await database.db
    .updateTable('offer_breakers')
    .set({ probe_until: new Date(0) })
    .execute();
  expect(order()).toEqual(['byteplus', 'fal', 'replicate']);
  const probe = await enter('byteplus', true);
  expect(order()).toEqual(['fal', 'replicate', 'byteplus']);
  await expect(enter('byteplus', true)).rejects.toMatchObject({ fault: 'no_slot' });
  await expect(enter('byteplus', false)).rejects.toMatchObject({ fault: 'no_slot' });
  await probe.leave(null);
  expect(order()).toEqual(['byteplus', 'fal', 'replicate']);
  await (await enter('byteplus', true)).leave(null);
});

test('a probe that was never sent leaves the offer open, for the next request to try', async () => {
  await call('byteplus', 1, 'auth');
  const probe = await enter('byteplus', false);
  await probe.leave(new ProviderFault('no_slot', 'given up on our side'));
  expect(health.reason('test', chosenOf('byteplus').offer.pin)).toMatch(/does not accept the key/);
  await (await enter('byteplus', false)).leave(null);
  expect(order()).toEqual(['byteplus', 'fal', 'replicate']);
});

test('a pause is kept as long as the provider said, or five seconds', async () => {
  const visit = await enter('byteplus', true);
  await visit.leave(new ProviderFault('rate_limited', 'for the test', { retry_after_ms: 20_000 }));
  expect(order()).toEqual(['fal', 'replicate', 'byteplus']);
  await expect(enter('byteplus', false)).rejects.toMatchObject({ fault: 'no_slot', retry_after_ms: 20_000 });
  now += 20_000;
  expect(order()[0]).toBe('byteplus');
  await call('byteplus', 1, 'rate_limited', 0);
  await expect(enter('byteplus', false)).rejects.toMatchObject({ retry_after_ms: 5_000 });
});
