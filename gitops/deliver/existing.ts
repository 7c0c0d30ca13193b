import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** What exists at a path of a checkout. Symbolic links are never followed. */
export interface Entry {
  readonly kind: 'file' | 'folder' | 'link' | 'repository' | 'other';
  /** The text of a file that could be ours; otherwise empty. */
  readonly text: string;
}

/** The entries below a folder, including the folder and its ancestors, by their path from the checkout's root. */
export type Existing = ReadonlyMap<string, Entry>;

/**
 * Lists a folder of a checkout with everything below it and its ancestors. Reads only files that could be ours.
 * @param folder its path from the root, with slashes
 */
export function readExisting(root: string, folder: string): Existing {
  const found = new Map<string, Entry>();
  for (const path of pathsTo(folder)) {
    const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (stats === undefined) return found;
    const kind = kindOf(root, path, stats);
    found.set(path, { kind, text: '' });
    if (kind !== 'folder') return found;
  }
  readInto(found, root, folder);
  return found;
}

function readInto(found: Map<string, Entry>, root: string, folder: string): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    const kind = kindOf(root, path, entry);
    const isRead = kind === 'file' && mayBeOurs.test(path);
    found.set(path, { kind, text: isRead ? readFileSync(join(root, path), 'utf8') : '' });
    if (kind === 'folder') readInto(found, root, path);
  }
}

/** The folders of a path: `a/b/c` has `a` and `a/b`. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, depth) => parts.slice(0, depth + 1).join('/'));
}

/** The ancestors of a path, then the path itself. */
export function pathsTo(path: string): readonly string[] {
  return [...foldersOf(path), path];
}

/** The bytes of a plain file; undefined if it is missing, a link or anything else. */
export function readPlain(path: string): Buffer | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

type Kinds = Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

function kindOf(root: string, path: string, entry: Kinds): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isSymbolicLink()) return 'link';
  if (!entry.isDirectory()) return 'other';
  // A folder with its own `.git` is another repository: a submodule, or a nested checkout.
  return lstatSync(join(root, path, '.git'), { throwIfNoEntry: false }) === undefined ? 'folder' : 'repository';
}

const mayBeOurs = /\.(ya?ml|json)$/;
