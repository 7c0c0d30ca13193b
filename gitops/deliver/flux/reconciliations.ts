import { posix } from 'node:path';
import { documentsOf, isRecord } from './manifests';
import { type Transform, transformsOf } from './transform';

/** A Flux Kustomization: a folder of the repository that Flux builds and applies as one. */
export interface Reconciliation {
  /** The folder from the repository's root, with slashes; empty for the whole repository. */
  readonly path: string;
  /** Where it was found. @default - nowhere; it is assumed */
  readonly file?: string;
  readonly transforms: readonly Transform[];
}

/**
 * The reconciliations that files of a repository define for this repository.
 * @param files texts by path, of those that may hold one
 * @param repository the repository's own name, to pass over what reads another one
 */
export function reconciliationsIn(files: ReadonlyMap<string, string>, repository: string): readonly Reconciliation[] {
  const objects = [...files].flatMap(([file, text]) => {
    const documents = documentsOf(text);
    // A file that cannot be read is reported when something reads it.
    return typeof documents === 'string' ? [] : documents.filter(isRecord).map((object) => ({ file, object }));
  });
  const others = new Set(
    objects.flatMap(({ object }) => {
      if (object.kind !== 'GitRepository' || !isRecord(object.metadata) || !isRecord(object.spec)) return [];
      const url = String(object.spec.url ?? '').replace(/(\.git)?\/?$/, '');
      return url.endsWith(`/${repository}`) || url.endsWith(`:${repository}`) ? [] : [object.metadata.name];
    }),
  );
  return objects.flatMap(({ file, object: { apiVersion, kind, spec } }) => {
    if (kind !== 'Kustomization' || !isFlux(apiVersion) || !isRecord(spec)) return [];
    const source = isRecord(spec.sourceRef) ? spec.sourceRef : {};
    if (source.kind !== undefined && source.kind !== 'GitRepository') return [];
    if (others.has(source.name)) return [];
    const path = posix.normalize(`./${String(spec.path ?? '')}`).replace(/^\.?\/|\/$/g, '');
    return [
      {
        path: path === '.' ? '' : path,
        file,
        transforms: transformsOf(file, { ...spec, namespace: spec.targetNamespace }),
      },
    ];
  });
}

export function isFlux(apiVersion: unknown): boolean {
  return typeof apiVersion === 'string' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/');
}

/** What a file must contain to define a reconciliation, as an extended regular expression. */
export const reconciliationPattern = 'apiVersion:.*kustomize\\.toolkit\\.fluxcd\\.io/';
