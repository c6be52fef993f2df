/** `gesso accounts`, `gesso wallet` and `gesso ledger`: the operator's money, through `/v1/admin`. */
import { ask, printJson, type Question } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import { type Column, formatTable } from '../format-table.ts';
import { formatDollars as dollars } from '../format-values.ts';
import { openTerminal } from '../terminal.ts';
import type { CliWorld } from '../world.ts';

interface Wallet {
  readonly account_id: string;
  readonly mode: 'live' | 'test';
  readonly billing: 'prepaid' | 'unmetered';
  readonly balance_micros: number;
  readonly held_micros: number;
  readonly available_micros: number | null;
}

interface Account {
  readonly id: string;
  readonly name: string;
  readonly billing: 'prepaid' | 'unmetered';
  readonly wallets: readonly Wallet[];
}

interface TopUp {
  readonly id: string;
  readonly amount_micros: number;
  readonly fee_micros: number;
  readonly paid_micros: number;
  readonly balance_micros: number;
}

interface LedgerReport {
  readonly ok: boolean;
  readonly wallets: number;
  readonly transfers: number;
  readonly generations: number;
  readonly faults: readonly {
    readonly rule: string;
    readonly subject: string;
    readonly expected_micros: number;
    readonly found_micros: number;
  }[];
}

interface Options {
  readonly json: boolean;
}

export async function createAccount(
  world: CliWorld,
  { name, billing, json }: Options & { readonly name: string; readonly billing: string },
): Promise<void> {
  // Our own API, as its schema in openapi.json has it; so below.
  const made = (await ask(world, post('/v1/admin/accounts', { name, billing }))) as Account;
  if (json) return printJson(world, made);
  const terminal = openTerminal(world.stderr, world.env);
  terminal.line(`Made the ${made.billing} account "${made.name}":`);
  world.stdout.write(`${made.id}\n`);
  terminal.line(`\`gesso keys create --account ${made.id} …\` makes its keys.`);
}

export async function listAccounts(world: CliWorld, { json }: Options): Promise<void> {
  const list = (await ask(world, { method: 'GET', path: '/v1/admin/accounts' })) as {
    readonly data: readonly Account[];
  };
  if (json) return printJson(world, list);
  showWallets(world, list.data);
}

export async function showWallet(world: CliWorld, account: string, { json }: Options): Promise<void> {
  const found = (await ask(world, { method: 'GET', path: accountPath(account) })) as Account;
  if (json) return printJson(world, found);
  showWallets(world, [found]);
}

export interface TopUpOptions extends Options {
  readonly mode: string;
  readonly reference?: string;
  readonly dryRun: boolean;
}

export async function topUpWallet(
  world: CliWorld,
  account: string,
  amount: string,
  { mode, reference, dryRun, json }: TopUpOptions,
): Promise<void> {
  const path = `${accountPath(account)}/top-ups${dryRun ? '?dryRun=true' : ''}`;
  const body = { amount, mode, ...(reference === undefined ? {} : { reference }) };
  const made = (await ask(world, post(path, body))) as TopUp;
  if (json) return printJson(world, made);
  const { amount_micros, fee_micros, paid_micros, balance_micros } = made;
  const sum = `${dollars(amount_micros)} and a fee of ${dollars(fee_micros)}: ${dollars(paid_micros)} to pay.`;
  const outcome = dryRun
    ? `It would be ${sum} Nothing was moved.`
    : `${made.id}: ${sum} The ${mode} wallet has ${dollars(balance_micros)} now.`;
  openTerminal(world.stdout, world.env).line(outcome);
}

export async function refundGeneration(
  world: CliWorld,
  generation_id: string,
  amount: string | undefined,
  { json }: Options,
): Promise<void> {
  const body = { generation_id, ...(amount === undefined ? {} : { amount }) };
  const made = (await ask(world, post('/v1/admin/refunds', body))) as { readonly amount_micros: number };
  if (json) return printJson(world, made);
  openTerminal(world.stdout, world.env).line(`Gave back ${dollars(made.amount_micros)} for ${generation_id}.`);
}

interface LedgerBalance {
  readonly mode: 'live' | 'test';
  readonly account: string;
  readonly credited_micros: number;
  readonly debited_micros: number;
}

export async function showLedger(world: CliWorld, { json }: Options): Promise<void> {
  const books = (await ask(world, { method: 'GET', path: '/v1/admin/ledger' })) as {
    readonly data: readonly LedgerBalance[];
  };
  if (json) return printJson(world, books);
  const terminal = openTerminal(world.stdout, world.env);
  const columns: readonly Column[] = [
    { title: 'BOOK' },
    { title: 'ACCOUNT' },
    { title: 'IN', align: 'right' },
    { title: 'OUT', align: 'right' },
  ];
  const rows = books.data.map(({ mode, account, credited_micros, debited_micros }) => [
    mode,
    account,
    dollars(credited_micros),
    dollars(debited_micros),
  ]);
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
}

/** Resolves to the exit code: 1 when the books disagree. */
export async function verifyLedger(world: CliWorld, { json }: Options): Promise<number> {
  const report = (await ask(world, { method: 'GET', path: '/v1/admin/ledger/verify' })) as LedgerReport;
  if (json) printJson(world, report);
  else {
    const terminal = openTerminal(world.stdout, world.env);
    const { wallets, transfers, generations, faults } = report;
    for (const { rule, subject, expected_micros, found_micros } of faults)
      terminal.line(`${subject}: ${dollars(found_micros)} instead of ${dollars(expected_micros)}. ${rule}`);
    const scope = `${transfers} transfers, ${wallets} wallets, ${generations} generations`;
    terminal.line(report.ok ? `The books agree: ${scope}.` : `${faults.length} faults in ${scope}.`);
  }
  return report.ok ? 0 : 1;
}

function showWallets(world: CliWorld, accounts: readonly Account[]): void {
  const terminal = openTerminal(world.stdout, world.env);
  const columns: readonly Column[] = [
    { title: 'ACCOUNT' },
    { title: 'NAME', wrap_min: 10 },
    { title: 'WALLET' },
    { title: 'BALANCE', align: 'right' },
    { title: 'HELD', align: 'right' },
    { title: 'AVAILABLE', align: 'right' },
  ];
  const rows = accounts.flatMap(({ id, name, wallets }) =>
    wallets.map(({ mode, balance_micros, held_micros, available_micros }) => [
      id,
      name,
      mode,
      dollars(balance_micros),
      dollars(held_micros),
      available_micros === null ? 'unmetered' : dollars(available_micros),
    ]),
  );
  for (const line of formatTable(terminal, columns, rows)) terminal.line(line);
}

function post(path: string, body: object): Question {
  return { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function accountPath(account: string): string {
  if (account === '') throw new CliError('Name the account: `gesso accounts list` shows them.');
  return `/v1/admin/accounts/${encodeURIComponent(account)}`;
}
