import { join } from 'node:path';
import { Problem } from '../../../model/problem';
import { readPlain } from '../existing';
import { isBelow } from './flux-build';
import { type FluxKustomization, manifestsWith } from './flux-kustomizations';
import { objectsIn } from './manifests';

/** One of our namespaces and its file. */
interface OwnNamespace {
  readonly path: string;
  readonly name: string;
}

/**
 * Warnings for our namespaces that another Flux Kustomization defines as well: when either removes it, Flux deletes it with
 * everything in it. Two files of one Kustomization are reported as a duplicate object.
 */
export function sharedNamespaces(
  root: string,
  ours: readonly OwnNamespace[],
  kustomizations: readonly FluxKustomization[],
): readonly Problem[] {
  if (ours.length === 0) return [];
  const own = new Set(ours.map(({ path }) => path));
  const others = manifestsWith(root, `kind['"]?: *['"]?Namespace`).filter((file) => !own.has(file));
  const found = others.flatMap((file) =>
    objectsIn(`${readPlain(join(root, file)) ?? ''}`).flatMap(({ identity }) => {
      const [, kind, , name = ''] = identity.split('/');
      return kind === 'Namespace' ? [{ file, name }] : [];
    }),
  );
  return ours.flatMap(({ path, name }) =>
    found.flatMap((other) => {
      const reader = kustomizations.find(({ path: folder }) => isBelow(other.file, folder) && !isBelow(path, folder));
      const isTogether = kustomizations.some(({ path: folder }) =>
        [other.file, path].every((file) => isBelow(file, folder)),
      );
      if (other.name !== name || reader === undefined || isTogether) return [];
      const message = `The namespace "${name}" of ${path} is also in ${other.file}, which Flux applies for ${reader.file}: when either file is removed, Flux deletes the namespace and everything in it`;
      const fix = `give the server another name, or disable pruning on the namespace: kustomize.toolkit.fluxcd.io/prune: disabled`;
      return [new Problem('DUPLICATE-OBJECT', message, { file: other.file, fix, level: 'warning' })];
    }),
  );
}
