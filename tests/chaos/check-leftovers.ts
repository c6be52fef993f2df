import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { testDatabaseKind } from '../store/database-under-test.ts';

/** TCP sockets of this process: the server's, its providers' and its clients' alike. */
export const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** Idle connections are closed after four seconds, and after five on the servers' side. */
const SETTLE_MS_MAX = 10_000;
/** An external database is reached over TCP, by a pool that grows. */
const socketsMore = (): number => (testDatabaseKind() === 'external' ? 20 : 2);

/** Once nothing is in hand: no sockets but those of before, no open file of a picture, no half-written one. */
export async function checkLeftovers(data_dir: string, sockets_before: number): Promise<string[]> {
  const media = join(data_dir, 'media');
  let faults: string[] = [];
  for (const end = performance.now() + SETTLE_MS_MAX; performance.now() < end; await delay(100)) {
    const sockets = openSockets();
    const files = openFiles(media);
    const partial = join(media, 'partial');
    const partials = existsSync(partial) ? readdirSync(partial) : [];
    faults = [
      ...(sockets > sockets_before + socketsMore() ? [`${sockets} sockets, ${sockets_before} before`] : []),
      ...files.map((path) => `still open: ${path}`),
      ...partials.map((name) => `left in partial/: ${name}`),
    ];
    if (faults.length === 0) return [];
  }
  return faults;
}

/** Where the system tells them; nowhere else. */
function openFiles(below: string): string[] {
  if (!existsSync('/proc/self/fd')) return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(below) ? [path] : [];
    } catch {
      return []; // The one that read the list.
    }
  });
}
