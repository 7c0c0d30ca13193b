import { isIP } from 'node:net';
import type { Platform } from '../model/platform';
import { Problem } from '../model/problem';
import type { Server } from '../model/spec';
import { activeWay, waysOf } from '../model/ways';

/** A public name that points at the cluster's active way in. */
export interface DnsRecord {
  /** Terraform's label. Changing it makes Terraform destroy the record and create another. */
  readonly label: string;
  /** The whole name, lower case, without a dot at the end: relative names differ for ever in several provider versions. */
  readonly name: string;
  readonly type: 'CNAME';
  /** The whole name it points to, without a dot at the end. */
  readonly content: string;
  /** 1 means automatic; otherwise 60 to 86400 seconds (Cloudflare API v4). */
  readonly ttl: 1;
  /** A proxy in front would change certificates and time-outs. */
  readonly proxied: false;
  readonly comment: string;
}

/** The record of a public server. An internal one has none, nor has one whose name something else gives. */
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

/** What the platform's facts would break for every record: a target that the public cannot reach. */
export function targetProblems(platform: Platform): readonly Problem[] {
  const { source: file, dns } = platform;
  return waysOf(platform).flatMap(({ kind, path, address }) => {
    // Somebody else's record may hold an address.
    const reason = dns.none !== undefined && isIP(address) !== 0 ? undefined : unreachable(address);
    if (reason === undefined) return [];
    const fix = `name the ${kind} as the public sees it, such as ${kind}.${dns.zone}`;
    const message = `Cannot point records at "${address}": it ${reason}`;
    return [new Problem('DNS-TARGET', message, { file, path: `${path}.address`, fix })];
  });
}

function unreachable(target: string): string | undefined {
  if (isIP(target) !== 0) return 'is an address, and a CNAME points at a name';
  if (!/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(target)) return 'is not a whole lower-case name';
  if (/\.(local|svc|internal|localhost|test|invalid)$/.test(target)) return 'is known inside a network only';
  return undefined;
}
