import { join, posix } from 'node:path';
import { isRecord } from '../../../model/json';
import { git, zeroSeparated } from '../../git/git';
import { readPlain } from '../existing';
import { documentsOf, metadataOf } from './manifests';

/** A Flux Kustomization: a folder of the repository that Flux builds and applies as one. */
export interface FluxKustomization {
  /** The folder from the repository's root, with slashes; empty for the whole repository. */
  readonly path: string;
  /** The file that defines it. @default - none; it is assumed */
  readonly file?: string;
  /** How it transforms the objects of the folder: fields of a kustomization file, and `ignoreMissingComponents`. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/**
 * The Flux Kustomizations that the files of a checkout define for this repository.
 * @param repository the repository's name; Kustomizations of other repositories are skipped
 */
export function fluxKustomizations(root: string, repository: string): readonly FluxKustomization[] {
  const objects = manifestsWith(root, `apiVersion['"]?: *['"]?(kustomize|source)\\.toolkit\\.fluxcd\\.io/`).flatMap(
    (file) => {
      const documents = documentsOf(readPlain(join(root, file))?.toString() ?? '');
      return documents.filter(isRecord).map((object) => ({ file, object }));
    },
  );
  const others = objects.flatMap(({ object }) => {
    if (object.kind !== 'GitRepository' || !isRecord(object.spec)) return [];
    const url = String(object.spec.url ?? '').replace(/(\.git)?\/?$/, '');
    return url.endsWith(`/${repository}`) || url.endsWith(`:${repository}`) ? [] : [metadataOf(object).name];
  });
  return objects.flatMap(({ file, object: { apiVersion, kind, spec } }) => {
    if (kind !== 'Kustomization' || !isFlux(apiVersion) || !isRecord(spec)) return [];
    const source = isRecord(spec.sourceRef) ? spec.sourceRef : {};
    if (!['GitRepository', undefined].includes(source.kind as undefined) || others.includes(source.name)) return [];
    const path = posix.normalize(`./${String(spec.path ?? '')}`).replace(/^\.?\/|\/$/g, '');
    const folder = path === '.' ? '' : path;
    return [{ path: folder, file, changes: changesOf(spec) }];
  });
}

/** Whether an `apiVersion` is Flux's; a file for kustomize has the same kind. */
export function isFlux(apiVersion: unknown): boolean {
  return typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/');
}

/** The fields that transform objects; an empty string counts as unset. */
function changesOf(spec: Readonly<Record<string, unknown>>): FluxKustomization['changes'] {
  const { targetNamespace: namespace, namePrefix, nameSuffix, patches, images } = spec;
  const { components, ignoreMissingComponents } = spec;
  const changes = { namespace, namePrefix, nameSuffix, patches, images, components, ignoreMissingComponents };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined && value !== ''));
}

/**
 * The YAML files of a checkout, tracked or not, with a line that matches an extended regular expression. Uses `git grep`, which
 * is fast on large trees; `--text` overrides attributes.
 */
export function manifestsWith(root: string, pattern: string): readonly string[] {
  const search = ['grep', '-l', '-z', '--text', '--no-color', '--untracked', '-E', '-e', pattern];
  return zeroSeparated(git(root, [...search, '--', '*.yaml', '*.yml'], { exitCodes: [0, 1] }));
}
