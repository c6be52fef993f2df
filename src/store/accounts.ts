/** Accounts: who owns keys, history and wallets (the database opens two with every account: live and test). */
import type { Insertable } from 'kysely';
import type { AccountRow, AccountsTable, Db } from './tables.ts';

/** Returns false when an account with this id exists already. */
export async function insertAccount(db: Db, account: Insertable<AccountsTable>): Promise<boolean> {
  const result = await db
    .insertInto('accounts')
    .values(account)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function findAccount(db: Db, id: string): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The oldest account, which first start makes for the operator; undefined on a new database. */
export async function findOwnerAccount(db: Db): Promise<AccountRow | undefined> {
  return db.selectFrom('accounts').selectAll().orderBy('created_at').orderBy('id').limit(1).executeTakeFirst();
}

/** Oldest first. */
export async function listAccounts(db: Db): Promise<AccountRow[]> {
  return db.selectFrom('accounts').selectAll().orderBy('created_at').orderBy('id').execute();
}
