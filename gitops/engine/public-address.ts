import ipaddr from 'ipaddr.js';

/**
 * Why an engine's SSRF guard rejects an address, in words that follow "is"; undefined for a public one. For an IPv6 address
 * that embeds an IPv4 address, the embedded one decides (ipaddr.js 2.5.0 names the ranges).
 * @param text an address as a resolver returns it; a zone such as `%eth0` is ignored
 */
export function internalReason(text: string): string | undefined {
  if (!ipaddr.isValid(text)) return 'not an address';
  const address = ipaddr.parse(text);
  if (address instanceof ipaddr.IPv4) return reasonOfIPv4(address);
  const embedded = embeddedIn(address);
  if (embedded.length > 0) {
    const inner = embedded.find((candidate) => reasonOfIPv4(candidate) !== undefined);
    return inner && `${inner.toString()} in IPv6 form, ${reasonOfIPv4(inner)}`;
  }
  const range = address.range();
  // Only 2000::/3 is allocated (IANA, 2026); the library calls the rest of the space plain unicast.
  const isGlobal = range === 'unicast' && isWithin(address, '2000::', 3);
  return isGlobal ? undefined : (descriptions[range] ?? 'reserved');
}

const descriptions: Readonly<Record<string, string>> = {
  private: 'private',
  loopback: 'a loopback address',
  linkLocal: 'link-local',
  carrierGradeNat: 'shared by a carrier (100.64.0.0/10)',
  uniqueLocal: 'private (unique local)',
  deprecatedSiteLocal: 'private (site-local)',
  unspecified: 'unspecified',
  multicast: 'multicast',
  broadcast: 'broadcast',
};

function reasonOfIPv4(address: ipaddr.IPv4): string | undefined {
  const range = address.range();
  return range === 'unicast' ? undefined : (descriptions[range] ?? 'reserved');
}

/** The IPv4 addresses embedded in an IPv6 address, to which a gateway or tunnel would send the packets. Usually none. */
function embeddedIn(address: ipaddr.IPv6): readonly ipaddr.IPv4[] {
  const bytes = address.toByteArray();
  const at = (start: number, mask = 0) => new ipaddr.IPv4(bytes.slice(start, start + 4).map((byte) => byte ^ mask));
  const range = address.range();
  if (range === 'loopback' || range === 'unspecified') return [];
  // Mapped, translated (RFC 6145), NAT64 (RFC 6052), and the old compatible form ::a.b.c.d (RFC 4291).
  const endsInIPv4 = ['ipv4Mapped', 'rfc6145'].includes(range) || isWithin(address, '::', 96);
  if (endsInIPv4 || isWithin(address, '64:ff9b::', 96)) return [at(12)];
  if (range === '6to4') return [at(2)];
  if (range === 'teredo') return [at(4), at(12, 0xff)];
  // ISATAP (RFC 5214): an interface identifier of 0:5efe or 200:5efe and the address.
  const isIsatap = [0, 2].includes(bytes[8] ?? 1) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isIsatap && range === 'unicast' ? [at(12)] : [];
}

function isWithin(address: ipaddr.IPv6, prefix: string, bits: number): boolean {
  return address.match(ipaddr.IPv6.parse(prefix), bits);
}
