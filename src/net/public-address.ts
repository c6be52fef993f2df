import ipaddr from 'ipaddr.js';

/** Public by its number, yet a cloud's own inside: Azure's WireServer. */
const insiders = new Set(['168.63.129.16']);

/** Global unicast, the only part of IPv6 that is routed on the internet (RFC 4291, 2.4; IANA registry). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** The well-known NAT64 prefix (RFC 6052), which an IPv6-only host uses to reach IPv4: what counts is the address inside. */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an address is one on the public internet. Loopback, private, link-local (with it the metadata services),
 * carrier-grade NAT, multicast, reserved, documentation, mapped, 6to4 and Teredo addresses are not.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address) || insiders.has(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === 'unicast';
  if (parsed.zoneId) return false;
  if (parsed.isIPv4MappedAddress()) return isPublicAddress(parsed.toIPv4Address().toString());
  if (parsed.match(nat64)) {
    return isPublicAddress(new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString());
  }
  return parsed.range() === 'unicast' && parsed.match(globalUnicast);
}
