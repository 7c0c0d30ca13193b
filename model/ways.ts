import { z } from 'zod';
import { annotationsRule, label, objectName, text } from './fields';
import { unescaped, unsafeParts } from './yaml-safe';
import { rule } from './schema-problems';

/** What a value of an annotation may have in braces, to be filled in for each server. */
export const placeholders = ['seconds', 'host', 'name'] as const;

/** A placeholder, or a word that was meant as one. Braces around anything else are the controller's own. */
export const inBraces = /(?<!\$)\{([a-z]+)\}/gi;

const annotations = z
  .record(z.string(), z.string())
  .superRefine((given, context) => {
    annotationsRule(given, context);
    for (const [key, value] of Object.entries(given)) {
      for (const { code, found, fix } of unsafeParts(value, '')) rule(context, code, found, fix, [key]);
      const [, owner] = decidedElsewhere.find(([name]) => name === key) ?? [];
      if (owner !== undefined) rule(context, 'PLATFORM-FIELD', 'is decided elsewhere', `write it in ${owner}`, [key]);
      for (const [whole, word = ''] of value.matchAll(inBraces)) {
        if (placeholders.some((known) => known === word)) continue;
        const fix = `write one of ${placeholders.map((known) => `{${known}}`).join(', ')}`;
        rule(context, 'PLATFORM-FIELD', `has ${whole}, which nothing is known to fill in`, fix, [key]);
      }
    }
  })
  .transform((given) => Object.fromEntries(Object.entries(given).map(([key, value]) => [key, unescaped(value)])));

/** Annotations with a field of their own. The API server refuses the class beside `ingressClassName` (1.36.3). */
const decidedElsewhere = [
  ['kubernetes.io/ingress.class', 'className'],
  ['cert-manager.io/cluster-issuer', 'clusterIssuer'],
] as const;

const ParentRef = z.strictObject({
  /** The Gateway. */
  name: objectName,
  namespace: label,
  /**
   * The listener to join, such as `https`.
   * @default - every listener that takes the host
   */
  sectionName: objectName.optional(),
});

const noGateways = 'is not a list of Gateways that the routes join, such as [{ name, namespace }]';

/** What public records point to, and the namespace that the pods which forward calls run in. */
const entrance = { address: text, namespace: label };

/** How callers from outside reach the servers: by an ingress controller, by a Gateway, or for a while by both. */
export const Ways = z
  .strictObject({
    /** An ingress controller: every public server gets an Ingress of its class. */
    ingress: z
      .strictObject({
        className: objectName,
        ...entrance,
        /**
         * What each Ingress is annotated with. `{seconds}` in a value is how long the controller has to wait for the
         * slowest tool of a server, `{host}` and `{name}` are the server's own. docs/platforms.md has some to start from.
         * @default - those of ingress-nginx
         */
        annotations: annotations.optional(),
        /**
         * The ClusterIssuer that cert-manager gets each server's certificate from.
         * @default - the controller has one for all, such as a wildcard certificate
         */
        clusterIssuer: objectName.optional(),
      })
      .optional(),
    /** A Gateway of the Gateway API: every public server gets an HTTPRoute. Certificates are those of its listeners. */
    gateway: z
      .strictObject({
        parentRefs: z.array(ParentRef, noGateways).min(1, noGateways).max(32).refine(areApart, {
          message: 'names a Gateway twice without a sectionName of its own each time',
        }),
        ...entrance,
      })
      .optional(),
    /**
     * The way that public records point to.
     * @default - the one that is declared; with both it has to be said
     */
    active: z.enum(['ingress', 'gateway']).optional(),
  })
  .superRefine(({ active, ...ways }, context) => {
    const isBoth = ways.ingress !== undefined && ways.gateway !== undefined;
    const fix = "write 'ingress' or 'gateway': where the public records point to";
    if (active === undefined && isBoth)
      rule(context, 'PLATFORM-FIELD', 'is missing: there are two ways in', fix, ['active']);
    if (active !== undefined && ways[active] === undefined) {
      const [other] = (['ingress', 'gateway'] as const).filter((kind) => ways[kind] !== undefined);
      const instead = other === undefined ? 'take it out' : `write '${other}', or take it out`;
      rule(context, 'PLATFORM-FIELD', 'is not declared in ways', `declare it there, or ${instead}`, ['active']);
    }
  });

export type Ways = Readonly<z.output<typeof Ways>>;

/** A way in, as everybody but its own objects sees it. */
export interface Way {
  readonly kind: 'ingress' | 'gateway';
  /** Where it is declared in the file of the platform. */
  readonly path: string;
  /** What people call it, such as `ingress nginx` or `Gateway infra/public`. */
  readonly title: string;
  readonly address: string;
  readonly namespace: string;
}

/** The ways that are declared, the active one first. */
export function waysOf({ ways: { ingress, gateway, active } }: { readonly ways: Ways }): readonly Way[] {
  const ways: Way[] = [];
  if (ingress !== undefined) {
    const { className, address, namespace } = ingress;
    ways.push({ kind: 'ingress', path: 'ways.ingress', title: `ingress ${className}`, address, namespace });
  }
  if (gateway !== undefined) {
    const { parentRefs, address, namespace } = gateway;
    const names = parentRefs.map((parent) => `${parent.namespace}/${parent.name}`);
    const title = `Gateway ${[...new Set(names)].join(', ')}`;
    ways.push({ kind: 'gateway', path: 'ways.gateway', title, address, namespace });
  }
  return ways.sort((a, b) => Number(b.kind === active) - Number(a.kind === active));
}

/** The way that public records point to, and whatever follows from them. @returns undefined when there is none at all */
export function activeWay(platform: { readonly ways: Ways }): Way | undefined {
  return waysOf(platform)[0];
}

/** Several references to one Gateway each name a listener of its own (the definition of HTTPRoute, 1.6.3). */
function areApart(parents: readonly z.output<typeof ParentRef>[]): boolean {
  return parents.every((parent) => {
    const same = parents.filter(({ name, namespace }) => name === parent.name && namespace === parent.namespace);
    const sections = same.flatMap(({ sectionName }) => sectionName ?? []);
    return same.length === 1 || new Set(sections).size === same.length;
  });
}
