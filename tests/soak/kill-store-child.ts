/** Opens the database, says what it holds, then writes until it is killed and says what is stored. */
import { randomBytes } from 'node:crypto';
import { insertMedia } from '../../src/store/media.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { silent } from '../store/database-under-test.ts';
import {
  blobSample,
  generationSample,
  insertAttempt,
  insertQueuedGeneration,
  makeAccount,
  mediaSample,
} from '../store/samples.ts';

const WRITERS = 4;

const [data_dir = '', kind] = process.argv.slice(2);
const { db, ...database } = await openDatabase({
  data_dir,
  embedded: kind === 'pglite' ? 'pglite' : 'postgres',
  pool_max: WRITERS,
  log: silent,
});
await migrate({ ...database, db });
await makeAccount(db, 'acc_1');

const whole = await db
  .selectFrom('generations')
  .leftJoin('media', 'media.generation_id', 'generations.id')
  .leftJoin('attempts', 'attempts.generation_id', 'generations.id')
  .select(['generations.id', 'media.id as media_id', 'attempts.seq'])
  .execute();
say(
  'halves',
  whole.filter((row) => row.media_id === null || row.seq === null),
);
say('found', whole);
await Promise.all(Array.from({ length: WRITERS }, write));

async function write(): Promise<void> {
  for (;;) {
    const id = randomBytes(8).toString('hex');
    await db.transaction().execute(async (transaction) => {
      await insertQueuedGeneration(transaction, generationSample({ id }));
      await insertAttempt(transaction, {
        generation_id: id,
        seq: 1,
        provider: 'gesso',
        offer_id: 'gesso/sketch',
        price_micros: 0,
        started_at: new Date(),
      });
      await insertMedia(transaction, blobSample(id), mediaSample({ id, generation_id: id }));
    });
    say('stored', [{ id }]);
  }
}

/** The full stop tells a whole line from one that was cut. */
function say(word: string, rows: readonly { readonly id: string }[]): void {
  process.stdout.write(`${[word, ...rows.map(({ id }) => id)].join(' ')}.\n`);
}
