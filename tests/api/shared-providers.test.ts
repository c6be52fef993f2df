/** Two servers on one database: what a provider limits holds for both, and what it says to one is heard by the other. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../src/store/open-database.ts';
import { startFalServer } from '../providers/servers/fal-server.ts';
import type { ProviderServer } from '../providers/servers/kit.ts';
import { openTestDatabase, testDatabaseKind } from '../store/database-under-test.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';

let database: Database;
let fal: ProviderServer;
let apps: TestApp[];
const often = { interval: 5, timeout: 10_000 };
/** Requests of earlier tests. */
let before: number;

async function generate(app: TestApp | undefined): Promise<number> {
  const response = await fetch(`${app?.url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.live}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fal/seedream-4', prompt: 'a cat', size: '1024x1024' }),
  });
  await response.arrayBuffer();
  return response.status;
}

const asked = (role: 'submit' | 'poll') => fal.requests.slice(before).filter((request) => request.role === role);

// PGlite lives in one process.
describe.runIf(testDatabaseKind() !== 'pglite')('two servers', () => {
  beforeAll(async () => {
    [database, fal] = await Promise.all([openTestDatabase(), startFalServer()]);
    const settings = {
      DATABASE_URL: database.url_for_children ?? '',
      DATABASE_POOL_MAX: '4',
      GESSO_SECRET: 'for tests only, and long enough for them',
      GESSO_PROVIDER_LIMITS: 'fal.concurrent_max=1',
      PUBLIC_URL: 'https://gesso.test',
      FAL_KEY: fal.key,
      FAL_BASE_URL: fal.base_url,
      FAL_WEBHOOK_KEYS_URL: `${fal.base_url}/.well-known/jwks.json`,
    };
    // One after the other: the first makes the owner's keys.
    apps = [await startTestApp(settings)];
    apps.push(await startTestApp(settings));
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await Promise.all([fal.close(), database.close()]);
  });
  beforeEach(() => {
    before = fal.requests.length;
  });
  afterEach(() => fal.finishJobs());

  test('a job of one is asked for as soon as the other hears of its end, and only then has the other its turn', async () => {
    const endless = { kind: 'slow', shape: 'job', ms: 3_600_000 } as const;
    fal.act(endless, endless);
    const [one, two] = apps;
    const first = generate(one);
    await expect.poll(() => asked('poll').length, often).toBe(3); // the next question is a second away
    const second = generate(two);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked('submit')).toHaveLength(1);
    fal.finishJobs();
    expect(await fal.callWebhooks({ to: two?.url ?? '' })).toEqual([200]);
    expect(await first).toBe(200);
    const [, , last, next] = asked('poll').map(({ at }) => at);
    expect((next ?? Number.POSITIVE_INFINITY) - (last ?? 0)).toBeLessThan(1_000);
    await expect.poll(() => asked('submit').length, often).toBe(2);
    await expect.poll(() => asked('poll').length, often).toBeGreaterThan(5);
    fal.finishJobs();
    expect(await fal.callWebhooks({ to: one?.url ?? '' })).toContain(200);
    expect(await second).toBe(200);
  });
});
