// The only file that knows cdktf. It was archived on 2025-12-10; its continuation `cdktn` keeps the API.
import { DnsRecord as CloudflareRecord } from '@cdktf/provider-cloudflare/lib/dns-record';
import { App, TerraformStack } from 'cdktf';
import { type Construct, RootConstruct } from 'constructs';
import type { DnsWorkspace } from '../model/dns';
import type { DnsRecord } from './records';

/** What cdktf's own command synthesizes. */
export class DnsApp extends App {
  constructor() {
    // The workspace that the records join has the provider, which cdktf would miss here.
    super({ skipValidation: true });
  }
}

/** The records of all servers as one Terraform stack that joins an existing workspace. */
export class DnsStack extends TerraformStack {
  constructor(scope: Construct, id: string, records: readonly DnsRecord[], { zoneId }: DnsWorkspace) {
    super(scope, id);
    for (const { label, ...record } of records) {
      new CloudflareRecord(this, label, { ...record, zoneId: `\${${zoneId}}` }).overrideLogicalId(label);
    }
  }
}

/** Each record's block as cdktf writes it, by label; without its metadata, which would change with its version. */
export function recordBlocks(records: readonly DnsRecord[], dns: DnsWorkspace): ReadonlyMap<string, object> {
  const stack = new DnsStack(new RootConstruct(), dns.workspace, records, dns);
  const { resource } = stack.toTerraform();
  return new Map(
    Object.entries<{ '//'?: unknown }>(resource?.[CloudflareRecord.tfResourceType] ?? {}).map(
      ([label, { '//': _, ...block }]) => [label, block],
    ),
  );
}
