// The only file that uses cdktf. It was archived on 2025-12-10; its fork `cdktn` keeps the API.
import { DnsRecord as CloudflareRecord } from '@cdktf/provider-cloudflare/lib/dns-record';
import { App, TerraformStack } from 'cdktf';
import { type Construct, RootConstruct } from 'constructs';
import type { DnsWorkspace } from '../model/dns';
import type { DnsRecord } from './records';

/** The app for cdktf's own command. */
export class DnsApp extends App {
  constructor() {
    // Validation would require the provider, which the existing workspace already has.
    super({ skipValidation: true });
  }
}

/** The records of all servers as one Terraform stack, for an existing workspace. */
export class DnsStack extends TerraformStack {
  constructor(scope: Construct, id: string, records: readonly DnsRecord[], { zoneId }: DnsWorkspace) {
    super(scope, id);
    for (const { label, ...record } of records) {
      new CloudflareRecord(this, label, { ...record, zoneId: `\${${zoneId}}` }).overrideLogicalId(label);
    }
  }
}

/** Each record's block from cdktf by label, without the metadata, which changes with cdktf's version. */
export function recordBlocks(records: readonly DnsRecord[], dns: DnsWorkspace): ReadonlyMap<string, object> {
  const stack = new DnsStack(new RootConstruct(), dns.workspace, records, dns);
  const { resource } = stack.toTerraform();
  return new Map(
    Object.entries<{ '//'?: unknown }>(resource?.[CloudflareRecord.tfResourceType] ?? {}).map(
      ([label, { '//': _, ...block }]) => [label, block],
    ),
  );
}
