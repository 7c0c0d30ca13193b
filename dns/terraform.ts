import { type DnsWorkspace, workspaceOf } from '../model/dns';
import { markerOf } from '../model/marker';
import type { Platform } from '../model/platform';
import type { Server } from '../model/spec';
import { recordOf } from './records';
import { recordBlocks } from './stack';

/** One file of the DNS workspace. */
export interface TerraformFile {
  readonly name: string;
  readonly text: string;
  /** The server of the record. @default - the file belongs to the whole workspace */
  readonly server?: string;
}

/**
 * The Terraform files for the public servers of a platform: one per server, with only its `resource` block, for an existing
 * workspace. Stand-alone mode adds `main.tf.json` with the rest of a workspace. Empty when something else creates the
 * records.
 */
export function terraformFiles(servers: readonly Server[], platform: Platform): readonly TerraformFile[] {
  const dns = workspaceOf(platform);
  if (dns === undefined) return [];
  const named = servers.flatMap((server) => {
    const record = recordOf(server);
    return record === undefined ? [] : [{ server, record }];
  });
  const blocks = recordBlocks(
    named.map(({ record }) => record),
    dns,
  );
  const fragments = named.map(({ server: { name, source, record: existing }, record: { label } }) => ({
    name: `${name}.tf.json`,
    text: textOf(markerOf(source, platform.tool), {
      ...adopted(existing, `${dns.resourceType}.${label}`, dns),
      resource: { [dns.resourceType]: { [label]: { '//': name, ...blocks.get(label) } } },
    }),
    server: name,
  }));
  return dns.standAlone === undefined ? fragments : [...fragments, workspaceFile(platform, dns, dns.standAlone)];
}

/**
 * The block that adopts an existing record. `import` needs Terraform 1.5, an expression in its id 1.6. Both versions of the
 * provider use this form of id.
 */
function adopted(record: Server['record'], to: string, { zoneId }: DnsWorkspace): object {
  if (record === undefined) return {};
  if ('id' in record) return { import: [{ to, id: `\${${zoneId}}/${record.id}` }] };
  return { moved: [{ from: record.movedFrom, to }] };
}

/**
 * Provider, backend and zone. No credential is written: the provider reads CLOUDFLARE_API_TOKEN, which needs permission to
 * read zones. The backend is always explicit, because cdktf defaults to a local path.
 */
function workspaceFile(
  { source, tool }: Platform,
  dns: DnsWorkspace,
  { backend }: { backend: { type: string; settings: object } },
): TerraformFile {
  const isVersion5 = dns.resourceType === 'cloudflare_dns_record';
  const text = textOf(markerOf(source, tool), {
    terraform: {
      backend: { [backend.type]: backend.settings },
      required_providers: {
        cloudflare: { source: 'cloudflare/cloudflare', version: isVersion5 ? '~> 5.20' : '~> 4.52' },
      },
    },
    provider: { cloudflare: [{}] },
    data: { cloudflare_zone: { zone: isVersion5 ? { filter: { name: dns.zone } } : { name: dns.zone } } },
  });
  return { name: 'main.tf.json', text };
}

function textOf(marker: string, blocks: object): string {
  return `${JSON.stringify({ '//': marker, ...blocks }, null, 2)}\n`;
}
