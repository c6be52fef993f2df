import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createAllowList } from './allow-list.ts';
import { parseOutboundUrl, requireWebPort, webPorts } from './check-url.ts';
import { FetchFault } from './fetch-fault.ts';
import type { Resolve } from './guarded-agent.ts';
import { isPublicAddress } from './public-address.ts';

export interface Target {
  readonly url: URL;
  /** The operator named its host or its range: GESSO_FETCH_ALLOW_HOSTS. */
  readonly is_trusted: boolean;
}

/** Throws `FetchFault` (`bad_url`, `private_address`) for what the guarded fetch would refuse to a user's URL. */
export type CheckTarget = (url: string) => Promise<Target>;

export interface CheckTargetOptions {
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  readonly allow_hosts?: readonly string[];
}

const LOOKUP_MS_MAX = 2_000;

/**
 * Tells before anything is sent whether a URL may be called, for a clear answer to who brings it. It takes nothing away
 * from the check at each call: names change. A name that cannot be resolved now is let through, since only the call can tell.
 */
export function createCheckTarget({ resolve, allow_hosts = [] }: CheckTargetOptions = {}): CheckTarget {
  const ask = resolve ?? ((hostname) => lookup(hostname, { all: true }));
  const allowed = createAllowList(allow_hosts);
  return async (text) => {
    const url = parseOutboundUrl(text);
    if (allowed.hasHost(url)) return { url, is_trusted: true };
    requireWebPort(url, webPorts);
    const addresses = await addressesOf(url.hostname.replaceAll(/[[\]]/g, ''), ask);
    const isAllowed = (address: string): boolean => allowed.hasAddress(address);
    const refused = addresses.find((address) => !isPublicAddress(address) && !isAllowed(address));
    if (refused !== undefined)
      throw new FetchFault('private_address', `${url.hostname} at ${refused} is not a public address`, { sent: false });
    return { url, is_trusted: addresses.length > 0 && addresses.every(isAllowed) };
  };
}

async function addressesOf(hostname: string, ask: Resolve): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  const waiting = new AbortController();
  const asked = ask(hostname).then(
    (found) => found.map(({ address }) => address),
    () => [],
  );
  const late = delay(LOOKUP_MS_MAX, [], { signal: waiting.signal }).catch(() => []);
  try {
    return await Promise.race([asked, late]);
  } finally {
    waiting.abort();
  }
}
