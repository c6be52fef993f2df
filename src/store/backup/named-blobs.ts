/** Bytes in the media store that some row still needs. */
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../tables.ts';
import { hashColumns, listTables } from './list-tables.ts';

const AT_ONCE = 500;

/** Each hash once, in order; some at a time, so that a million of them need no memory. */
export async function* namedBlobs(db: Db): AsyncGenerator<string> {
  const sources = await namingColumns(db);
  let last = '';
  for (;;) {
    const { rows } = await sql<{ sha256: string }>`
      select distinct sha256 from (${sql.join(sources, sql` union all `)}) as named
      where sha256 > ${last} order by sha256 limit ${AT_ONCE}
    `.execute(db);
    for (const { sha256 } of rows) yield sha256;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end.sha256;
  }
}

async function namingColumns(db: Db): Promise<RawBuilder<unknown>[]> {
  return (await listTables(db)).flatMap(({ name, columns }) =>
    columns
      .filter((column) => hashColumns[`${name}.${column.name}`] === 'names a blob')
      .map((column) => {
        const is_live = columns.some((other) => other.name === 'deleted_at') ? sql`deleted_at is null` : sql`true`;
        return sql`select ${sql.ref(column.name)} as sha256 from ${sql.table(name)} where ${is_live}`;
      }),
  );
}
