/** How long accounts keep their payloads. */
import { sql } from 'kysely';
import type { Db } from './tables.ts';

/** Null = as the server does. */
export async function findRetention(db: Db, account_id: string): Promise<number | null> {
  const row = await db.selectFrom('accounts').select('retention_days').where('id', '=', account_id).executeTakeFirst();
  return row?.retention_days ?? null;
}

export async function setRetention(db: Db, account_id: string, retention_days: number | null): Promise<void> {
  await db.updateTable('accounts').set({ retention_days }).where('id', '=', account_id).execute();
}

/** What would be kept longer than is allowed now goes earlier, pictures with their prompt; what is kept until deleted stays. */
export async function shortenRetention(db: Db, account_id: string, keep_ms: number): Promise<void> {
  const until = sql<Date>`created_at + ${keep_ms} * interval '1 millisecond'`;
  await db
    .updateTable('generations')
    .set({ expires_at: until })
    .where('account_id', '=', account_id)
    .where('expires_at', '>', until)
    .execute();
  await sql`
    update media set expires_at = generations.expires_at from generations
    where generations.id = media.generation_id and generations.account_id = ${account_id}
      and media.deleted_at is null and media.expires_at > generations.expires_at
  `.execute(db);
}
