import { Problem } from '../../model/problem';
import type { TerraformBlock } from './terraform-blocks';

/** A block with the file that it is in. */
export interface Found {
  readonly path: string;
  readonly block: TerraformBlock;
}

/** Whether a block is a record of Cloudflare, of either provider. */
export function isRecordBlock({ kind, labels: [type = ''] }: TerraformBlock): boolean {
  return kind === 'resource' && /^cloudflare_(dns_)?record$/.test(type);
}

/** Whether only Terraform can tell which records a block makes. */
export function isComputed(block: TerraformBlock): boolean {
  const { attributes } = block;
  const isMany = attributes.has('for_each') || attributes.has('count');
  return isRecordBlock(block) && (isMany || (attributes.get('name') ?? '').includes('$'));
}

/** Two files of the workspace would have what may be there once. */
export function sameAddress(file: string, other: string, address: string): Problem {
  const message = `Terraform would refuse the whole workspace: ${address} is in ${other} and in ${file}`;
  const fix = `take it out of ${other} first, on the branch that this is delivered to: the address stays, and with it what it stands for`;
  return new Problem('DNS-DUPLICATE', message, { file: other, path: address, fix });
}

/** A record has become ours, and its old block is still there. */
export function stillThere(file: string, other: string, from: string, to: string): Problem {
  const message = `Terraform would refuse the whole workspace: ${from} is still in ${other}, and ${file} says that it has become ${to}`;
  const fix = `take it out of ${other} first, on the branch that this is delivered to: merged together, Terraform keeps the record`;
  return new Problem('DNS-DUPLICATE', message, { file: other, path: from, fix });
}

/** Another block makes a record of the same name. */
export function sameRecord(file: string, { path: other, block: theirs }: Found, ours: TerraformBlock): Problem {
  const [to, from] = [ours, theirs].map(({ labels }) => labels.join('.'));
  const message = `Cloudflare would refuse a second record: "${ours.attributes.get('name')}" is in ${other} as ${from}, and in ${file}`;
  const source = `servers/${ours.attributes.get('//') ?? '<server>'}/server.ts`;
  const takeOver = `so that Terraform keeps the record, write record: { movedFrom: '${from}' } in ${source}, run npm run synth, and take the block out of ${other} on the branch that this is delivered to`;
  const fix = {
    same: takeOver,
    older: `if the workspace stays with provider 4, write dns.resourceType: 'cloudflare_record' in the file of the platform; if it is on its way to provider 5 (5.19, Terraform 1.8), ${takeOver}`,
    newer: "the workspace has provider 5: write dns.resourceType: 'cloudflare_dns_record' in the file of the platform",
  }[ours.labels[0] === theirs.labels[0] ? 'same' : to?.startsWith('cloudflare_dns_record.') ? 'older' : 'newer'];
  return new Problem('DNS-DUPLICATE', message, { file: other, path: from, fix });
}

/** What is wrong with the workspace without us: nothing of ours would ever be applied. */
export function alreadyTwice({ path: file }: Found, other: string, address: string): Problem {
  const where = file === other ? `twice in ${file}` : `in ${file} and in ${other}`;
  const message = `Terraform refuses the whole workspace as it is: ${address} is ${where}`;
  return new Problem('DNS-DUPLICATE', message, {
    file: other,
    path: address,
    fix: 'take one of the two out first: until then no record of it is applied',
    level: 'warning',
  });
}

/** A new record beside blocks that may make the same one. */
export function notSeen(fresh: TerraformBlock, unseen: readonly Found[]): Problem {
  const [first] = unseen;
  const names = [...new Set(unseen.map(({ path, block }) => `${[block.kind, ...block.labels].join(' ')} (${path})`))];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const message = `Only Terraform can tell whether "${fresh.attributes.get('name')}" or another new name is there already: ${names.slice(0, 3).join(', ')}${more} may make records that cannot be read here`;
  const fix = 'read the plan before it is applied; a record that is there is taken over with the field record';
  return new Problem('DNS-DUPLICATE', message, { file: first?.path, fix, level: 'warning' });
}
