/** Opens the database of the data directory and kind named by its arguments, writes where it is, and stays. */
import { migrate } from '../../../src/store/migrate.ts';
import { openDatabase } from '../../../src/store/open-database.ts';
import { silent } from '../database-under-test.ts';

const [data_dir = '', kind] = process.argv.slice(2);
const database = await openDatabase({
  data_dir,
  embedded: kind === 'pglite' ? 'pglite' : 'postgres',
  pool_max: 4,
  log: silent,
});
await migrate(database);
process.stdout.write(`${database.describe()}\n`);
setInterval(() => {}, 60_000);
