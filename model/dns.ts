import { z } from 'zod';
import { domain, folder, RepositoryName, text } from './fields';
import { rule } from './schema-problems';

/** The public zone that every public host ends in. */
const zone = domain;

/** The records are in a Terraform workspace for Cloudflare: one file per server, which `deliver --dns-to` delivers. */
const Terraform = z.strictObject({
  zone,
  /** What creates the records instead; none is rendered then. @default - the Terraform workspace */
  none: z.undefined().optional(),
  repository: RepositoryName,
  /** The folder of the workspace inside the repository. */
  workspace: folder,
  /** The Terraform expression for the zone's id, as the workspace defines it; without `${}`. */
  zoneId: z.string().regex(/^[^{}]+$/, 'must be a Terraform expression without the surrounding braces'),
  /** `cloudflare_dns_record` for provider 5, `cloudflare_record` for provider 4. */
  resourceType: z.enum(['cloudflare_dns_record', 'cloudflare_record']),
  /**
   * Renders a whole workspace (providers, backend, zone lookup) instead of a fragment of an existing one.
   * @default - a fragment
   */
  standAlone: z
    .strictObject({ backend: z.strictObject({ type: text, settings: z.record(z.string(), z.unknown()) }) })
    .optional(),
});

/** A record such as `*.example.com` already points every name of the zone to the cluster. */
const Wildcard = z.strictObject({ zone, none: z.literal('wildcard') });

/** external-dns in the cluster creates the records from annotations on the objects that name the hosts. */
const ExternalDns = z.strictObject({
  zone,
  none: z.literal('external-dns'),
  /**
   * How long resolvers cache a record, in seconds.
   * @default - the default of external-dns or of the zone's provider
   */
  ttl: z.int().min(1).max(2_147_483_647).optional(),
  /**
   * The prefix of its annotations, if it runs with `--annotation-prefix`.
   * @default - both of its defaults: `external-dns.kubernetes.io/` since 0.22, `external-dns.alpha.kubernetes.io/` before
   */
  annotationPrefix: z
    .string()
    .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,}\/$/, 'is not a domain name followed by /')
    .optional(),
});

/** How the public hosts of a platform get their DNS records: from us, or from something else. */
export const Dns = z.discriminatedUnion('none', [Terraform, Wildcard, ExternalDns], {
  error: ({ code }) =>
    code === 'invalid_union'
      ? "is neither 'wildcard' nor 'external-dns'; leave it out to use a Terraform workspace"
      : undefined,
});

export type Dns = Readonly<z.output<typeof Dns>>;

/** The Terraform workspace with a platform's records. */
export type DnsWorkspace = Readonly<z.output<typeof Terraform>>;

/** The workspace of a platform's records; undefined if something else creates them. */
export function workspaceOf({ dns }: { readonly dns: Dns }): DnsWorkspace | undefined {
  return dns.none === undefined ? dns : undefined;
}

/** An address in Terraform's state: a record of the workspace or of one of its modules, or one instance of a `for_each`. */
const stateAddress = z
  .string()
  .regex(
    /^(module\.[A-Za-z_][\w-]*(\[("[\w.*-]+"|\d+)\])?\.)*cloudflare_(dns_)?record\.[A-Za-z_][\w-]*(\[("[\w.*-]+"|\d+)\])?$/,
    'is not the address of a record in Terraform, such as cloudflare_dns_record.weather',
  );

/** An existing record of a host, to be adopted under our address. */
export const ExistingRecord = z.union(
  [
    z.strictObject({
      /** Its id in Cloudflare, if no workspace has it yet: 32 hex digits. Rendered as an `import` block. */
      id: z.string().regex(/^[0-9a-f]{32}$/, 'is not the id of a record in Cloudflare: 32 lower-case hex digits'),
    }),
    z.strictObject({
      /** Its current address in the workspace. Rendered as a `moved` block. */
      movedFrom: stateAddress,
    }),
  ],
  'is neither { id } with 32 lower-case hex digits nor { movedFrom } with an address in Terraform, such as cloudflare_dns_record.weather',
);

/**
 * Rejects an adoption that Terraform cannot do: without a workspace, from the address the record already has, or from
 * provider 5 back to provider 4 (5.19, Terraform 1.8).
 */
export function recordRule(entry: unknown, label: string, { dns }: { readonly dns: Dns }) {
  return z.unknown().superRefine((record, context) => {
    if (record === undefined) return;
    const { exposure, movedFrom = '' } = { ...Object(entry), ...Object(record) };
    if (dns.none !== undefined || exposure === 'internal') {
      const found = dns.none === undefined ? 'is set, but the exposure is internal' : 'needs a DNS workspace';
      rule(context, 'UNMAPPED-FIELD', found, 'remove it');
    } else if (movedFrom === `${dns.resourceType}.${label}`) {
      rule(context, 'SERVER-FIELD', 'is the address that the record already has', 'remove it', ['movedFrom']);
    } else if (dns.resourceType === 'cloudflare_record' && /\bcloudflare_dns_record\./.test(`${movedFrom}`)) {
      const fix = "write dns.resourceType: 'cloudflare_dns_record' in the file of the platform";
      rule(
        context,
        'SERVER-FIELD',
        'is a resource type of provider 5, but dns.resourceType is one of provider 4',
        fix,
        ['movedFrom'],
      );
    }
  });
}
