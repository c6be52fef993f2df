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

test('revoke names the key in the path', async () => {
  const { code, out, err } = await run('keys', 'revoke', 'key_1/../x');
  expect(asked).toEqual(['DELETE /v1/keys/key_1%2F..%2Fx']);
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(err).toMatch(/^Revoked key_1/);
});
