import { isRecord } from '../../../model/json';
import { Problem } from '../../../model/problem';
import { scopeFromAnnotations } from '../../../model/scope';
import { foldersOf } from '../existing';
import { buildAll, type FluxBuild, isBelow } from './flux-build';
import { type FluxCopy, fluxCopy, type Tree } from './flux-copy';
import type { FluxKustomization } from './flux-kustomizations';
import type { BuiltObject } from './kustomize';
import { isNamespaced, metadataOf, objectsIn } from './manifests';

/** A target as Flux sees it. */
export interface FluxInput {
  readonly before: Tree;
  readonly after: Tree;
  /** The folder with our files; assumed to be a Flux Kustomization if none is known to read it. */
  readonly base: string;
  /** Our files after the change. */
  readonly ours: readonly string[];
  readonly kustomizations: readonly FluxKustomization[];
}

/** Every reason why Flux would reject a target after a change. */
export function fluxProblems({ before, after, base, ours, kustomizations }: FluxInput): readonly Problem[] {
  const copy = fluxCopy(after);
  const { builds, remote } = buildAll(candidates(base, kustomizations, copy), copy);
  const isOurs = new Set(ours);
  const reading = builds.filter(
    ({ kustomization, objects }) =>
      isCovering(kustomization, base) || objects.some(({ file = '' }) => isOurs.has(file)),
  );
  const unchecked = [...new Set(builds.flatMap((build) => build.unchecked))];
  const problems = [
    ...rejections(builds, reading, before),
    ...reading.flatMap(objectProblems),
    ...reading.flatMap((build) => transforms(build, after, isOurs)),
    ...(unchecked.length > 0 ? [withoutProgram(base, unchecked)] : unread(ours, builds, after)),
    ...remote.map(notFetched),
  ];
  // Two Flux Kustomizations may read the same file.
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

/**
 * The Flux Kustomizations to build. If none covers our folder, assumes one for it and one for each ancestor with a
 * kustomization file.
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

/** Whether a known Flux Kustomization covers our folder; one for exactly our folder always does. */
function isCovering({ path, file }: FluxKustomization, base: string): boolean {
  return path === base || (file !== undefined && isBelow(base, path));
}

/**
 * Problems for files that break a whole Flux Kustomization. One that does not read our files is reported only if this change
 * breaks it.
 */
function rejections(builds: readonly FluxBuild[], reading: readonly FluxBuild[], before: Tree): readonly Problem[] {
  const broken = builds.filter(({ refused }) => refused.length > 0);
  if (broken.length === 0) return [];
  const kustomizations = broken.map(({ kustomization }) => kustomization);
  const earlier = buildAll(kustomizations, fluxCopy(before)).builds;
  return broken.flatMap((build, index) => {
    const already = new Set(earlier[index]?.refused.map(({ file }) => file));
    const reported = reading.includes(build) ? build.refused : build.refused.filter(({ file }) => !already.has(file));
    return reported.map(({ file, isFolder, reason }) => {
      const what = isFolder ? `Flux could not build ${file}` : `Flux would reject every app because of ${file}`;
      const fix = already.has(file)
        ? 'fix the file in the target repository first; until then Flux applies nothing of that kustomization'
        : 'this delivery breaks it: change its references to our files, or rename our files';
      return new Problem(isFolder ? 'FLUX-BUILD' : 'NOT-A-MANIFEST', `${what}: ${reason}`, { file, fix });
    });
  });
}

/** Duplicate and invalid objects: either stops the whole Flux Kustomization. */
function objectProblems({ objects }: FluxBuild): readonly Problem[] {
  const owners = new Map<string, string>();
  return objects.flatMap(({ identity, object, file = 'a generator' }) => {
    const missing = object === undefined ? undefined : missingIn(object);
    if (missing !== undefined) {
      const message = `Flux would reject every app because of ${file}: its ${object?.kind} has no ${missing}`;
      return [new Problem('NOT-A-MANIFEST', message, { file, fix: fixes[missing] })];
    }
    // kustomize (5.7) treats a missing namespace as "default".
    const key = identity.replace('/default/', '//');
    const owner = owners.get(key);
    owners.set(key, owner ?? file);
    if (owner === undefined) return [];
    const message = `Flux would reject every app: ${identity} is in both ${owner} and ${file}`;
    return [new Problem('DUPLICATE-OBJECT', message, { file, fix: 'remove one of the two, or rename it' })];
  });
}

/** A field that Flux requires and kustomize does not. */
function missingIn(object: BuiltObject['object']): keyof typeof fixes | undefined {
  if (typeof object.apiVersion !== 'string') return 'apiVersion';
  return isNamespaced(object) && (metadataOf(object).namespace ?? '') === '' ? 'namespace' : undefined;
}

const fixes = {
  apiVersion: 'move the file out of the folder, change its extension, or list it in .sourceignore',
  namespace: 'set metadata.namespace: unlike kubectl, Flux has no default namespace',
} as const;

/** Our sealed secrets that a kustomization would rename or move, so that their values no longer decrypt. */
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
    const then = isOpened ? 'its pods would wait for a Secret of the old name' : 'the controller could not decrypt it';
    const message = `Cannot deliver ${file}: ${by} would change it: ${what}, and ${then}`;
    const fix =
      'exclude our folder from that transformation: pods reference the Secret by name, and values are sealed for a namespace';
    return [new Problem('FLUX-TRANSFORM', message, { file, path: differing.join(', '), fix })];
  });
}

/** The fields of a SealedSecret that must not change, by scope: pods need the name, decryption may need both. */
const boundTo = {
  strict: ['name', 'namespace'],
  'namespace-wide': ['name', 'namespace'],
  'cluster-wide': ['name'],
} as const;

/** Our files that Flux would not apply. */
function unread(ours: readonly string[], builds: readonly FluxBuild[], after: Tree): readonly Problem[] {
  const built = builds.flatMap(({ objects }) => objects);
  const read = new Set(built.map(({ file }) => file));
  // A patch may replace the annotations, including kustomize's origin of an object.
  const applied = new Set(built.map(({ identity }) => identity));
  const isRead = (file: string) =>
    read.has(file) || objectsIn(after.read(file)?.toString() ?? '').some(({ identity }) => applied.has(identity));
  const fix = 'list its folder in the kustomization file above it, and remove it from .sourceignore and patches';
  return ours
    .filter((file) => !isRead(file))
    .map((file) => {
      const message = `Flux would apply nothing of ${file}: no kustomization lists it, or something removes its objects`;
      return new Problem('FLUX-UNREAD', message, { file, fix, level: 'warning' });
    });
}

/** Level `delivery`: people without the program can still deliver. */
function withoutProgram(base: string, unchecked: readonly string[]): Problem {
  const listed = unchecked.slice(0, 5).join(', ') + (unchecked.length > 5 ? `, … (${unchecked.length} in all)` : '');
  const message = `Did not check whether Flux can build what it reads together with ours: ${listed}; kubectl, kustomize and flux are not installed`;
  const fix = 'install kubectl (https://kubernetes.io/docs/tasks/#kubectl), kustomize or flux, and run this again';
  return new Problem('FLUX-UNCHECKED', message, { file: base, fix, level: 'delivery' });
}

function notFetched(entry: string): Problem {
  const fix = 'check that it neither renames our sealed secrets nor contains objects of the same name';
  const message = `Did not check a remote entry that Flux fetches: ${entry}`;
  const file = entry.slice(0, entry.indexOf(': '));
  return new Problem('FLUX-UNCHECKED', message, { file, fix, level: 'warning' });
}
