import type { Server } from '../model/spec';

/** What names a public host: an Ingress, or the HTTPRoute of a Gateway. */
export type NamingKind = 'ingress' | 'gateway';

/**
 * What external-dns reads on the object that names a server's host; nothing where it does not make the records. Of a Gateway's
 * route it takes no target: that is the annotation or the address of the Gateway itself (0.19 to 0.23).
 * @param target what records point to
 */
export function dnsAnnotations(
  { host, platform: { dns } }: Server,
  kind: NamingKind,
  target: string,
): Readonly<Record<string, string>> {
  if (dns.none !== 'external-dns') return {};
  const { annotationPrefix, ttl } = dns;
  const said = {
    hostname: host,
    ...(kind === 'ingress' ? { target } : {}),
    ...(ttl === undefined ? {} : { ttl: String(ttl) }),
  };
  const prefixes = annotationPrefix === undefined ? usualPrefixes : [annotationPrefix];
  return Object.fromEntries(
    prefixes.flatMap((prefix) => Object.entries(said).map(([name, value]) => [`${prefix}${name}`, value])),
  );
}

/** Each release reads one of the two, unless a flag says otherwise: the first until 0.21, the second since 0.22. */
const usualPrefixes = ['external-dns.alpha.kubernetes.io/', 'external-dns.kubernetes.io/'];
