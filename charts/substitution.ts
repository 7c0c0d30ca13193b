import type { Manifest } from './render';

/** Asks Flux to leave a whole object as it is, with the value `disabled` (kustomize-controller 1.9.6, `postBuild`). */
const annotation = 'kustomize.toolkit.fluxcd.io/substitute';

/**
 * Keeps Flux's variable substitution away from an object that it would change: where a Kustomization has variables, it
 * replaces a dollar sign with braces behind it and makes one dollar sign of every two (fluxcd/pkg/envsubst 1.7.1). Any
 * other object stays as it is.
 */
export function withoutSubstitution(object: Manifest): Manifest {
  if (!/\$[${]/.test(JSON.stringify(object))) return object;
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotation]: 'disabled' } } };
}

/** Whether Flux leaves an object as it is. */
export function isLeftAlone({ metadata }: Manifest): boolean {
  return metadata.annotations?.[annotation] === 'disabled';
}
