/** Locks the data directory named by its argument and stays. */
import { openDataDirectory } from '../../../src/store/data-directory.ts';

await openDataDirectory(process.argv[2] ?? '', new Date());
process.stdout.write('ready\n');
setInterval(() => {}, 60_000);
