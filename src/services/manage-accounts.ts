/** Accounts and what is paid into their wallets: the operator's affair alone. */
import type {
  AccountView,
  AccountWish,
  LedgerBalance,
  LedgerReport,
  RefundView,
  TopUpView,
  TopUpWish,
  WalletView,
} from '../contracts/money.ts';
import type { Principal } from '../contracts/services.ts';
import { GessoError } from '../core/errors.ts';
import { topUpFee } from '../core/wallet/top-up-fee.ts';
import { findAccount, findOwnerAccount, insertAccount, listAccounts as listAccountRows } from '../store/accounts.ts';
import {
  findTopUp,
  findWallet,
  insertTopUp,
  listWallets,
  ledgerBalances as readBalances,
  refundGeneration,
} from '../store/ledger.ts';
import type { AccountRow, Db, TopUpRow, WalletRow } from '../store/tables.ts';
import { verifyLedger as verify } from '../store/verify-ledger.ts';
import type { ServiceParts } from './parts.ts';

type AccountParts = Pick<ServiceParts, 'db' | 'ids' | 'clock' | 'money'>;

const modes = ['live', 'test'] as const;

/** A new prepaid account begins with the start credit of the settings. */
export async function createAccount(
  parts: AccountParts,
  principal: Principal,
  wish: AccountWish,
): Promise<AccountView> {
  await requireOperator(parts.db, principal);
  const created_at = new Date(parts.clock.now());
  const account: AccountRow = {
    id: parts.ids.next('acc'),
    name: wish.name,
    billing: wish.billing,
    retention_days: null,
    created_at,
  };
  return parts.db.transaction().execute(async (transaction) => {
    if (!(await insertAccount(transaction, account))) throw new GessoError('internal_error');
    for (const mode of modes) {
      const amount_micros = wish.billing === 'prepaid' ? parts.money.start_credit_micros[mode] : 0;
      if (amount_micros === 0) continue;
      const reference = `${account.id} ${mode}`;
      const id = parts.ids.next('top');
      const credit = { id, account_id: account.id, mode, reference, amount_micros, fee_micros: 0, created_at };
      await insertTopUp(transaction, { ...credit, source: 'start_credit' });
    }
    return accountView(account, await listWallets(transaction, account.id));
  });
}

export async function listAccounts({ db }: AccountParts, principal: Principal): Promise<AccountView[]> {
  await requireOperator(db, principal);
  const wallets = Map.groupBy(await listWallets(db), ({ account_id }) => account_id);
  return (await listAccountRows(db)).map((account) => accountView(account, wallets.get(account.id) ?? []));
}

/** Throws `not_found`. */
export async function getAccount({ db }: AccountParts, principal: Principal, id: string): Promise<AccountView> {
  await requireOperator(db, principal);
  return accountView(await requireAccount(db, id), await listWallets(db, id));
}

/**
 * Pays into a wallet; the fee comes on top. With a `reference` that was used before, nothing moves and the payment of
 * then is told again; a reference with another amount or account is a conflict.
 */
export async function topUp(
  parts: AccountParts,
  principal: Principal,
  account_id: string,
  wish: TopUpWish,
): Promise<TopUpView> {
  const { db, ids, clock, money } = parts;
  await requireOperator(db, principal);
  const { billing } = await requireAccount(db, account_id);
  if (billing !== 'prepaid') {
    const message = `The account ${account_id} is unmetered: its spend is recorded and it needs no top-up.`;
    throw new GessoError('invalid_value', message, { param: 'id' });
  }
  const { amount_micros, mode, reference } = wish;
  const row = {
    id: ids.next('top'),
    account_id,
    mode,
    source: 'admin' as const,
    reference,
    amount_micros,
    fee_micros: topUpFee(amount_micros, money.top_up_fee_basis_points),
    created_at: new Date(clock.now()),
  };
  if (wish.dry_run) return topUpView({ ...row, currency: 'USD' }, await findWallet(db, account_id, mode));
  const isNew = await insertTopUp(db, row);
  const stored = isNew || reference === null ? undefined : await findTopUp(db, 'admin', reference);
  if (
    stored !== undefined &&
    (stored.account_id !== account_id || stored.amount_micros !== amount_micros || stored.mode !== mode)
  ) {
    const message = `The reference "${reference}" belongs to another payment, ${stored.id}. Give each payment its own.`;
    throw new GessoError('idempotency_conflict', message, { param: 'reference' });
  }
  return topUpView(stored ?? { ...row, currency: 'USD' }, await findWallet(db, account_id, mode));
}

/** The caller's own wallet, of the key's mode; an admin key sees the live one. */
export async function getBalance({ db }: Pick<ServiceParts, 'db'>, principal: Principal): Promise<WalletView> {
  const wallet = await findWallet(db, principal.account_id, principal.mode === 'test' ? 'test' : 'live');
  if (wallet === undefined) throw new GessoError('not_found', 'This account has no wallet.');
  return walletView(wallet);
}

/** What a picture was worth may be judged afterwards: never more goes back than was charged. */
export async function refund(
  { db, clock }: Pick<ServiceParts, 'db' | 'clock'>,
  principal: Principal,
  generation_id: string,
  amount_micros: number | null,
): Promise<RefundView> {
  await requireOperator(db, principal);
  const wish = { id: generation_id, amount_micros: amount_micros ?? Number.MAX_SAFE_INTEGER };
  return { generation_id, amount_micros: await refundGeneration(db, wish, new Date(clock.now())) };
}

export async function ledgerBalances({ db }: Pick<ServiceParts, 'db'>, principal: Principal): Promise<LedgerBalance[]> {
  await requireOperator(db, principal);
  return readBalances(db);
}

export async function verifyLedger({ db }: Pick<ServiceParts, 'db'>, principal: Principal): Promise<LedgerReport> {
  await requireOperator(db, principal);
  return verify(db);
}

/** Accounts and payments belong to whoever runs the server: an admin key of the owner's account. */
export async function requireOperator(db: Db, { scopes, account_id }: Principal): Promise<void> {
  const owner = scopes.includes('admin') ? await findOwnerAccount(db) : undefined;
  if (owner?.id === account_id) return;
  throw new GessoError('scope_exceeded', "Accounts and payments are managed with an admin key of the owner's account.");
}

async function requireAccount(db: Db, id: string): Promise<AccountRow> {
  const account = await findAccount(db, id);
  if (account === undefined) throw new GessoError('not_found', `There is no account ${id}.`, { param: 'id' });
  return account;
}

function accountView(account: AccountRow, wallets: readonly WalletRow[]): AccountView {
  return { ...account, wallets: wallets.map(walletView) };
}

function walletView({ account_id, mode, billing, balance_micros, held_micros }: WalletRow): WalletView {
  const available_micros = billing === 'prepaid' ? balance_micros - held_micros : null;
  return { account_id, mode, billing, balance_micros, held_micros, available_micros };
}

function topUpView(row: TopUpRow, wallet: WalletRow | undefined): TopUpView {
  const { id, account_id, mode, source, reference, amount_micros, fee_micros, created_at } = row;
  const view = { id, account_id, mode, source, reference, amount_micros, fee_micros, created_at };
  return { ...view, paid_micros: amount_micros + fee_micros, balance_micros: wallet?.balance_micros ?? 0 };
}
