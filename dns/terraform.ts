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
  /** The server whose record it holds. @default - it belongs to the whole workspace */
  readonly server?: string;
}

/**
 * The files that give the public servers of one platform their names: one a server, with its `resource` block alone, which joins the module
 * of an existing workspace. In stand-alone mode `main.tf.json` is added with everything else a workspace needs. None at all
 * where something else gives the names.
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
      ...takingOver(existing, `${dns.resourceType}.${label}`, dns),
      resource: { [dns.resourceType]: { [label]: { '//': name, ...blocks.get(label) } } },
    }),
    server: name,
  }));
  return dns.standAlone === undefined ? fragments : [...fragments, workspaceFile(platform, dns, dns.standAlone)];
}

/**
 * The block that makes a record that is there ours. Terraform 1.5 has `import`, 1.6 an expression in its id; the id has this
 * form for both providers.
 */
function takingOver(record: Server['record'], to: string, { zoneId }: DnsWorkspace): object {
  if (record === undefined) return {};
  if ('id' in record) return { import: [{ to, id: `\${${zoneId}}/${record.id}` }] };
  return { moved: [{ from: record.movedFrom, to }] };
}

/**
 * Provider, backend and zone. No credential is written: the provider reads CLOUDFLARE_API_TOKEN. Looking the zone up
 * needs leave to read zones. A backend is always stated: cdktf's own default is a local path of this machine.
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
