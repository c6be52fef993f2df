import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { testWorld } from '../test-world.ts';

const wallet = { mode: 'live', billing: 'prepaid', balance_micros: 3_000_000, held_micros: 30_000 };
const account = {
  id: 'acc_1',
  name: 'North',
  billing: 'prepaid',
  wallets: [{ ...wallet, available_micros: 2_970_000 }],
};
const topUp = { id: 'top_1', amount_micros: 3_000_000, fee_micros: 150_000, paid_micros: 3_150_000 };
const sales = { mode: 'live', account: 'house:sales', credited_micros: 60_000, debited_micros: 30_000 };
const fault = { rule: 'A rule.', subject: 'acc_1 (live)', expected_micros: 3_000_000, found_micros: -1 };

/** What was asked, and answers as the API's document has them. */
const asked: string[] = [];
let faults: readonly object[] = [];
const server = createServer(async (req, res) => {
  asked.push(`${req.method} ${req.url} ${await text(req)}`.trim());
  const path = req.url ?? '';
  if (path.includes('refunds')) res.end(JSON.stringify({ amount_micros: 30_000 }));
  else if (path.endsWith('/ledger')) res.end(JSON.stringify({ data: [sales] }));
  else if (path.includes('ledger')) {
    const counts = { wallets: 2, transfers: 7, generations: 5 };
    res.end(JSON.stringify({ ok: faults.length === 0, ...counts, faults }));
  } else if (path.includes('top-ups')) res.end(JSON.stringify({ ...topUp, balance_micros: 3_000_000 }));
  else if (path.endsWith('/accounts') && req.method === 'GET') res.end(JSON.stringify({ data: [account] }));
  else res.end(JSON.stringify(account));
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

test('accounts create prints the id alone on stdout', async () => {
  const { out, err } = await run('accounts', 'create', '--name', 'North');
  expect(asked).toEqual(['POST /v1/admin/accounts {"name":"North","billing":"prepaid"}']);
  expect(out).toBe('acc_1\n');
  expect(err).toContain('gesso keys create --account acc_1');
});

test.each([
  ['wallet', 'show', 'acc_1'],
  ['accounts', 'list'],
])('%s %s shows what is there, held and left', async (...line) => {
  const { out } = await run(...line);
  expect(out).toBe(
    ['ACCOUNT  NAME   WALLET  BALANCE   HELD  AVAILABLE', 'acc_1    North  live      $3.00  $0.03      $2.97', ''].join(
      '\n',
    ),
  );
});

test('wallet top-up tells the fee, and what the wallet has then', async () => {
  const { out } = await run('wallet', 'top-up', 'acc_1', '3.00', '--reference', 'bill 7');
  expect(asked).toEqual(['POST /v1/admin/accounts/acc_1/top-ups {"amount":"3.00","mode":"live","reference":"bill 7"}']);
  expect(out).toBe('top_1: $3.00 and a fee of $0.15: $3.15 to pay. The live wallet has $3.00 now.\n');
});

test('wallet top-up --dry-run moves nothing and says so', async () => {
  const { out } = await run('wallet', 'top-up', 'acc_1', '3.00', '--dry-run');
  expect(asked).toEqual(['POST /v1/admin/accounts/acc_1/top-ups?dryRun=true {"amount":"3.00","mode":"live"}']);
  expect(out).toBe('It would be $3.00 and a fee of $0.15: $3.15 to pay. Nothing was moved.\n');
});

test('wallet refund gives back all, or as much as is said', async () => {
  const { out } = await run('wallet', 'refund', 'gen_1');
  expect(asked).toEqual(['POST /v1/admin/refunds {"generation_id":"gen_1"}']);
  expect(out).toBe('Gave back $0.03 for gen_1.\n');
  await run('wallet', 'refund', 'gen_1', '0.01');
  expect(asked).toEqual(['POST /v1/admin/refunds {"generation_id":"gen_1","amount":"0.01"}']);
});

test('ledger show puts the accounts beside each other', async () => {
  const { out } = await run('ledger', 'show');
  expect(out).toBe(['BOOK  ACCOUNT         IN    OUT', 'live  house:sales  $0.06  $0.03', ''].join('\n'));
});

test('ledger verify ends with 0 when the books agree, and with 1 and each fault when not', async () => {
  faults = [];
  expect(await run('ledger', 'verify')).toMatchObject({
    code: 0,
    out: 'The books agree: 7 transfers, 2 wallets, 5 generations.\n',
  });
  faults = [fault];
  expect(await run('ledger', 'verify')).toMatchObject({
    code: 1,
    out: 'acc_1 (live): -$0.000001 instead of $3.00. A rule.\n1 faults in 7 transfers, 2 wallets, 5 generations.\n',
  });
});
