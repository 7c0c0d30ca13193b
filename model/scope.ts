import { nearest } from './nearest';
import { Problem } from './problem';

/** How far a sealed value may travel: not at all, within its namespace, anywhere in the cluster. */
export const scopes = ['strict', 'namespace-wide', 'cluster-wide'] as const;

export type Scope = (typeof scopes)[number];

/** The scope that values are sealed in: as narrow as strict here, because every server has a namespace of its own. */
export const usualScope: Scope = 'namespace-wide';

/** Why no value may be strict, as the end of a sentence. */
export const strictReason =
  'that binds it to one name, while the name of the Secret changes with its values, so that no pod keeps an old one';

/** Where a sealed value opens. */
export interface Destination {
  readonly scope: Scope;
  readonly namespace: string;
  /** The name of the SealedSecret. @default - none, which is enough for every scope but strict */
  readonly name?: string;
}

/**
 * The OAEP label of a sealed value (sealed-secrets 0.36.6): what it is bound to.
 * @throws Problem SEAL-LABEL when the scope calls for a namespace or a name that is empty
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

/** The annotations that tell the cluster the scope; on the SealedSecret itself and, alike, on its template. */
export function scopeAnnotations(scope: Scope): Readonly<Record<string, string>> {
  return scope === 'strict' ? {} : { [`sealedsecrets.bitnami.com/${scope}`]: 'true' };
}

/** The scope that a cluster reads from the metadata of a SealedSecret: only the exact text `true` counts, the widest wins. */
export function scopeFromAnnotations(annotations: Readonly<Record<string, string>>): Scope {
  const isSet = (scope: Scope) => annotations[`sealedsecrets.bitnami.com/${scope}`] === 'true';
  return isSet('cluster-wide') ? 'cluster-wide' : isSet('namespace-wide') ? 'namespace-wide' : 'strict';
}

/**
 * Reads the scope word of a command line.
 * @throws Problem SEAL-SCOPE for any other word, the empty one included
 */
export function scopeOf(word: string): Scope {
  const scope = scopes.find((known) => known === word);
  if (scope !== undefined) return scope;
  // The word is not repeated: a secret may stand where it belongs.
  const meant = nearest(word, scopes);
  throw new Problem('SEAL-SCOPE', 'Cannot seal in this scope: the word is not known', {
    fix: meant === undefined ? `use one of ${scopes.join(', ')}; without a word it is ${usualScope}` : `write ${meant}`,
  });
}
