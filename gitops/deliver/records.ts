import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../model/problem';
import {
  alreadyTwice,
  type Found,
  isComputed,
  isRecordBlock,
  notSeen,
  sameAddress,
  sameRecord,
  stillThere,
} from './record-clashes';
import { type TerraformBlock, terraformBlocks } from './terraform-blocks';

/** A file of the workspace as it will be. */
interface WorkspaceFile {
  readonly path: string;
  readonly text: string;
  /** Whether the workspace has it already. @default - it has not */
  readonly isThere?: boolean;
}

/**
 * What ours would clash with in the workspace: Terraform refuses a whole module for one address in two files, for two `moved`
 * or `import` blocks of one record, and for a `moved` block whose record is still there; Cloudflare a second record of a
 * name. What is made of `for_each`, a module or by hand in the zone alone is not seen, and that is said of a new record.
 * @param ours our files as they will be
 * @param isOurs tells a file that is written, kept or removed
 */
export function recordProblems(
  root: string,
  folder: string,
  ours: readonly WorkspaceFile[],
  isOurs: (path: string) => boolean,
): readonly Problem[] {
  if (ours.length === 0) return [];
  const theirs = workspaceFiles(root, folder).filter(({ path }) => !isOurs(path));
  const [found, own] = [blocksIn(theirs), blocksIn(ours)];
  const clashes = own.flatMap(({ path, block }) => {
    const twin = found.find((other) => addressOf(other.block) === addressOf(block));
    if (twin !== undefined) return [sameAddress(path, twin.path, `${addressOf(block)}`)];
    if (block.kind === 'moved') {
      const from = referenceIn(block, 'from');
      const former = [...found, ...own].find((other) => addressOf(other.block) === from);
      return former === undefined ? [] : [stillThere(path, former.path, from, referenceIn(block, 'to'))];
    }
    const record = found.find((other) => isSameRecord(block, other.block));
    return record === undefined || isMovedFrom(record.block, own) ? [] : [sameRecord(path, record, block)];
  });
  const isNew = new Set(ours.flatMap(({ path, isThere }) => (isThere === true ? [] : path)));
  const unseen = found.filter(({ block }) => block.kind === 'module' || isComputed(block));
  const fresh = own.find(({ path, block }) => isNew.has(path) && isRecordBlock(block));
  return [
    ...clashes,
    ...twins(found).map(([first, second]) => alreadyTwice(first, second.path, `${addressOf(first.block)}`)),
    ...(fresh !== undefined && unseen.length > 0 ? [notSeen(fresh.block, unseen)] : []),
  ];
}

function blocksIn(files: readonly WorkspaceFile[]): readonly Found[] {
  return files.flatMap(({ path, text }) => terraformBlocks(text, path).map((block) => ({ path, block })));
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
function addressOf(block: TerraformBlock): string | undefined {
  const { kind, labels, attributes } = block;
  if (kind === 'resource') return labels.join('.');
  if (kind === 'data') return ['data', ...labels].join('.');
  if (kind === 'moved') return `moved from ${referenceIn(block, 'from')}`;
  if (kind === 'import') return `import to ${referenceIn(block, 'to')}`;
  return kind === 'provider' && !attributes.has('alias') ? ['provider', ...labels].join('.') : undefined;
}

/** An address as a block refers to it: bare in JSON, computed in HCL. */
function referenceIn({ attributes }: TerraformBlock, name: string): string {
  return (attributes.get(name) ?? '').replace(/^\$\{(.*)\}$/, '$1');
}

function twins(found: readonly Found[]): readonly (readonly [Found, Found])[] {
  const first = new Map<string, Found>();
  return found.flatMap((each) => {
    const address = addressOf(each.block);
    const earlier = address === undefined ? undefined : first.get(address);
    if (address !== undefined && earlier === undefined) first.set(address, each);
    return earlier === undefined ? [] : [[earlier, each] as const];
  });
}

/** Whether two resources are one record in the zone: the name whole, or relative to the same zone as provider 4 takes it. */
function isSameRecord(ours: TerraformBlock, theirs: TerraformBlock): boolean {
  if (!isRecordBlock(ours) || !isRecordBlock(theirs)) return false;
  const [name, other] = [ours, theirs].map(({ attributes }) => attributes.get('name')?.toLowerCase());
  if (name === undefined || other === undefined) return false;
  // Addresses and aliases exclude each other; what is computed could be either.
  if (!/^(A|AAAA|CNAME)$|\$/i.test(theirs.attributes.get('type') ?? 'CNAME')) return false;
  const isSameZone = ours.attributes.get('zone_id') === theirs.attributes.get('zone_id');
  return other === name || (isSameZone && name.startsWith(`${other}.`) && !other.includes('.'));
}

/** Whether ours say that they take over a record that is there: then it is told of the `moved` block. */
function isMovedFrom(theirs: TerraformBlock, own: readonly Found[]): boolean {
  return own.some(({ block }) => block.kind === 'moved' && referenceIn(block, 'from') === addressOf(theirs));
}
