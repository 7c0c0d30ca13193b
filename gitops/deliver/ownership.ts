import { createHash } from 'node:crypto';
import { at } from '../../model/json';
import { isUnedited, markerOf, unstamped } from '../../model/marker';
import { git } from '../git/git';

/**
 * What a file in another repository says it was made from: the source in its marker, or nothing when it has none and is
 * therefore not ours. YAML carries the marker in its first line, Terraform JSON in its top-level `//`.
 * @param path tells the two apart
 */
export function sourceOf(text: string, path: string, tool: string): string | undefined {
  const [before = '', after = ''] = markerOf('\0', tool).split('\0');
  const plain = unstamped(text);
  const marker = path.endsWith('.json') ? jsonComment(plain) : plain.replace(/^\uFEFF?# ?/, '').split('\n', 1)[0];
  if (!marker?.startsWith(before) || !marker.endsWith(after)) return undefined;
  return marker.slice(before.length, marker.length - after.length);
}

/** The server whose folder a source lies in, such as `servers/<name>/server.ts`; none for what belongs to all of them. */
export function serverOf(source: string): string | undefined {
  return /^servers\/([^/]+)\//.exec(source)?.[1];
}

/** The platform that a file of ours is about; none for what is about all of them. */
export function platformOf(file: string): string | undefined {
  return /^platforms\/([^/]+)\.ts$|^servers\/[^/]+\/sealed\/([^/]+)\.json$/.exec(file)?.slice(1).find(Boolean);
}

function jsonComment(text: string): string | undefined {
  try {
    const comment = at(JSON.parse(text), '//');
    return typeof comment === 'string' ? comment : undefined;
  } catch {
    // Not JSON: whoever left it there, it cannot be told to be ours.
    return undefined;
  }
}

/**
 * How a delivered file came to be as it is: as this product wrote it, edited by somebody, or nobody can tell, because its
 * marker names no hash and the history that could say it is not here.
 */
export type Origin = 'rendered' | 'edited' | 'unknown';

/** Tells how a text with our marker came to be. */
export type OriginOf = (text: string) => Origin;

/**
 * The hash in the marker decides. A file from before there was one is looked for among every version of `dist/` that was
 * ever committed here, which is read when it is first needed.
 */
export function originsAt(root: string): OriginOf {
  let history: History | undefined;
  return (text) => {
    const isKept = isUnedited(text);
    if (isKept !== undefined) return isKept ? 'rendered' : 'edited';
    history ??= historyOf(root);
    const [plain, { blobs, isCut }] = [unstamped(text), history];
    const isKnown = (['sha1', 'sha256'] as const).some((format) => blobs.has(blobId(plain, format)));
    return isKnown ? 'rendered' : isCut ? 'unknown' : 'edited';
  };
}

/** The name git gives these bytes, in a repository of either object format. */
function blobId(text: string, format: 'sha1' | 'sha256'): string {
  return createHash(format)
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

interface History {
  readonly blobs: ReadonlySet<string>;
  /** Whether there may have been more. */
  readonly isCut: boolean;
}

function historyOf(root: string): History {
  try {
    const commits = git(root, ['rev-list', '--all', '--', 'dist']);
    const args = 'diff-tree --stdin -r -m --root --raw --no-abbrev --no-renames --no-commit-id -- dist'.split(' ');
    const blobs = new Set(git(root, args, { input: commits }).match(/\b[0-9a-f]{40,64}\b/g));
    const isShallow = git(root, ['rev-parse', '--is-shallow-repository']).trim() === 'true';
    return { blobs, isCut: isShallow || blobs.size === 0 };
  } catch {
    // Not a git repository, or one that git may not read.
    return { blobs: new Set(), isCut: true };
  }
}
