import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AllowList } from './allow-list.ts';
import { FetchFault } from './fetch-fault.ts';
import { isPublicAddress } from './public-address.ts';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

const connectTimeoutMs = 10_000;
// undici closes idle connections after 4 s: sooner than servers do, so that a paid call does not meet a closing one.
const agentOptions = { pipelining: 1, allowH2: false } as const;

/** Connects anywhere: for addresses that the operator wrote. */
export function createOpenAgent(resolve: Resolve): Agent {
  return new Agent({ ...agentOptions, connect: connectorWith(resolve, () => true) });
}

/**
 * Connects to public addresses alone. A name is resolved once, every address is checked, and the socket goes to a
 * checked one, so that a second answer of the name server (rebinding) is never asked for.
 */
export function createGuardedAgent(resolve: Resolve, allowed: AllowList): Agent {
  const accepts = (address: string) => isPublicAddress(address) || allowed.hasAddress(address);
  return new Agent({ ...agentOptions, connect: connectorWith(resolve, accepts) });
}

function connectorWith(resolve: Resolve, accepts: (address: string) => boolean): buildConnector.connector {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolveAccepted(resolve, accepts, hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family ?? 0);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
  const connect = buildConnector({ lookup, timeout: connectTimeoutMs, allowH2: false });
  return (options, callback) => {
    // Node looks no literal address up, so that it is checked here.
    const literal = options.hostname.replaceAll(/[[\]]/g, '');
    if (isIP(literal) !== 0 && !accepts(literal)) {
      callback(privateAddress(literal), null);
      return;
    }
    connect(options, (error, socket) => {
      if (error) callback(asConnectFault(error, options.hostname), null);
      else callback(null, socket);
    });
  };
}

async function resolveAccepted(
  resolve: Resolve,
  accepts: (address: string) => boolean,
  hostname: string,
): Promise<readonly ResolvedAddress[]> {
  const addresses = await resolve(hostname);
  if (addresses.length === 0) throw new FetchFault('unreachable', `${hostname} has no address`, { sent: false });
  // One private address among public ones is refused as a whole: honest names do not mix them.
  const refused = addresses.find(({ address }) => !accepts(address));
  if (refused) throw privateAddress(`${hostname} at ${refused.address}`);
  return addresses;
}

const privateAddress = (what: string) =>
  new FetchFault('private_address', `${what} is not a public address`, { sent: false });

/** Whatever fails while connecting, nothing has been sent. */
function asConnectFault(error: Error, hostname: string): FetchFault {
  if (error instanceof FetchFault) return error;
  return new FetchFault('unreachable', `${hostname} cannot be reached: ${error.message}`, {
    sent: false,
    cause: error,
  });
}
