import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';
import { type TerraformBlock, terraformBlocks } from './terraform-blocks';

/** A file of the workspace as it will be. */
interface WorkspaceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What ours would clash with in the workspace: Terraform refuses a whole module for one address in two files, and Cloudflare
 * a second record of a name. What is made of `for_each`, a module or by hand in the zone alone is not seen.
 * @param ours our files as they will be
 * @param isOurs tells a file that we write, keep or remove
 */
export function recordProblems(
  root: string,
  folder: string,
  ours: readonly WorkspaceFile[],
  isOurs: (path: string) => boolean,
): readonly Problem[] {
  if (ours.length === 0) return [];
  const theirs = workspaceFiles(root, folder).filter(({ path }) => !isOurs(path));
  const found = theirs.flatMap(({ path, text }) => terraformBlocks(text, path).map((block) => ({ path, block })));
  return ours.flatMap((file) =>
    terraformBlocks(file.text, file.path).flatMap((block) => {
      const twin = found.find((other) => addressOf(other.block) === addressOf(block));
      if (twin !== undefined) return [sameAddress(file.path, twin.path, block)];
      const record = found.find((other) => isSameRecord(block, other.block));
      return record === undefined ? [] : [sameRecord(file.path, record.path, block, record.block)];
    }),
  );
}

/** The files that Terraform reads as one module with ours: not those of other folders, and not overrides, which may repeat. */
function workspaceFiles(root: string, folder: string): readonly WorkspaceFile[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? entry.name : [],
    );
  } catch {
    // A folder that is not there, or is none, holds nothing; that it is none is told elsewhere.
  }
  const read = names.filter((name) => /\.tf(\.json)?$/.test(name) && !/(^|_)override\.tf(\.json)?$/.test(name));
  return read.map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
}

/** What may be in a module once; a provider may be there again under an alias. */
function addressOf({ kind, labels, attributes }: TerraformBlock): string | undefined {
  if (kind === 'resource') return labels.join('.');
  if (kind === 'data') return ['data', ...labels].join('.');
  return kind === 'provider' && !attributes.has('alias') ? ['provider', ...labels].join('.') : undefined;
}

/** Whether two resources are one record in the zone: the name whole, or relative to the same zone as provider 4 takes it. */
function isSameRecord(ours: TerraformBlock, theirs: TerraformBlock): boolean {
  const isRecord = ({ kind, labels: [type = ''] }: TerraformBlock) =>
    kind === 'resource' && /^cloudflare_(dns_)?record$/.test(type);
  if (!isRecord(ours) || !isRecord(theirs)) return false;
  const [name, other] = [ours, theirs].map(({ attributes }) => attributes.get('name')?.toLowerCase());
  if (name === undefined || other === undefined) return false;
  // Addresses and aliases exclude each other; what is computed could be either.
  if (!/^(A|AAAA|CNAME)$|\$/i.test(theirs.attributes.get('type') ?? 'CNAME')) return false;
  const isSameZone = ours.attributes.get('zone_id') === theirs.attributes.get('zone_id');
  return other === name || (isSameZone && name.startsWith(`${other}.`) && !other.includes('.'));
}

function sameAddress(file: string, other: string, block: TerraformBlock): Problem {
  const address = `${addressOf(block)}`;
  const message = `Terraform would refuse the whole workspace: ${address} is in ${other} and in ${file}`;
  const fix = `take it out of ${other} first, on the branch that this is delivered to: the address stays, and with it what it stands for`;
  return new Problem('DNS-DUPLICATE', message, { file: other, path: address, fix });
}

function sameRecord(file: string, other: string, ours: TerraformBlock, theirs: TerraformBlock): Problem {
  const [to, from] = [ours, theirs].map(({ labels }) => labels.join('.'));
  const message = `Cloudflare would refuse a second record: "${ours.attributes.get('name')}" is in ${other} as ${from}, and in ${file}`;
  const isMovable = ours.labels[0] === theirs.labels[0];
  const blocks = isMovable
    ? `moved {\n  from = ${from}\n  to   = ${to}\n}`
    : `removed {\n  from = ${from}\n  lifecycle { destroy = false }\n}\nimport {\n  to = ${to}\n  id = "<zone id>/<record id>"\n}`;
  const fix = `put this in its place in ${other} first, so that Terraform keeps the record:\n${blocks}`;
  return new Problem('DNS-DUPLICATE', message, { file: other, path: from, fix });
}
