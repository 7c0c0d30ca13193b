import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { markerOf } from '../../model/marker';
import { at } from '../rules/check';
import { git } from './git';

/**
 * What a file in another repository says it was made from: the source in its marker, or nothing when it has none and is
 * therefore not ours. YAML carries the marker in its first line, Terraform JSON in its top-level `//`.
 * @param path tells the two apart
 */
export function sourceOf(text: string, path: string, tool: string): string | undefined {
  const [before = '', after = ''] = markerOf('\0', tool).split('\0');
  const marker = path.endsWith('.json') ? jsonComment(text) : text.replace(/^\uFEFF?# ?/, '').split(/\r?\n/, 1)[0];
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

/** The text as git keeps it when it converts line ends on checkout (core.autocrlf). */
export function withUnixLines(text: string): string {
  return text.replaceAll('\r\n', '\n');
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

/** Tells whether a text, or the blob of one, was rendered from this repository at some time. */
export type RenderedBefore = (blobOrText: { readonly id: string } | { readonly text: string }) => boolean;

/**
 * The memory that tells an outdated file from one that was edited by hand: every version of `dist/` that was ever
 * committed here, and what this machine has delivered. Read when it is first asked.
 * @param format the object format of the repositories whose blobs are asked for
 */
export function renderedBefore(root: string): RenderedBefore {
  let known: ReadonlySet<string> | undefined;
  return (asked) => {
    known ??= new Set([...committedBlobs(root), ...receipts(root)]);
    if ('id' in asked) return known.has(asked.id);
    return known.has(blobId(asked.text, 'sha1')) || known.has(blobId(asked.text, 'sha256'));
  };
}

/** Notes what is about to be written, so that it is known again although its `dist/` was never committed. */
export function noteDelivered(root: string, texts: readonly string[]): void {
  const file = join(root, receiptsFile);
  mkdirSync(dirname(file), { recursive: true });
  const known = new Set(receipts(root));
  const fresh = texts.map((text) => blobId(text, 'sha1')).filter((id) => !known.has(id));
  if (fresh.length > 0) appendFileSync(file, `${fresh.join('\n')}\n`);
}

/** The name git gives these bytes, in a repository of either object format. */
function blobId(text: string, format: 'sha1' | 'sha256'): string {
  return createHash(format)
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

function committedBlobs(root: string): readonly string[] {
  try {
    const log = git(root, 'log --all -m --format= --raw --no-abbrev --no-renames --no-color -- dist'.split(' '));
    return log.match(/\b[0-9a-f]{40,64}\b/g) ?? [];
  } catch {
    // Not a git repository, or one without a commit: then there is no such memory.
    return [];
  }
}

function receipts(root: string): readonly string[] {
  const file = join(root, receiptsFile);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

const receiptsFile = '.cache/delivered-blobs';
