import { isRecord } from '../../../model/json';
import { Problem } from '../../../model/problem';
import { scopeFromAnnotations } from '../../../model/scope';
import { foldersOf } from '../existing';
import { buildAll, type FluxBuild, isBelow } from './flux-build';
import { type FluxCopy, fluxCopy, type Tree } from './flux-copy';
import type { FluxKustomization } from './flux-kustomizations';
import type { BuiltObject } from './kustomize';
import { isNamespaced, metadataOf, objectsIn } from './manifests';

/** A target as far as Flux is concerned. */
export interface FluxSituation {
  readonly before: Tree;
  readonly after: Tree;
  /** The folder with our files; taken for a Flux Kustomization of its own when none is known to read it. */
  readonly base: string;
  /** Our files in the tree afterwards. */
  readonly ours: readonly string[];
  readonly kustomizations: readonly FluxKustomization[];
}

/** Everything that Flux would have against a target after a change. */
export function fluxProblems({ before, after, base, ours, kustomizations }: FluxSituation): readonly Problem[] {
  const copy = fluxCopy(after);
  const { builds, remote } = buildAll(candidates(base, kustomizations, copy), copy);
  const isOurs = new Set(ours);
  const reading = builds.filter(
    ({ kustomization, objects }) =>
      isCovering(kustomization, base) || objects.some(({ file = '' }) => isOurs.has(file)),
  );
  const unchecked = [...new Set(builds.flatMap((build) => build.unchecked))];
  const problems = [
    ...refusals(builds, reading, before),
    ...reading.flatMap(objectProblems),
    ...reading.flatMap((build) => transforms(build, after, isOurs)),
    ...(unchecked.length > 0 ? [withoutProgram(base, unchecked)] : unread(ours, builds, after)),
    ...remote.map(notFetched),
  ];
  // Two Flux Kustomizations may read the same file.
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

/**
 * The folders that Flux is said to read. Without a word about ours, what could be said: our own folder, and those above it
 * that have a kustomization file.
 */
function candidates(
  base: string,
  known: readonly FluxKustomization[],
  { kustomizationFiles }: FluxCopy,
): readonly FluxKustomization[] {
  const isNear = (path: string) => path === base || isBelow(base, path) || isBelow(path, base);
  const leading = known.filter(({ path }) => isNear(path) || kustomizationFiles.has(path));
  if (known.some((kustomization) => isCovering(kustomization, base))) return leading;
  const above = ['', ...foldersOf(base)].filter((folder) => kustomizationFiles.has(folder));
  return [...leading, ...[...above, base].map((path) => ({ path, changes: {} }))];
}

/** Whether a folder that Flux is known to read holds ours; our own folder always is one. */
function isCovering({ path, file }: FluxKustomization, base: string): boolean {
  return path === base || (file !== undefined && isBelow(base, path));
}

/**
 * What stops everything that belongs together. What does not read our files, as far as is known, counts when it is this
 * change that breaks it.
 */
function refusals(builds: readonly FluxBuild[], reading: readonly FluxBuild[], before: Tree): readonly Problem[] {
  const broken = builds.filter(({ refused }) => refused.length > 0);
  if (broken.length === 0) return [];
  const kustomizations = broken.map(({ kustomization }) => kustomization);
  const earlier = buildAll(kustomizations, fluxCopy(before)).builds;
  return broken.flatMap((build, index) => {
    const already = new Set(earlier[index]?.refused.map(({ file }) => file));
    const told = reading.includes(build) ? build.refused : build.refused.filter(({ file }) => !already.has(file));
    return told.map(({ file, isFolder, reason }) => {
      const what = isFolder ? `Flux could not build ${file}` : `Flux would refuse every app because of ${file}`;
      const fix = already.has(file)
        ? 'fix the file in the target repository first; Flux applies nothing of what it belongs to until then'
        : 'this delivery breaks it: change what leads from there to our files, or the names of ours';
      return new Problem(isFolder ? 'FLUX-BUILD' : 'NOT-A-MANIFEST', `${what}: ${reason}`, { file, fix });
    });
  });
}

/** Objects that are in two files, and those that no cluster takes: either stops the whole Flux Kustomization. */
function objectProblems({ objects }: FluxBuild): readonly Problem[] {
  const owners = new Map<string, string>();
  return objects.flatMap(({ identity, object, file = 'a generator' }) => {
    const missing = object === undefined ? undefined : missingIn(object);
    if (missing !== undefined) {
      const message = `Flux would refuse every app because of ${file}: its ${object?.kind} has no ${missing}`;
      return [new Problem('NOT-A-MANIFEST', message, { file, fix: fixes[missing] })];
    }
    // No namespace is the one named default (kustomize 5.7).
    const key = identity.replace('/default/', '//');
    const owner = owners.get(key);
    owners.set(key, owner ?? file);
    if (owner === undefined) return [];
    const message = `Flux would refuse every app: ${identity} is in ${owner} and in ${file}`;
    return [new Problem('DUPLICATE-OBJECT', message, { file, fix: 'remove one of the two, or rename it' })];
  });
}

/** What Flux wants of every object, where kustomize takes what lacks it. */
function missingIn(object: BuiltObject['object']): keyof typeof fixes | undefined {
  if (typeof object.apiVersion !== 'string') return 'apiVersion';
  return isNamespaced(object) && (metadataOf(object).namespace ?? '') === '' ? 'namespace' : undefined;
}

const fixes = {
  apiVersion: 'take the file out of the folder, give it another ending, or name it in .sourceignore',
  namespace: 'write the namespace that it belongs to: Flux has none for it, unlike kubectl',
} as const;

/** Sealed secrets of ours that would be applied under a name or in a namespace that they were not sealed for. */
function transforms(
  { kustomization, objects }: FluxBuild,
  after: Tree,
  isOurs: ReadonlySet<string>,
): readonly Problem[] {
  return objects.flatMap(({ object, file }) => {
    if (object?.kind !== 'SealedSecret' || file === undefined || !isOurs.has(file)) return [];
    const sources = objectsIn(after.read(file)?.toString() ?? '').map(({ object }) => object);
    const [was, is] = [metadataOf(sources.find(({ kind }) => kind === 'SealedSecret') ?? {}), metadataOf(object)];
    const annotations = Object.entries(isRecord(was.annotations) ? was.annotations : {});
    const scope = scopeFromAnnotations(Object.fromEntries(annotations.map(([key, value]) => [key, String(value)])));
    const differing = boundTo[scope].filter((field) => was[field] !== is[field]);
    if (differing.length === 0) return [];
    const what = differing.map((field) => `its ${field} becomes "${is[field]}"`).join(' and ');
    const by = kustomization.file ?? `the kustomization files at ${kustomization.path || 'the root'}`;
    const isOpened = scope !== 'strict' && !differing.includes('namespace');
    const then = isOpened ? 'its pods would wait for a Secret of the name before' : 'no key could open it then';
    const message = `Cannot deliver ${file}: through ${by} ${what}, and ${then}`;
    const fix =
      'keep our folder out of that change: pods ask for the Secret by its name, and values are sealed for a namespace';
    return [new Problem('FLUX-TRANSFORM', message, { file, path: differing.join(', '), fix })];
  });
}

/** What has to stay of a SealedSecret of each scope: its name, because pods ask for it, and where its values open. */
const boundTo = {
  strict: ['name', 'namespace'],
  'namespace-wide': ['name', 'namespace'],
  'cluster-wide': ['name'],
} as const;

/** Files of ours of which nothing would be applied. */
function unread(ours: readonly string[], builds: readonly FluxBuild[], after: Tree): readonly Problem[] {
  const built = builds.flatMap(({ objects }) => objects);
  const read = new Set(built.map(({ file }) => file));
  // A patch may replace the annotations, and with them kustomize's word for where an object comes from.
  const applied = new Set(built.map(({ identity }) => identity));
  const isRead = (file: string) =>
    read.has(file) || objectsIn(after.read(file)?.toString() ?? '').some(({ identity }) => applied.has(identity));
  const fix = 'list its folder in the kustomization file above it, and take it out of .sourceignore and patches';
  return ours
    .filter((file) => !isRead(file))
    .map((file) => {
      const message = `Flux would apply nothing of ${file}: nothing leads to it, or something takes its objects out`;
      return new Problem('FLUX-UNREAD', message, { file, fix, level: 'warning' });
    });
}

/** `delivery`: who delivers decides what it stops, since people without the program must be able to. */
function withoutProgram(base: string, unchecked: readonly string[]): Problem {
  const listed = unchecked.slice(0, 5).join(', ') + (unchecked.length > 5 ? `, … (${unchecked.length} in all)` : '');
  const message = `Not checked whether Flux can build what it reads together with ours: ${listed}; none of kubectl, kustomize and flux is installed`;
  const fix = 'install kubectl (https://kubernetes.io/docs/tasks/#kubectl), kustomize or flux, and run this again';
  return new Problem('FLUX-UNCHECKED', message, { file: base, fix, level: 'delivery' });
}

function notFetched(entry: string): Problem {
  const fix = 'see that it neither renames our sealed secrets nor has objects of their names';
  const message = `Not checked what Flux fetches from elsewhere: ${entry}`;
  const file = entry.slice(0, entry.indexOf(': '));
  return new Problem('FLUX-UNCHECKED', message, { file, fix, level: 'warning' });
}
