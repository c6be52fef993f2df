/** `gesso requests` and `gesso usage` against the real server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { testWorld } from '../../src/cli/test-world.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

let server: TestApp;
const ids: string[] = [];
beforeAll(async () => {
  server = await startTestApp({ GESSO_TEST_CREDIT_USD: '0' }, { engine: zeroCostEngine() });
  for (const sent of [{ prompt: 'a red kite' }, { prompt: 'a heron', simulate: 'content_policy' }]) {
    const answer = await fetch(`${server.url}/v1/images/generations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${testKeys.test}`,
        'content-type': 'application/json',
        'x-gesso-tag': 'birds, big',
      },
      body: JSON.stringify({ model: 'seedream-4', size: '64x64', ...sent }),
    });
    ids.push(answer.headers.get('x-request-id') ?? '');
  }
});
afterAll(() => server.close());

async function run(...line: string[]) {
  const world = testWorld({ arguments: line, env: { GESSO_URL: server.url, GESSO_API_KEY: testKeys.test } });
  return { code: await runCli(world), out: world.out(), err: world.err() };
}

test('requests lists them with what they cost, newest first', async () => {
  const { code, out } = await run('requests');
  const [titles, newest, oldest, sums] = out.split('\n');
  expect(code).toBe(0);
  expect(titles).toMatch(/^ID +MADE +MODE +MODEL +PROVIDER +TAG +STATUS +PICTURES +TIME +COST$/);
  expect(newest).toMatch(new RegExp(`^${ids[1]}.*content_policy_violation +0/1 .*\\$0\\.00$`));
  expect(oldest).toMatch(new RegExp(`^${ids[0]}.*birds, big +completed +1/1 .*\\$0\\.03$`));
  expect(sums).toBe('2 requests, 1 pictures, $0.03');
  expect((await run('requests', 'list', '--status', 'failed', '-n', '1')).out).not.toContain(ids[0]);
  expect(JSON.parse((await run('requests', '--json', '--tag', 'birds, big')).out).summary.requests).toBe(2);
});

test('usage sums up, and prints CSV as the API gives it', async () => {
  expect((await run('usage', '--by', 'model,tag')).out).toBe(
    [
      'MODEL                   TAG         REQUESTS  FAILED  PICTURES   COST',
      'bytedance/seedream-4.0  birds, big         2       1         1  $0.03',
      'total                                      2       1         1  $0.03',
      '',
    ].join('\n'),
  );
  expect((await run('usage', '--by', 'tag', '--csv')).out).toBe(
    'tag,requests,completed,failed,pictures,cost_micros,cost,currency\r\n"birds, big",2,1,1,1,30000,0.03,USD\r\n',
  );
  expect((await run('usage', '--to', '2026-01-02', '--from', '2026-01-01')).out).toBe('nothing in test mode\n');
  const wrong = await run('usage', '--by', 'colour');
  expect([wrong.code, wrong.out]).toEqual([1, '']);
  expect(wrong.err).toContain('group_by');
});

test('show tells all of one, and purge deletes what it says', async () => {
  const [id = ''] = ids;
  expect((await run('requests', 'show', id)).out).toMatch(/prompt +a red kite\n/);
  const purged = await run('requests', 'purge', id);
  expect([purged.code, purged.out]).toEqual([0, '']);
  expect(purged.err).toContain('1 pictures');
  expect((await run('requests', 'show', id)).out).toMatch(/prompt +\(deleted\)\n/);
});
