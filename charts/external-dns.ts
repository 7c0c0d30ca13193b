import type { Server } from '../model/spec';
import { activeWay, type Way } from '../model/ways';

/**
 * What external-dns reads on the object of a way in; nothing where it does not make the records. On a Gateway's route it takes
 * no target: that is the annotation or the address of the Gateway itself. The way that is not active tells it to look away, or
 * one name would have two places (0.19 to 0.23).
 */
export function dnsAnnotations({ host, platform }: Server, kind: Way['kind']): Readonly<Record<string, string>> {
  const { dns } = platform;
  const active = activeWay(platform);
  if (dns.none !== 'external-dns' || active === undefined) return {};
  const said = active.kind === kind ? recordOf(host, active, dns.ttl) : { controller: 'none' };
  const prefixes = dns.annotationPrefix === undefined ? usualPrefixes : [dns.annotationPrefix];
  return Object.fromEntries(
    prefixes.flatMap((prefix) => Object.entries(said).map(([name, value]) => [`${prefix}${name}`, value])),
  );
}

function recordOf(hostname: string, { kind, address }: Way, ttl: number | undefined) {
  return {
    hostname,
    ...(kind === 'ingress' ? { target: address } : {}),
    ...(ttl === undefined ? {} : { ttl: String(ttl) }),
  };
}

/** Each release reads one of the two, unless a flag says otherwise: the first until 0.21, the second since 0.22. */
const usualPrefixes = ['external-dns.alpha.kubernetes.io/', 'external-dns.kubernetes.io/'];
