import ipaddr from 'ipaddr.js';

/** What an operator trusts although it is not public: `host`, `host:port`, an address, or a range such as `10.0.0.0/8`. */
export interface AllowList {
  /** Whether the URL's own host is named: then nothing about it is checked further. */
  hasHost(url: URL): boolean;
  /** Whether an address that a name resolved to lies in a named range. */
  hasAddress(address: string): boolean;
}

/** Throws a plain Error naming the entry that cannot be read; settings are checked with it at the start. */
export function createAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const entry of entries.map((text) => text.trim().toLowerCase())) {
    if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (ipaddr.isValid(entry)) {
      const address = ipaddr.parse(entry);
      ranges.push([address, address.kind() === 'ipv4' ? 32 : 128]);
      hosts.add(address.kind() === 'ipv4' ? entry : `[${entry}]`);
    } else if (/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/.test(entry)) hosts.add(entry);
    else throw new Error(`"${entry}" is neither a host, host:port, an IP address nor a range such as 10.0.0.0/8`);
  }
  return {
    hasHost: (url) => hosts.has(url.hostname) || hosts.has(`${url.hostname}:${effectivePort(url)}`),
    hasAddress: (text) => {
      const address = ipaddr.process(text);
      return ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
    },
  };
}

/** The port that a URL leads to, also when it does not name it. */
export function effectivePort(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
