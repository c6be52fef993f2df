import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { testWorld } from '../test-world.ts';

/** What was asked, and answers as the API's document has them. */
const asked: string[] = [];
const server = createServer(async (req, res) => {
  asked.push(`${req.method} ${req.url} ${await text(req)}`.trim());
  const key = {
    id: 'key_1',
    name: 'ci',
    mode: 'test',
    prefix: 'sk-test-',
    last_four: 'wxyz',
    created_at: 1_795_132_800,
  };
  if (req.method === 'DELETE') res.writeHead(204).end();
  else if (req.method === 'POST') res.end(JSON.stringify({ ...key, key: 'sk-test-whole' }));
  else if (req.method === 'PATCH') res.end(JSON.stringify(key));
  else if (req.url === '/v1/keys/key_1') res.end(JSON.stringify({ ...key, budget: { monthly_budget_usd: 5 } }));
  else res.end(JSON.stringify({ object: 'list', data: [key, { ...key, id: 'key_2', revoked_at: 1_795_132_900 }] }));
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port, not on a pipe.
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function run(...line: string[]) {
  asked.length = 0;
  const world = testWorld({ arguments: line, env: { GESSO_URL: url, GESSO_API_KEY: 'sk-admin-x' } });
  return { code: await runCli(world), out: world.out(), err: world.err() };
}

test('create prints the key alone on stdout, and what it is for beside it', async () => {
  const { code, out, err } = await run('keys', 'create', '--mode', 'test', '--name', 'ci');
  expect(asked).toEqual(['POST /v1/keys {"name":"ci","mode":"test"}']);
  expect({ code, out }).toEqual({ code: 0, out: 'sk-test-whole\n' });
  expect(err).toContain('shown this once');
  expect(err).toContain('gesso keys revoke key_1');
});

test('create --json prints all that the API said', async () => {
  const { out, err } = await run('keys', 'create', '--mode', 'test', '--name', 'ci', '--json');
  expect(JSON.parse(out)).toMatchObject({ id: 'key_1', key: 'sk-test-whole' });
  expect(err).toBe('');
});

test('list shows the ends of keys, when they were made, and which are revoked', async () => {
  const { out } = await run('keys', 'list');
  expect(out).toBe(
    [
      'ID     NAME  MODE  KEY            MADE        LAST USED  STATE',
      'key_1  ci    test  sk-test-…wxyz  2026-11-20  never      active',
      'key_2  ci    test  sk-test-…wxyz  2026-11-20  never      revoked',
      '',
    ].join('\n'),
  );
});

test('settings become fields of the body; "none" takes away', async () => {
  await run(
    ...['keys', 'create', '--mode', 'live', '--name', 'team', '--models', 'bytedance/*, gpt-image-1', '--tag', 'none'],
    ...[
      '--monthly-budget-usd',
      '25.50',
      '--requests-per-minute',
      '60',
      '--expires-at',
      '2027-01-31',
      '--parent',
      'key_0',
    ],
  );
  expect(JSON.parse(asked[0]?.replace('POST /v1/keys ', '') ?? '')).toEqual({
    name: 'team',
    mode: 'live',
    parent_id: 'key_0',
    models: ['bytedance/*', 'gpt-image-1'],
    tag: 'none',
    monthly_budget_usd: 25.5,
    requests_per_minute: 60,
    expires_at: 1_801_353_600,
  });
  await run('keys', 'change', 'key_1', '--monthly-budget-usd', 'none', '--tag', 'none');
  expect(asked).toEqual(['PATCH /v1/keys/key_1 {"monthly_budget_usd":null,"tag":null}']);
  expect((await run('keys', 'change', 'key_1', '--images-per-minute', 'many')).code).toBe(2);
});

test('rotate prints the new key alone on stdout', async () => {
  const { out, err } = await run('keys', 'rotate', 'key_1', '--grace-s', '60');
  expect(asked).toEqual(['POST /v1/keys/key_1/rotate {"grace_s":60}']);
  expect(out).toBe('sk-test-whole\n');
  expect(err).toContain('in 60 seconds');
});

test('show lists what is set, and list asks for another account', async () => {
  expect((await run('keys', 'show', 'key_1')).out).toContain('monthly_budget_usd');
  await run('keys', 'list', '--account', 'acc_2');
  expect(asked).toEqual(['GET /v1/keys?account_id=acc_2']);
});

test('revoke names the key in the path', async () => {
  const { code, out, err } = await run('keys', 'revoke', 'key_1/../x');
  expect(asked).toEqual(['DELETE /v1/keys/key_1%2F..%2Fx']);
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(/^Revoked key_1/);
});
