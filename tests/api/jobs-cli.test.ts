/** `gesso jobs` against the real server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run-cli.ts';
import { testWorld } from '../../src/cli/test-world.ts';
import { startTestApp, type TestApp, testKeys } from '../support/test-app.ts';
import { zeroCostEngine } from '../support/zero-cost-engine.ts';

let server: TestApp;
beforeAll(async () => {
  server = await startTestApp({}, { engine: zeroCostEngine() });
});
afterAll(() => server.close());

async function start(fields: object): Promise<string> {
  const answer = await fetch(`${server.url}/v1/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${testKeys.test}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'seedream-4', input: { prompt: 'a heron', size: '64x64' }, wait: 0, ...fields }),
  });
  return ((await answer.json()) as { id: string }).id;
}

async function run(...line: string[]) {
  const world = testWorld({ arguments: line, env: { GESSO_URL: server.url, GESSO_API_KEY: testKeys.test } });
  return { code: await runCli(world), out: world.out(), err: world.err() };
}

test('wait prints the URLs of what was made, one a line, and list and show tell of it', async () => {
  const id = await start({ n: 2, simulate_delay_ms: 200, labels: { order: '12' } });
  const { code, out, err } = await run('jobs', 'wait', id);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^(http:\/\/\S+\/media\/\S+\n){2}$/);
  const listed = (await run('jobs', '--status', 'completed')).out.split('\n');
  expect(listed[0]).toMatch(/^ID +MADE +MODE +MODEL +STATUS +DONE +PICTURES +COST$/);
  expect(listed[1]).toMatch(new RegExp(`^${id} .* test +bytedance/seedream-4.0 +completed +100% +2 +\\$0.06$`));
  const shown = (await run('jobs', 'show', id)).out;
  expect(shown).toMatch(/status +completed, 100%\n/);
  expect(shown).toMatch(/labels +order=12\n/);
  expect(shown).not.toContain('held');
  expect(JSON.parse((await run('jobs', 'show', id, '--json')).out)).toMatchObject({ id, status: 'completed' });
});

test('wait ends with 1 and says why when there is nothing to show', async () => {
  const { code, out, err } = await run('jobs', 'wait', await start({ simulate: 'content_policy' }));
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^failed content_policy_violation: /);
});

test('cancel tells what becomes of it', async () => {
  const id = await start({ simulate_delay_ms: 60_000 });
  const { code, err } = await run('jobs', 'cancel', id);
  expect(code).toBe(0);
  expect(err).toMatch(/^It is (canceled|told to stop)/);
  expect(await run('jobs', 'wait', id)).toMatchObject({ code: 1, err: expect.stringContaining('canceled') });
  expect((await run('jobs', '--status', 'canceled')).out).toContain(id);
  expect((await run('jobs', 'cancel', id)).err).toBe('It is canceled and costs nothing.\n');
});

test('an id that is none is told in the words of the API', async () => {
  for (const verb of ['show', 'wait', 'cancel'])
    expect(await run('jobs', verb, 'gen_nope')).toMatchObject({ code: 1, err: expect.stringContaining('gen_nope') });
});
