import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FluxCopy, writeCopy } from './flux-copy';
import type { FluxKustomization } from './flux-kustomizations';
import { type BuiltObject, kustomize } from './kustomize';

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
  const mayReadAll = inputs.some(({ kustomization, folders }) => folders.length > 0 || isChanged(kustomization));
  const paths = mayReadAll ? [...copy.paths].filter(copy.has) : [...new Set(inputs.flatMap(({ files }) => files))];
  const workshop = mkdtempSync(join(tmpdir(), 'flux-'));
  try {
    const tree = join(workshop, 'tree');
    const remote = writeCopy(copy, paths, tree);
    return { builds: inputs.map((input) => build(input, copy, tree)), remote };
  } finally {
    rmSync(workshop, { recursive: true });
  }
}

interface Input {
  readonly kustomization: FluxKustomization;
  /** Folders with a kustomization file, none inside another. */
  readonly folders: readonly string[];
  /** Files that are read as they are. */
  readonly files: readonly string[];
  /** Of the files, those that need no building, with the objects in them. */
  readonly known: FluxBuild['objects'];
}

/**
 * What kustomize-controller (1.7) lists: a folder with a kustomization file alone; in one without, every `.yaml` and `.yml`
 * below it, dot-files included, except that a folder below with a kustomization file is listed as a whole.
 */
function inputOf(kustomization: FluxKustomization, copy: FluxCopy): Omit<Input, 'kustomization'> {
  const { path } = kustomization;
  if (copy.kustomizationFiles.has(path)) return { folders: [path], files: [], known: [] };
  const below = [...copy.paths].filter((file) => isBelow(file, path)).sort();
  const folderOf = (file: string) =>
    foldersOf(file).find((folder) => folder.length > path.length && copy.kustomizationFiles.has(folder));
  const alone = below.filter((file) => folderOf(file) === undefined && /\.ya?ml$/.test(file) && copy.has(file));
  const isKnown = (file: string) => !isChanged(kustomization) && copy.objectsOf(file) !== undefined;
  // Git tracks links too, and files that are gone from the disk.
  const isPlainFile = (file: string) => copy.read(file) !== undefined;
  return {
    folders: [...new Set(below.flatMap((file) => folderOf(file) ?? []))],
    files: alone.filter((file) => !isKnown(file) && isPlainFile(file)),
    known: alone
      .filter(isKnown)
      .flatMap((file) => (copy.objectsOf(file) ?? []).map((identity) => ({ identity, file }))),
  };
}

function build({ kustomization, folders, files, known }: Input, copy: FluxCopy, tree: string): FluxBuild {
  const { changes, file: definedIn } = kustomization;
  const objects = [...known];
  const refused: { file: string; isFolder: boolean; reason: string }[] = [];
  const unchecked: string[] = [];
  const nameOf = (path: string) => copy.kustomizationFiles.get(path) ?? path;
  /** Halves a list that is refused until one file alone is: kustomize stops at the first, and need not name it. */
  const buildList = (list: readonly string[]): void => {
    const [first] = list;
    if (first === undefined) return;
    const built = kustomize(tree, list, changes);
    if (built.outcome === 'objects') objects.push(...built.objects);
    else if (built.outcome === 'absent') unchecked.push(...list.map(nameOf));
    else if (isChanged(kustomization)) {
      refused.push({ file: definedIn ?? nameOf(first), isFolder: true, reason: built.reason });
    } else if (list.length === 1) {
      refused.push({ file: nameOf(first), isFolder: copy.kustomizationFiles.has(first), reason: built.reason });
    } else {
      buildList(list.slice(0, list.length / 2));
      buildList(list.slice(list.length / 2));
    }
  };
  // A patch may be for any of the objects, so they have to be together.
  if (isChanged(kustomization)) buildList([...folders, ...files]);
  else for (const list of [...folders.map((folder) => [folder]), ...slices(files)]) buildList(list);
  return { kustomization, objects, refused, unchecked };
}

function isChanged({ changes }: FluxKustomization): boolean {
  return Object.keys(changes).length > 0;
}

/** Kustomize compares every object with every other one (5.7): a thousand take eight times as long as three hundred. */
function slices(files: readonly string[]): readonly (readonly string[])[] {
  const size = 200;
  return Array.from({ length: Math.ceil(files.length / size) }, (_, at) => files.slice(at * size, (at + 1) * size));
}

/** Whether a path lies in a folder; everything lies in the root. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

/** Every folder of a path, the root (empty) first. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, depth) => parts.slice(0, depth + 1).join('/'))];
}
