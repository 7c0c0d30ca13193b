import { nearest } from './nearest';
import { Problem } from './problem';

/** Where a sealed value can be used: under one name, in its namespace, anywhere in the cluster. */
export const scopes = ['strict', 'namespace-wide', 'cluster-wide'] as const;

export type Scope = (typeof scopes)[number];

/** The default scope for sealing: as narrow as strict here, because every server has its own namespace. */
export const defaultScope: Scope = 'namespace-wide';

/** Why no value may be strict, as the end of a sentence. */
export const strictReason =
  'that binds it to one name, but the name of the Secret changes with its values, so that no pod keeps an old one';

/** The scope that a value is sealed for. */
export interface Destination {
  readonly scope: Scope;
  readonly namespace: string;
  /** The name of the SealedSecret; required only for strict. @default - none */
  readonly name?: string;
}

/**
 * The OAEP label that binds a sealed value to its scope (sealed-secrets 0.36.6).
 * @throws Problem SEAL-LABEL if the scope requires a namespace or a name that is empty
 */
export function labelOf({ scope, namespace, name = '' }: Destination): string {
  const parts: readonly string[] = { strict: [namespace, name], 'namespace-wide': [namespace], 'cluster-wide': [] }[
    scope
  ];
  if (parts.includes('')) {
    throw new Problem('SEAL-LABEL', `Cannot seal in the scope "${scope}": the object has no namespace or no name`, {
      fix: 'name both, or choose a wider scope',
    });
  }
  return parts.join('/');
}

/** The annotations for a scope, on the SealedSecret and on its template. */
export function scopeAnnotations(scope: Scope): Readonly<Record<string, string>> {
  return scope === 'strict' ? {} : { [`sealedsecrets.bitnami.com/${scope}`]: 'true' };
}

/** The scope that the controller derives from annotations: only the exact value `true` is used, and the widest wins. */
export function scopeFromAnnotations(annotations: Readonly<Record<string, string>>): Scope {
  const isSet = (scope: Scope) => annotations[`sealedsecrets.bitnami.com/${scope}`] === 'true';
  return isSet('cluster-wide') ? 'cluster-wide' : isSet('namespace-wide') ? 'namespace-wide' : 'strict';
}

/**
 * Parses the value of `--scope`.
 * @throws Problem SEAL-SCOPE for an unknown scope, also for an empty one
 */
export function scopeOf(word: string): Scope {
  const scope = scopes.find((known) => known === word);
  if (scope !== undefined) return scope;
  // The word is not quoted: the user may have typed a secret.
  const meant = nearest(word, scopes);
  throw new Problem('SEAL-SCOPE', 'Cannot seal in this scope: it is unknown', {
    fix: meant === undefined ? `use one of ${scopes.join(', ')}; the default is ${defaultScope}` : `write ${meant}`,
  });
}
