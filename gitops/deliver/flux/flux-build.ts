import { rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { temporaryFolder } from '../../../cli/temporary-folder';
import { isRecord } from '../../../model/json';
import { foldersOf } from '../existing';
import { type FluxCopy, writeCopy } from './flux-copy';
import type { FluxKustomization } from './flux-kustomizations';
import { type Built, type BuiltObject, type Kustomization, kustomize } from './kustomize';
import { documentsOf } from './manifests';

/** The build result of one Flux Kustomization. */
export interface FluxBuild {
  readonly kustomization: FluxKustomization;
  /** The objects that Flux would apply; only identity and file for those rendered here. */
  readonly objects: readonly (Pick<BuiltObject, 'identity' | 'file'> & Partial<BuiltObject>)[];
  /** The rejected files; for a folder, its kustomization file. */
  readonly refused: readonly { readonly file: string; readonly isFolder: boolean; readonly reason: string }[];
  /** The files and folders that were not built because no program is installed. */
  readonly unchecked: readonly string[];
}

/**
 * Builds what Flux would build, with the real kustomize. Files rendered here are known to build correctly
 * (`npm run interop -- synth`), so they are built only where a kustomization would change them.
 * @returns the builds, and the remote entries that were left out
 */
export function buildAll(
  kustomizations: readonly FluxKustomization[],
  copy: FluxCopy,
): { readonly builds: readonly FluxBuild[]; readonly remote: readonly string[] } {
  const inputs = kustomizations.map((kustomization) => ({ kustomization, ...inputOf(kustomization, copy) }));
  const lists = inputs.flatMap((input) => input.lists.flat());
  const mayReadAll = kustomizations.some(isChanged) || lists.some((path) => copy.kustomizationFiles.has(path));
  const scratch = temporaryFolder('flux-');
  try {
    const remote = writeCopy(copy, mayReadAll ? [...copy.paths].filter(copy.has) : lists, join(scratch, tree));
    return { builds: inputs.map((input) => build(input, copy, scratch)), remote };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

interface Input {
  readonly kustomization: FluxKustomization;
  /** The batches to build: folders with a kustomization file, and plain files. */
  readonly lists: readonly (readonly string[])[];
  /** The objects of files that need no build. */
  readonly known: FluxBuild['objects'];
}

/**
 * Lists what kustomize-controller (1.7) lists: a folder with a kustomization file as a whole; for a folder without one, every
 * `.yaml` and `.yml` below it, including dot-files, with nested folders that have a kustomization file as a whole.
 */
function inputOf(kustomization: FluxKustomization, copy: FluxCopy): Omit<Input, 'kustomization'> {
  const { path } = kustomization;
  const isBuilt = (folder: string) => copy.kustomizationFiles.has(folder);
  if (isBuilt(path)) return { lists: [[path]], known: [] };
  const below = [...copy.paths].filter((file) => isBelow(file, path)).sort();
  const listed = below.map(
    (file) => foldersOf(file).find((folder) => isBelow(folder, path) && isBuilt(folder)) ?? file,
  );
  const folders = [...new Set(listed)].filter(isBuilt);
  // Git also tracks links, and files deleted from the working tree.
  const isRead = (file: string) => /\.ya?ml$/.test(file) && copy.has(file) && copy.read(file) !== undefined;
  const files = listed.filter((entry) => !isBuilt(entry) && isRead(entry));
  // A patch may target any of the objects, so build them together.
  if (isChanged(kustomization)) return { lists: [[...folders, ...files]], known: [] };
  const unknown = files.filter((file) => copy.objectsOf(file) === undefined);
  return {
    lists: [...folders.map((folder) => [folder]), ...batches(unknown)],
    known: files.flatMap((file) => (copy.objectsOf(file) ?? []).map((identity) => ({ identity, file }))),
  };
}

function build({ kustomization, lists, known }: Input, copy: FluxCopy, scratch: string): FluxBuild {
  const objects = [...known];
  const refused: { file: string; isFolder: boolean; reason: string }[] = [];
  const unchecked: string[] = [];
  const isWhole = isChanged(kustomization);
  const nameOf = (path: string) => copy.kustomizationFiles.get(path) ?? path;
  /** Bisects a rejected list down to single files: kustomize stops at the first error, and may not name the file. */
  const buildList = (list: readonly string[]): void => {
    const [first] = list;
    if (first === undefined) return;
    const isOwn = isWhole || first === kustomization.path;
    const built = isOwn
      ? withoutUnknownFields(scratch, ownKustomization(kustomization, list, copy))
      : kustomize(scratch, tree, listing(list));
    if (built.outcome === 'objects') objects.push(...built.objects);
    else if (built.outcome === 'absent') unchecked.push(...list.map(nameOf));
    else if (isWhole || list.length === 1) {
      const file = (isWhole && kustomization.file) || nameOf(first);
      refused.push({ file, isFolder: isWhole || copy.kustomizationFiles.has(first), reason: built.reason });
    } else [list.slice(0, list.length / 2), list.slice(list.length / 2)].forEach(buildList);
  };
  lists.forEach(buildList);
  return { kustomization, objects, refused, unchecked };
}

/** A kustomization outside the repository that lists paths in it. */
function listing(paths: readonly string[]): Kustomization {
  return { file: 'build/kustomization.yaml', content: { resources: paths.map((path) => `../${tree}/${path}`) } };
}

/**
 * The kustomization that Flux generates from the folder's own file and the Flux Kustomization (kustomize-controller 1.9,
 * fluxcd/pkg/kustomize): prefix, suffix and namespace override those of the file, everything else is added to it.
 */
function ownKustomization(
  { path, changes }: FluxKustomization,
  list: readonly string[],
  copy: FluxCopy,
): Kustomization {
  const file = copy.kustomizationFiles.get(path);
  const text = file === undefined ? '' : copy.localText(file);
  const isEmpty = text.split('\n').every((line) => /^\s*(#|---$|$)/.test(line.trimEnd()));
  const own = isEmpty ? {} : documentsOf(text)[0];
  // Kustomize reports a file that does not parse.
  if (!isRecord(own)) return listing(list);
  const listed = file === undefined ? { resources: list.map((entry) => posix.relative(path, entry)) } : {};
  const { patches, images, components, ignoreMissingComponents, ...instead } = changes;
  const exists = (component: unknown) => copy.kustomizationFiles.has(posix.join(path, String(component)));
  const parts = listIn(components).filter((part) => ignoreMissingComponents !== true || exists(part));
  const added = Object.entries({ patches: listIn(patches), images: listIn(images), components: parts });
  return {
    file: posix.join(tree, file ?? posix.join(path, 'kustomization.yaml')),
    content: {
      ...own,
      ...listed,
      ...instead,
      ...Object.fromEntries(added.map(([name, entries]) => [name, [...listIn(own[name]), ...entries]])),
    },
  };
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Flux ignores unknown fields, but only in the kustomization file that it reads itself. */
function withoutUnknownFields(scratch: string, { file, content }: Kustomization): Built {
  const built = kustomize(scratch, tree, { file, content });
  const [, unknown] = (built.outcome === 'refused' && /unknown field \\?"([^"\\]+)/.exec(built.reason)) || [];
  if (unknown === undefined || !(unknown in content)) return built;
  return withoutUnknownFields(scratch, {
    file,
    content: Object.fromEntries(Object.entries(content).filter(([name]) => name !== unknown)),
  });
}

function isChanged({ changes }: FluxKustomization): boolean {
  return Object.keys(changes).length > 0;
}

/** Splits files into batches. Kustomize compares all pairs of objects (5.7): 1000 take eight times as long as 300. */
function batches(files: readonly string[]): readonly (readonly string[])[] {
  const size = 200;
  return Array.from({ length: Math.ceil(files.length / size) }, (_, at) => files.slice(at * size, (at + 1) * size));
}

/** The subfolder of the scratch folder that represents the repository. */
const tree = 'tree';

/** Whether a path is in a folder; everything is in the root. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
