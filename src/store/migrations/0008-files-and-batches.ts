import { type Kysely, sql } from 'kysely';

export async function filesAndBatches(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements: readonly string[] = [];
