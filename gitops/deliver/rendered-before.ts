import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from './git';
import { blobId } from './ownership';

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
