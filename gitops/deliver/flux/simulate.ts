import { Problem } from '../../../model/problem';
import type { Scope } from '../../../model/sealed';
import { type Build, buildOf, isBelow, transformsAbove } from './build';
import { manifestsOf } from './manifests';
import type { Reconciliation } from './reconciliations';
import { sourceIgnore } from './source-ignore';
import { breaksSeal, type Transform } from './transform';
import { type Copy, copyOf, type TreeAfter } from './tree-after';

/** A file that we leave in the target, as far as Flux is concerned. */
export interface OurManifest {
  readonly path: string;
  /** Tells what its values are sealed for; asked only when it matters. @default - it holds none */
  sealed?(): { readonly scope: Scope; readonly namespace: string };
}

/**
 * Everything that Flux would have against a tree after a change.
 * @param base the folder with our files; taken for a reconciliation of its own when none is known to read it
 * @param ours our files in the tree
 */
export function fluxProblems(
  tree: TreeAfter,
  base: string,
  ours: readonly OurManifest[],
  known: readonly Reconciliation[],
): readonly Problem[] {
  const copy = copyOf(tree, sourceIgnore(tree));
  const builds = relevant(base, known).map((reconciliation) => ({
    reconciliation,
    build: buildOf(reconciliation, copy),
  }));
  const reading = builds.filter(
    ({ reconciliation: { path }, build }) =>
      path === base || isBelow(base, path) || ours.some((file) => build.files.has(file.path)),
  );
  return distinct([
    ...reading.flatMap(({ build }) => [...build.problems, ...objectProblems(build, copy)]),
    ...ours.flatMap((file) =>
      sealProblems(
        file,
        reading.map(({ build }) => build),
        copy,
      ),
    ),
    ...unread(
      ours,
      reading.map(({ build }) => build),
    ),
  ]);
}

/** The folders that Flux is said to read; without any word of ours, our own folder. */
function relevant(base: string, known: readonly Reconciliation[]): readonly Reconciliation[] {
  const covering = known.some(({ path }) => path === base || isBelow(base, path));
  return covering ? known : [...known, { path: base, transforms: [] }];
}

/** Files that are no manifests, and objects that are in two files: either stops the whole reconciliation. */
function objectProblems({ files }: Build, tree: Copy): readonly Problem[] {
  const owners = new Map<string, string>();
  return [...files].flatMap(([file, transforms]) => {
    const identities = tree.objectsOf(file) ?? identitiesIn(tree, file);
    if (typeof identities === 'string') {
      const fix = 'take the file out of the folder, give it another ending, or name it in .sourceignore';
      return [new Problem('NOT-A-MANIFEST', `Flux would refuse every app: ${file}: ${identities}`, { file, fix })];
    }
    return identities.flatMap((identity) => {
      const key = `${transforms.map(({ file, field }) => `${file} ${field}`).join()} ${identity.replace('/default/', '//')}`;
      const owner = owners.get(key);
      owners.set(key, owner ?? file);
      if (owner === undefined) return [];
      const message = `Flux would refuse every app: ${identity} is in ${owner} and in ${file}`;
      return [new Problem('DUPLICATE-OBJECT', message, { file, fix: 'remove one of the two, or rename it' })];
    });
  });
}

function identitiesIn(tree: TreeAfter, file: string): readonly string[] | string {
  const text = tree.read(file);
  if (text === undefined) return [];
  const found = manifestsOf(text);
  return typeof found === 'string' ? found : found.map(({ identity }) => identity);
}

function sealProblems(manifest: OurManifest, builds: readonly Build[], tree: Copy): readonly Problem[] {
  if (manifest.sealed === undefined) return [];
  const { path } = manifest;
  const transforms: Transform[] = [
    ...builds.flatMap(({ files }) => files.get(path) ?? []),
    ...transformsAbove(path.slice(0, path.lastIndexOf('/')), tree),
  ];
  if (transforms.length === 0) return [];
  const sealed = manifest.sealed();
  return transforms
    .filter((transform) => breaksSeal(transform, sealed.scope, sealed.namespace))
    .map(({ file, field, value }) => {
      const what = field === 'namespace' ? 'moves' : 'renames';
      const message = `Cannot deliver ${path}: ${file} ${what} it (${field}: ${value}), and no key could open it then`;
      const fix = `keep our folder out of that ${field}; a ${sealed.scope} seal holds for one name in one namespace`;
      return new Problem('FLUX-TRANSFORM', message, { file, path: field, fix });
    });
}

function unread(ours: readonly OurManifest[], builds: readonly Build[]): readonly Problem[] {
  return ours
    .filter(({ path }) => !builds.some(({ files }) => files.has(path)))
    .map(({ path }) => {
      const fix = 'list its folder in the kustomization file above it, or take it out of .sourceignore';
      return new Problem('FLUX-UNREAD', `Flux would not read ${path}: nothing leads to it`, {
        file: path,
        fix,
        level: 'warning',
      });
    });
}

function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}
