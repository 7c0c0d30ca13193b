import { join } from 'node:path';
import { Problem } from '../../../model/problem';
import { readPlain } from '../existing';
import { isBelow } from './flux-build';
import { type FluxKustomization, manifestsWith } from './flux-kustomizations';
import { objectsIn } from './manifests';

/** A namespace of ours, by the file that makes it. */
interface OwnNamespace {
  readonly path: string;
  readonly name: string;
}

/**
 * Warnings for namespaces of ours that another reconciliation of the checkout makes as well: whichever of the two lets it go
 * first, Flux deletes it with everything in it. Two files of one reconciliation stop all of it, and are told as that.
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
      const message = `The namespace "${name}" of ${path} is in ${other.file} too, which ${reader.file} has Flux apply: whichever of the two goes first takes it along, with everything in it`;
      const fix = `give the server another name, or see that neither is pruned: kustomize.toolkit.fluxcd.io/prune: disabled on the namespace`;
      return [new Problem('DUPLICATE-OBJECT', message, { file: other.file, fix, level: 'warning' })];
    }),
  );
}
