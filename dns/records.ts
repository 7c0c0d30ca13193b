import { isIP } from 'node:net';
import type { Platform } from '../model/platform';
import { Problem } from '../model/problem';
import type { Server } from '../model/spec';
import { activeWay, waysOf } from '../model/ways';

/** A public name that points at the cluster's active way in. */
export interface DnsRecord {
  /** Terraform's label. Changing it makes Terraform destroy the record and create another. */
  readonly label: string;
  /** Fully qualified, lower case, without a trailing dot: several provider versions replan a relative name on every run. */
  readonly name: string;
  readonly type: 'CNAME';
  /** The fully qualified target, without a trailing dot. */
  readonly content: string;
  /** 1 means automatic; otherwise 60 to 86400 seconds (Cloudflare API v4). */
  readonly ttl: 1;
  /** Cloudflare's proxy would change certificates and timeouts. */
  readonly proxied: false;
  readonly comment: string;
}

/** The record of a public server; undefined for an internal server, or when something else creates the records. */
export function recordOf(server: Server): DnsRecord | undefined {
  const way = activeWay(server.platform);
  if (!server.isPublic || way === undefined || server.platform.dns.none !== undefined) return undefined;
  const { resourceLabel, host, name } = server;
  return {
    label: resourceLabel,
    name: host,
    type: 'CNAME',
    content: way.address,
    ttl: 1,
    proxied: false,
    comment: `${name}: MCP server`,
  };
}

/** Reports targets of the platform that the public cannot reach. */
export function targetProblems(platform: Platform): readonly Problem[] {
  const { source: file, dns } = platform;
  return waysOf(platform).flatMap(({ kind, path, address }) => {
    // A record that something else creates may point to an address.
    const reason = dns.none !== undefined && isIP(address) !== 0 ? undefined : unreachable(address);
    if (reason === undefined) return [];
    const fix = `use the public host name of the ${kind}, such as ${kind}.${dns.zone}`;
    const message = `Cannot point records at "${address}": it ${reason}`;
    return [new Problem('DNS-TARGET', message, { file, path: `${path}.address`, fix })];
  });
}

function unreachable(target: string): string | undefined {
  if (isIP(target) !== 0) return 'is an address, but a CNAME points to a name';
  if (!/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(target))
    return 'is not a fully qualified lower-case name';
  if (/\.(local|svc|internal|localhost|test|invalid)$/.test(target)) return 'resolves only inside a private network';
  return undefined;
}
