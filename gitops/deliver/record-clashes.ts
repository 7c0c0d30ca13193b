import { Problem } from '../../model/problem';
import type { TerraformBlock } from './terraform-blocks';

/** A block and its file. */
export interface Found {
  readonly path: string;
  readonly block: TerraformBlock;
}

/** Whether a block is a Cloudflare record, of provider 4 or 5. */
export function isRecordBlock({ kind, labels: [type = ''] }: TerraformBlock): boolean {
  return kind === 'resource' && /^cloudflare_(dns_)?record$/.test(type);
}

/** Whether only Terraform can evaluate which records a block creates. */
export function isComputed(block: TerraformBlock): boolean {
  const { attributes } = block;
  const isMany = attributes.has('for_each') || attributes.has('count');
  return isRecordBlock(block) && (isMany || (attributes.get('name') ?? '').includes('$'));
}

/** Two files of the workspace would define the same address. */
export function sameAddress(file: string, other: string, address: string): Problem {
  const message = `Terraform would reject the whole workspace: ${address} is in both ${other} and ${file}`;
  const fix = `first remove it from ${other}, on the branch of this delivery: the address stays the same, so Terraform keeps the resource`;
  return new Problem('DNS-DUPLICATE', message, { file: other, path: address, fix });
}

/** A `moved` block takes over a record whose old block still exists. */
export function oldBlockLeft(file: string, other: string, from: string, to: string): Problem {
  const message = `Terraform would reject the whole workspace: ${file} moves ${from} to ${to}, but ${from} is still in ${other}`;
  const fix = `first remove it from ${other}, on the branch of this delivery: if both are merged together, Terraform keeps the record`;
  return new Problem('DNS-DUPLICATE', message, { file: other, path: from, fix });
}

/** Another block defines a record of the same name. */
export function sameRecord(file: string, { path: other, block: theirs }: Found, ours: TerraformBlock): Problem {
  const [to, from] = [ours, theirs].map(({ labels }) => labels.join('.'));
  const message = `Cloudflare would reject a second record: "${ours.attributes.get('name')}" is in ${other} as ${from}, and in ${file}`;
  const source = `servers/${ours.attributes.get('//') ?? '<server>'}/server.ts`;
  const takeOver = `to keep the record, write record: { movedFrom: '${from}' } in ${source}, run npm run synth, and remove the block from ${other} on the branch of this delivery`;
  const fix = {
    same: takeOver,
    older: `if the workspace stays on provider 4, write dns.resourceType: 'cloudflare_record' in the platform's file; if it migrates to provider 5 (5.19, Terraform 1.8), ${takeOver}`,
    newer: "the workspace uses provider 5: write dns.resourceType: 'cloudflare_dns_record' in the platform's file",
  }[ours.labels[0] === theirs.labels[0] ? 'same' : to?.startsWith('cloudflare_dns_record.') ? 'older' : 'newer'];
  return new Problem('DNS-DUPLICATE', message, { file: other, path: from, fix });
}

/** The workspace defines an address twice already, so Terraform would apply none of our records. */
export function existingDuplicate({ path: file }: Found, other: string, address: string): Problem {
  const where = file === other ? `twice in ${file}` : `in ${file} and in ${other}`;
  const message = `Terraform already rejects the whole workspace: ${address} is ${where}`;
  return new Problem('DNS-DUPLICATE', message, {
    file: other,
    path: address,
    fix: 'remove one of the two first: until then Terraform applies no record',
    level: 'warning',
  });
}

/** A new record next to blocks that may create the same one. */
export function unreadable(fresh: TerraformBlock, unseen: readonly Found[]): Problem {
  const [first] = unseen;
  const names = [...new Set(unseen.map(({ path, block }) => `${[block.kind, ...block.labels].join(' ')} (${path})`))];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const message = `Only Terraform can tell whether "${fresh.attributes.get('name')}" or another new name already exists: ${names.slice(0, 3).join(', ')}${more} may create records that cannot be read here`;
  const fix = 'review the plan before it is applied; take over an existing record with the field record';
  return new Problem('DNS-DUPLICATE', message, { file: first?.path, fix, level: 'warning' });
}
