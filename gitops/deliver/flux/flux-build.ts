import { rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { temporaryFolder } from '../../../cli/temporary-folder';
import { isRecord } from '../../../model/json';
import { foldersOf } from '../existing';
import { type FluxCopy, writeCopy } from './flux-copy';
import type { FluxKustomization } from './flux-kustomizations';
import { type Built, type BuiltObject, type Kustomization, kustomize } from './kustomize';
import { documentsOf } from './manifests';

/** What becomes of one Flux Kustomization. */
export interface FluxBuild {
  readonly kustomization: FluxKustomization;
  /** Its objects as they would be applied; those of files that were rendered here without their text. */
  readonly objects: readonly (Pick<BuiltObject, 'identity' | 'file'> & Partial<BuiltObject>)[];
  /** The files that it refuses; a kustomization file stands for all that it lists. */
  readonly refused: readonly { readonly file: string; readonly isFolder: boolean; readonly reason: string }[];
  /** The files and folders that nothing was there to build with. */
  readonly unchecked: readonly string[];
}

/**
 * Has the real kustomize build what Flux would. Files that were rendered here are known to be read as they are meant
 * (`npm run interop -- synth`), and only built where something would change them.
 * @returns the builds, and what was left out of them because it lies elsewhere
 */
export function buildAll(
  kustomizations: readonly FluxKustomization[],
  copy: FluxCopy,
): { readonly builds: readonly FluxBuild[]; readonly remote: readonly string[] } {
  const inputs = kustomizations.map((kustomization) => ({ kustomization, ...inputOf(kustomization, copy) }));
  const lists = inputs.flatMap((input) => input.lists.flat());
  const mayReadAll = kustomizations.some(isChanged) || lists.some((path) => copy.kustomizationFiles.has(path));
  const workshop = temporaryFolder('flux-');
  try {
    const remote = writeCopy(copy, mayReadAll ? [...copy.paths].filter(copy.has) : lists, join(workshop, tree));
    return { builds: inputs.map((input) => build(input, copy, workshop)), remote };
  } finally {
    rmSync(workshop, { recursive: true });
  }
}

interface Input {
  readonly kustomization: FluxKustomization;
  /** What is built together: folders with a kustomization file, and files that are read as they are. */
  readonly lists: readonly (readonly string[])[];
  /** The objects of files that need no building. */
  readonly known: FluxBuild['objects'];
}

/**
 * What kustomize-controller (1.7) lists: a folder with a kustomization file alone; in one without, every `.yaml` and `.yml`
 * below it, dot-files included, except that a folder below with a kustomization file is listed as a whole.
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
  // Git tracks links too, and files that are gone from the disk.
  const isRead = (file: string) => /\.ya?ml$/.test(file) && copy.has(file) && copy.read(file) !== undefined;
  const files = listed.filter((entry) => !isBuilt(entry) && isRead(entry));
  // A patch may be for any of the objects, so they have to be together.
  if (isChanged(kustomization)) return { lists: [[...folders, ...files]], known: [] };
  const unknown = files.filter((file) => copy.objectsOf(file) === undefined);
  return {
    lists: [...folders.map((folder) => [folder]), ...slices(unknown)],
    known: files.flatMap((file) => (copy.objectsOf(file) ?? []).map((identity) => ({ identity, file }))),
  };
}

function build({ kustomization, lists, known }: Input, copy: FluxCopy, workshop: string): FluxBuild {
  const objects = [...known];
  const refused: { file: string; isFolder: boolean; reason: string }[] = [];
  const unchecked: string[] = [];
  const isWhole = isChanged(kustomization);
  const nameOf = (path: string) => copy.kustomizationFiles.get(path) ?? path;
  /** Halves a list that is refused until one file alone is: kustomize stops at the first, and need not name it. */
  const buildList = (list: readonly string[]): void => {
    const [first] = list;
    if (first === undefined) return;
    const isOwn = isWhole || first === kustomization.path;
    const built = isOwn
      ? withoutTypos(workshop, ownKustomization(kustomization, list, copy))
      : kustomize(workshop, tree, listing(list));
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

/** A kustomization beside the repository that lists paths of it. */
function listing(paths: readonly string[]): Kustomization {
  return { file: 'build/kustomization.yaml', content: { resources: paths.map((path) => `../${tree}/${path}`) } };
}

/**
 * The kustomization that Flux makes of the folder's own one and of what its Flux Kustomization says (kustomize-controller
 * 1.9, fluxcd/pkg/kustomize): prefix, suffix and namespace stand in for those of the file, everything else is added to it.
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
  // Kustomize says what is wrong with a text that cannot be read.
  if (!isRecord(own)) return listing(list);
  const listed = file === undefined ? { resources: list.map((entry) => posix.relative(path, entry)) } : {};
  const { patches, images, components, ignoreMissingComponents, ...instead } = changes;
  const isThere = (component: unknown) => copy.kustomizationFiles.has(posix.join(path, String(component)));
  const parts = listIn(components).filter((part) => ignoreMissingComponents !== true || isThere(part));
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

/** Flux passes over a field that kustomize does not know, in the file that it reads itself and in no other. */
function withoutTypos(workshop: string, { file, content }: Kustomization): Built {
  const built = kustomize(workshop, tree, { file, content });
  const [, unknown] = (built.outcome === 'refused' && /unknown field \\?"([^"\\]+)/.exec(built.reason)) || [];
  if (unknown === undefined || !(unknown in content)) return built;
  return withoutTypos(workshop, {
    file,
    content: Object.fromEntries(Object.entries(content).filter(([name]) => name !== unknown)),
  });
}

function isChanged({ changes }: FluxKustomization): boolean {
  return Object.keys(changes).length > 0;
}

/** Kustomize compares every object with every other one (5.7): a thousand take eight times as long as three hundred. */
function slices(files: readonly string[]): readonly (readonly string[])[] {
  const size = 200;
  return Array.from({ length: Math.ceil(files.length / size) }, (_, at) => files.slice(at * size, (at + 1) * size));
}

/** The folder of a workshop that stands for the repository. */
const tree = 'tree';

/** Whether a path lies in a folder; everything lies in the root. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
