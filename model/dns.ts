import { z } from 'zod';
import { domain, folder, RepositoryName, text } from './fields';
import { rule } from './schema-problems';

/** The public zone that every public host ends in. */
const zone = domain;

/** The records lie in a Terraform workspace of Cloudflare: one file a server, which `deliver --dns-to` brings there. */
const Terraform = z.strictObject({
  zone,
  /** What else names the hosts, so that no record is rendered. @default - nothing else does */
  none: z.undefined().optional(),
  repository: RepositoryName,
  /** The folder of the workspace inside the repository. */
  workspace: folder,
  /** The Terraform expression for the zone's id, as the workspace defines it; without `${}`. */
  zoneId: z.string().regex(/^[^{}]+$/, 'is not a Terraform expression, written without its braces'),
  /** `cloudflare_dns_record` for provider 5, `cloudflare_record` for provider 4. */
  resourceType: z.enum(['cloudflare_dns_record', 'cloudflare_record']),
  /**
   * Renders a whole workspace (providers, backend, zone look-up) instead of a fragment that joins an existing one.
   * @default - a fragment
   */
  standAlone: z
    .strictObject({ backend: z.strictObject({ type: text, settings: z.record(z.string(), z.unknown()) }) })
    .optional(),
});

/** A record such as `*.example.com` leads every name of the zone to the cluster already. */
const Wildcard = z.strictObject({ zone, none: z.literal('wildcard') });

/** An external-dns in the cluster makes the records from what is written on the objects that name the hosts. */
const ExternalDns = z.strictObject({
  zone,
  none: z.literal('external-dns'),
  /**
   * How long resolvers keep a record, in seconds.
   * @default - what external-dns or the zone's provider takes
   */
  ttl: z.int().min(1).max(2_147_483_647).optional(),
  /**
   * What its annotations start with where it runs with `--annotation-prefix`.
   * @default - its own two: `external-dns.kubernetes.io/` since 0.22, and `external-dns.alpha.kubernetes.io/` before
   */
  annotationPrefix: z
    .string()
    .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,}\/$/, 'is not a domain name with a / at its end')
    .optional(),
});

/** What gives the public hosts of a platform their names: records of our own, or somebody else's. */
export const Dns = z.discriminatedUnion('none', [Terraform, Wildcard, ExternalDns], {
  error: ({ code }) =>
    code === 'invalid_union'
      ? "is neither 'wildcard' nor 'external-dns'; without it there is a Terraform workspace"
      : undefined,
});

export type Dns = Readonly<z.output<typeof Dns>>;

/** The Terraform workspace that a platform's records lie in. */
export type DnsWorkspace = Readonly<z.output<typeof Terraform>>;

/** The workspace of a platform's records; undefined where something else gives the names. */
export function workspaceOf({ dns }: { readonly dns: Dns }): DnsWorkspace | undefined {
  return dns.none === undefined ? dns : undefined;
}

/** An address in Terraform's state: a record of the workspace, of one of its modules, or one of several made by `for_each`. */
const stateAddress = z
  .string()
  .regex(
    /^(module\.[A-Za-z_][\w-]*(\[("[\w.*-]+"|\d+)\])?\.)*cloudflare_(dns_)?record\.[A-Za-z_][\w-]*(\[("[\w.*-]+"|\d+)\])?$/,
    'is not the address of a record in Terraform, such as cloudflare_dns_record.weather',
  );

/** The record of a host that is there before Terraform knows it by our address. */
export const ExistingRecord = z.union(
  [
    z.strictObject({
      /** What Cloudflare knows it by, where no workspace has it yet: 32 hex digits. An `import` block says it. */
      id: z.string().regex(/^[0-9a-f]{32}$/, 'is not the id of a record in Cloudflare: 32 lower-case hex digits'),
    }),
    z.strictObject({
      /** Where the workspace has had it until now. A `moved` block says it. */
      movedFrom: stateAddress,
    }),
  ],
  'is neither { id } with 32 lower-case hex digits nor { movedFrom } with an address in Terraform, such as cloudflare_dns_record.weather',
);

/**
 * Where a record that is there may be taken over: in a workspace, by another address than its own. The type of provider 4
 * becomes that of provider 5, and never the other way about (5.19, Terraform 1.8).
 */
export function recordRule(entry: unknown, label: string, { dns }: { readonly dns: Dns }) {
  return z.unknown().superRefine((record, context) => {
    if (record === undefined) return;
    const { exposure, movedFrom = '' } = { ...Object(entry), ...Object(record) };
    if (dns.none !== undefined || exposure === 'internal') {
      const found = dns.none === undefined ? 'is given, but the exposure is internal' : 'needs a DNS workspace';
      rule(context, 'UNMAPPED-FIELD', found, 'take it out');
    } else if (movedFrom === `${dns.resourceType}.${label}`) {
      rule(context, 'SERVER-FIELD', 'is where the record is', 'take it out', ['movedFrom']);
    } else if (dns.resourceType === 'cloudflare_record' && /\bcloudflare_dns_record\./.test(`${movedFrom}`)) {
      const fix = "write dns.resourceType: 'cloudflare_dns_record' in the file of the platform";
      rule(context, 'SERVER-FIELD', 'is of provider 5, and dns.resourceType of provider 4', fix, ['movedFrom']);
    }
  });
}
