import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../model/problem';
import {
  existingDuplicate,
  type Found,
  isComputed,
  isRecordBlock,
  oldBlockLeft,
  sameAddress,
  sameRecord,
  unreadable,
} from './record-clashes';
import { type TerraformBlock, terraformBlocks } from './terraform-blocks';

/** A file of the workspace after the delivery. */
interface WorkspaceFile {
  readonly path: string;
  readonly text: string;
  /** Whether the workspace already has it. @default - false */
  readonly exists?: boolean;
}

/**
 * The conflicts of our files with the workspace. Terraform rejects a whole module with an address in two files, two `moved` or
 * `import` blocks for one record, or a `moved` block whose old record still exists; Cloudflare rejects a second record of a
 * name. Records from `for_each`, a module or created by hand cannot be seen here, which a new record gets a warning about.
 * @param ours our files after the delivery
 * @param isOurs whether the delivery writes, keeps or removes a path
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
    const duplicate = found.find((other) => addressOf(other.block) === addressOf(block));
    if (duplicate !== undefined) return [sameAddress(path, duplicate.path, `${addressOf(block)}`)];
    if (block.kind === 'moved') {
      const from = referenceIn(block, 'from');
      const former = [...found, ...own].find((other) => addressOf(other.block) === from);
      return former === undefined ? [] : [oldBlockLeft(path, former.path, from, referenceIn(block, 'to'))];
    }
    const record = found.find((other) => isSameRecord(block, other.block));
    return record === undefined || isMovedFrom(record.block, own) ? [] : [sameRecord(path, record, block)];
  });
  const isNew = new Set(ours.flatMap(({ path, exists }) => (exists === true ? [] : path)));
  const unseen = found.filter(({ block }) => block.kind === 'module' || isComputed(block));
  const fresh = own.find(({ path, block }) => isNew.has(path) && isRecordBlock(block));
  return [
    ...clashes,
    ...duplicates(found).map(([first, second]) => existingDuplicate(first, second.path, `${addressOf(first.block)}`)),
    ...(fresh !== undefined && unseen.length > 0 ? [unreadable(fresh.block, unseen)] : []),
  ];
}

function blocksIn(files: readonly WorkspaceFile[]): readonly Found[] {
  return files.flatMap(({ path, text }) => terraformBlocks(text, path).map((block) => ({ path, block })));
}

/** The files that Terraform reads as one module with ours, without override files, which may repeat addresses. */
function workspaceFiles(root: string, folder: string): readonly WorkspaceFile[] {
  let names: readonly string[] = [];
  try {
    names = readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? entry.name : [],
    );
  } catch {
    // A missing folder has no files; `plan` reports a path that is not a folder.
  }
  const read = names.filter((name) => /\.tf(\.json)?$/.test(name) && !/(^|_)override\.tf(\.json)?$/.test(name));
  return read.map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
}

/** The address that must be unique in a module; undefined for a provider with an alias. */
function addressOf(block: TerraformBlock): string | undefined {
  const { kind, labels, attributes } = block;
  if (kind === 'resource') return labels.join('.');
  if (kind === 'data') return ['data', ...labels].join('.');
  if (kind === 'moved') return `moved from ${referenceIn(block, 'from')}`;
  if (kind === 'import') return `import to ${referenceIn(block, 'to')}`;
  return kind === 'provider' && !attributes.has('alias') ? ['provider', ...labels].join('.') : undefined;
}

/** An address that a block refers to: plain in JSON, a template in HCL. */
function referenceIn({ attributes }: TerraformBlock, name: string): string {
  return (attributes.get(name) ?? '').replace(/^\$\{(.*)\}$/, '$1');
}

function duplicates(found: readonly Found[]): readonly (readonly [Found, Found])[] {
  const first = new Map<string, Found>();
  return found.flatMap((each) => {
    const address = addressOf(each.block);
    const earlier = address === undefined ? undefined : first.get(address);
    if (address !== undefined && earlier === undefined) first.set(address, each);
    return earlier === undefined ? [] : [[earlier, each] as const];
  });
}

/** Whether two resources are the same record: equal names, or, as provider 4 allows, a name relative to the same zone. */
function isSameRecord(ours: TerraformBlock, theirs: TerraformBlock): boolean {
  if (!isRecordBlock(ours) || !isRecordBlock(theirs)) return false;
  const [name, other] = [ours, theirs].map(({ attributes }) => attributes.get('name')?.toLowerCase());
  if (name === undefined || other === undefined) return false;
  // A name has either A and AAAA or CNAME records; a computed type could be any of them.
  if (!/^(A|AAAA|CNAME)$|\$/i.test(theirs.attributes.get('type') ?? 'CNAME')) return false;
  const isSameZone = ours.attributes.get('zone_id') === theirs.attributes.get('zone_id');
  return other === name || (isSameZone && name.startsWith(`${other}.`) && !other.includes('.'));
}

/** Whether one of our `moved` blocks takes over a record; the problem is then reported for that block. */
function isMovedFrom(theirs: TerraformBlock, own: readonly Found[]): boolean {
  return own.some(({ block }) => block.kind === 'moved' && referenceIn(block, 'from') === addressOf(theirs));
}
