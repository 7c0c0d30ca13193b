import { createHash } from 'node:crypto';
import { at } from '../../model/json';
import { isUnedited, markerOf, unstamped } from '../../model/marker';
import { git } from '../git/git';

/**
 * The source in the marker of a delivered file; undefined for a file without our marker. YAML has the marker in its first
 * line, Terraform JSON in its top-level `//`.
 * @param path its extension selects the format
 */
export function sourceOf(text: string, path: string, tool: string): string | undefined {
  const [before = '', after = ''] = markerOf('\0', tool).split('\0');
  const plain = unstamped(text);
  const marker = path.endsWith('.json') ? jsonComment(plain) : plain.replace(/^\uFEFF?# ?/, '').split('\n', 1)[0];
  if (!marker?.startsWith(before) || !marker.endsWith(after)) return undefined;
  return marker.slice(before.length, marker.length - after.length);
}

/** The server of a source such as `servers/<name>/server.ts`; undefined for a source shared by all servers. */
export function serverOf(source: string): string | undefined {
  return /^servers\/([^/]+)\//.exec(source)?.[1];
}

/** The platform of a file in this repository; undefined for a file shared by all platforms. */
export function platformOf(file: string): string | undefined {
  return /^platforms\/([^/]+)\.ts$|^servers\/[^/]+\/sealed\/([^/]+)\.json$/.exec(file)?.slice(1).find(Boolean);
}

function jsonComment(text: string): string | undefined {
  try {
    const comment = at(JSON.parse(text), '//');
    return typeof comment === 'string' ? comment : undefined;
  } catch {
    // Not JSON, so it has no marker.
    return undefined;
  }
}

/**
 * Whether a delivered file is unchanged since we rendered it, was edited by hand, or neither can be proven, because its marker
 * has no hash and this clone lacks the history.
 */
export type Origin = 'rendered' | 'edited' | 'unknown';

/** Finds the origin of a text with our marker. */
export type OriginOf = (text: string) => Origin;

/**
 * Decides by the hash in the marker. A file from before markers had a hash is compared with every committed version of
 * `dist/`, which is loaded on first use.
 */
export function originsAt(root: string): OriginOf {
  let history: History | undefined;
  return (text) => {
    const isKept = isUnedited(text);
    if (isKept !== undefined) return isKept ? 'rendered' : 'edited';
    history ??= historyOf(root);
    const [plain, { blobs, isIncomplete }] = [unstamped(text), history];
    const isKnown = (['sha1', 'sha256'] as const).some((format) => blobs.has(blobId(plain, format)));
    return isKnown ? 'rendered' : isIncomplete ? 'unknown' : 'edited';
  };
}

/** Git's object id of a text, for either object format. */
function blobId(text: string, format: 'sha1' | 'sha256'): string {
  return createHash(format)
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

interface History {
  readonly blobs: ReadonlySet<string>;
  /** Whether the history may be incomplete. */
  readonly isIncomplete: boolean;
}

function historyOf(root: string): History {
  try {
    const commits = git(root, ['rev-list', '--all', '--', 'dist']);
    const args = 'diff-tree --stdin -r -m --root --raw --no-abbrev --no-renames --no-commit-id -- dist'.split(' ');
    const blobs = new Set(git(root, args, { input: commits }).match(/\b[0-9a-f]{40,64}\b/g));
    const isShallow = git(root, ['rev-parse', '--is-shallow-repository']).trim() === 'true';
    return { blobs, isIncomplete: isShallow || blobs.size === 0 };
  } catch {
    // Not a git repository, or one that git refuses to read.
    return { blobs: new Set(), isIncomplete: true };
  }
}
