import type { Manifest } from './render';

/** With the value `disabled`, excludes an object from Flux's substitution (kustomize-controller 1.9.6, `postBuild`). */
const annotation = 'kustomize.toolkit.fluxcd.io/substitute';

/**
 * Excludes an object from Flux's variable substitution if that would change it. In a Kustomization with variables, Flux
 * replaces `${…}` and turns `$$` into `$` (fluxcd/pkg/envsubst 1.7.1). Returns any other object unchanged.
 */
export function withoutSubstitution(object: Manifest): Manifest {
  if (!/\$[${]/.test(JSON.stringify(object))) return object;
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [annotation]: 'disabled' } } };
}

/** Whether an object is excluded from Flux's variable substitution. */
export function isSubstitutionDisabled({ metadata }: Manifest): boolean {
  return metadata.annotations?.[annotation] === 'disabled';
}
