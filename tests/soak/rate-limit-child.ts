/** Takes from one bucket as often as it can until told to end, and says when each time was that it was let in. */
import { openDatabase } from '../../src/store/open-database.ts';
import { takeFromBuckets } from '../../src/store/rate-buckets.ts';
import { silent } from '../store/database-under-test.ts';

const [database_url = '', per_minute = '', burst = '', duration_ms = '', subject = ''] = process.argv.slice(2);
const { db, close } = await openDatabase({ database_url, data_dir: '', embedded: 'auto', pool_max: 2, log: silent });
const limit = { per_minute: Number(per_minute), burst: Number(burst) };
const times: number[] = [];
let first: number | null = null;
for (;;) {
  const [state] = await takeFromBuckets(db, [{ subject, limit, amount: 1 }]);
  if (state === undefined) throw new Error('The bucket has no state.');
  first ??= state.now_us;
  if (state.now_us - first > Number(duration_ms) * 1000) break;
  if (state.is_taken) times.push(state.now_us);
}
await close();
process.stdout.write(JSON.stringify({ first, times }));
