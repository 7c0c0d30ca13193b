import { isIP } from 'node:net';
import type { Platform } from '../model/platform';
import { Problem } from '../model/problem';
import type { Server } from '../model/spec';

/** A public name that points at the cluster's ingress. */
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
  if (!server.isPublic || server.platform.dns.none !== undefined) return undefined;
  const { resourceLabel, host, name, platform } = server;
  return {
    label: resourceLabel,
    name: host,
    type: 'CNAME',
    content: platform.ways.ingress.address,
    ttl: 1,
    proxied: false,
    comment: `${name}: MCP server`,
  };
}

/** What the platform's facts would break for every record: a target that the public cannot reach. */
export function targetProblems({ source: file, ways, dns: { zone, none } }: Platform): readonly Problem[] {
  const target = ways.ingress.address;
  const refuse = (reason: string) => [
    new Problem('DNS-TARGET', `Cannot point records at "${target}": it ${reason}`, {
      file,
      path: 'ways.ingress.address',
      fix: `name the ingress as the public sees it, such as ingress.${zone}`,
    }),
  ];
  if (isIP(target) !== 0) return none === undefined ? refuse('is an address, and a CNAME points at a name') : [];
  if (!/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(target))
    return refuse('is not a whole lower-case name');
  if (/\.(local|svc|internal|localhost|test|invalid)$/.test(target)) return refuse('is known inside a network only');
  return [];
}
