import { posix } from 'node:path';
import { Problem } from '../../../model/problem';
import { documentsOf, isRecord } from './manifests';
import { isFlux, type Reconciliation } from './reconciliations';
import { type Transform, transformsOf } from './transform';
import type { Copy } from './tree-after';

/** What Flux reads for one reconciliation: its files, each with what renames or moves the objects in it. */
export interface Build {
  readonly files: ReadonlyMap<string, readonly Transform[]>;
  readonly problems: readonly Problem[];
}

/**
 * Follows kustomize-controller (1.7): a folder with a kustomization file is what that file lists; one without is every
 * `.yaml` and `.yml` below it, dot-files included, except that a folder below with a kustomization file is again what
 * that file lists.
 */
export function buildOf({ path, transforms }: Reconciliation, tree: Copy): Build {
  const files = new Map<string, readonly Transform[]>();
  const problems: Problem[] = [];
  const { kustomizations } = tree;
  const visiting = new Set<string>();

  const addFile = (file: string, chain: readonly Transform[]) =>
    files.set(file, [...(files.get(file) ?? []), ...chain]);

  const addFolder = (folder: string, chain: readonly Transform[]) => {
    const file = kustomizations.get(folder);
    // A folder that is listed by itself, or in a circle, is kustomize's to refuse; here it must only end.
    if (file === undefined || visiting.has(folder)) return;
    visiting.add(folder);
    const content = kustomizationIn(tree, file);
    if (typeof content === 'string') problems.push(broken(file, content));
    else {
      const inner = [...chain, ...transformsOf(file, content)];
      for (const entry of listed(content)) addEntry(file, posix.join(folder, entry), entry, inner);
    }
    visiting.delete(folder);
  };

  const addEntry = (file: string, target: string, entry: string, chain: readonly Transform[]) => {
    const folder = target.replace(/\/$/, '');
    if (tree.has(target)) addFile(target, chain);
    else if (kustomizations.has(folder)) addFolder(folder, chain);
    else {
      const isFolder = [...tree.paths].some((path) => path.startsWith(`${folder}/`));
      problems.push(
        broken(
          file,
          `it lists "${entry}", ${isFolder ? 'a folder without a kustomization file' : 'which is not there'}`,
        ),
      );
    }
  };

  if (kustomizations.has(path)) addFolder(path, transforms);
  else {
    const added = new Set<string>();
    for (const file of [...tree.paths].sort()) {
      if (!isBelow(file, path)) continue;
      const folder = foldersOf(file).find((folder) => folder.length > path.length && kustomizations.has(folder));
      if (folder === undefined) {
        if (/\.ya?ml$/.test(file) && tree.has(file)) addFile(file, transforms);
      } else if (!added.has(folder)) {
        added.add(folder);
        addFolder(folder, transforms);
      }
    }
  }
  return { files, problems };
}

/** What the kustomization files in a folder and above it ask for, whether or not something is known to read them. */
export function transformsAbove(folder: string, tree: Copy): readonly Transform[] {
  return foldersOf(`${folder}/x`).flatMap((ancestor) => {
    const file = tree.kustomizations.get(ancestor);
    const content = file === undefined ? '' : kustomizationIn(tree, file);
    return file === undefined || typeof content === 'string' ? [] : transformsOf(file, content);
  });
}

export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

function kustomizationIn(tree: Copy, file: string): Record<string, unknown> | string {
  const documents = documentsOf(tree.read(file) ?? '');
  if (typeof documents === 'string') return documents;
  const [content = {}] = documents;
  if (!isRecord(content)) return 'it is no kustomization';
  return isFlux(content.apiVersion) ? 'it is an object for Flux under the name of a kustomization file' : content;
}

function listed(content: Readonly<Record<string, unknown>>): readonly string[] {
  return [content.resources, content.components, content.bases]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((entry): entry is string => typeof entry === 'string' && !isRemote.test(entry));
}

/** Every folder of a path, the root (empty) first. */
function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, depth) => parts.slice(0, depth + 1).join('/'))];
}

function broken(file: string, reason: string): Problem {
  return new Problem('FLUX-BUILD', `Flux could not build ${file}: ${reason}`, {
    file,
    fix: 'mend the file in the target repository first: as it is, Flux applies nothing of what it belongs to',
  });
}

/** An entry that kustomize fetches from elsewhere (5.7): a URL, an ssh address, or a host with a query. */
const isRemote = /:\/\/|^git@|^github\.com|[?&]ref=/;
