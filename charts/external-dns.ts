import type { Server } from '../model/spec';
import { activeWay, type Way } from '../model/ways';

/**
 * The annotations for external-dns on the object of a way in; none unless it creates the records. A Gateway's route has
 * no target, because external-dns uses the Gateway's. The inactive way is excluded, or one name would get two targets (0.19 to
 * 0.23).
 */
export function dnsAnnotations({ host, platform }: Server, kind: Way['kind']): Readonly<Record<string, string>> {
  const { dns } = platform;
  const active = activeWay(platform);
  if (dns.none !== 'external-dns' || active === undefined) return {};
  const values = active.kind === kind ? recordOf(host, active, dns.ttl) : { controller: 'none' };
  const prefixes = dns.annotationPrefix === undefined ? defaultPrefixes : [dns.annotationPrefix];
  return Object.fromEntries(
    prefixes.flatMap((prefix) => Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value])),
  );
}

function recordOf(hostname: string, { kind, address }: Way, ttl: number | undefined) {
  return {
    hostname,
    ...(kind === 'ingress' ? { target: address } : {}),
    ...(ttl === undefined ? {} : { ttl: String(ttl) }),
  };
}

/** Each release reads one of the two by default: the first until 0.21, the second since 0.22. */
const defaultPrefixes = ['external-dns.alpha.kubernetes.io/', 'external-dns.kubernetes.io/'];
