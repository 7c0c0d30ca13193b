import { z } from 'zod';
import { annotationsRule, label, objectName, text } from './fields';
import { rule } from './schema-problems';
import { unescaped, unsafeParts } from './yaml-safe';

/** The placeholders in annotation values, filled in for each server. */
export const placeholders = ['seconds', 'host', 'name'] as const;

/** Matches a placeholder, or a probable typo of one. Other braces belong to the controller. */
export const inBraces = /(?<!\$)\{([a-z]+)\}/gi;

const annotations = z
  .record(z.string(), z.string())
  .superRefine((given, context) => {
    annotationsRule(given, context);
    for (const [key, value] of Object.entries(given)) {
      for (const { code, found, fix } of unsafeParts(value, '')) rule(context, code, found, fix, [key]);
      const [, owner] = setElsewhere.find(([name]) => name === key) ?? [];
      if (owner !== undefined) rule(context, 'PLATFORM-FIELD', 'is set elsewhere', `write it in ${owner}`, [key]);
      for (const [whole, word = ''] of value.matchAll(inBraces)) {
        if (placeholders.some((known) => known === word)) continue;
        const fix = `write one of ${placeholders.map((known) => `{${known}}`).join(', ')}`;
        rule(context, 'PLATFORM-FIELD', `has the unknown placeholder ${whole}`, fix, [key]);
      }
    }
  })
  .transform((given) => Object.fromEntries(Object.entries(given).map(([key, value]) => [key, unescaped(value)])));

/** Annotations that have a field here. The API server rejects the class together with `ingressClassName` (1.36.3). */
const setElsewhere = [
  ['kubernetes.io/ingress.class', 'className'],
  ['cert-manager.io/cluster-issuer', 'clusterIssuer'],
] as const;

const ParentRef = z.strictObject({
  /** The name of the Gateway. */
  name: objectName,
  namespace: label,
  /**
   * The listener to join, such as `https`.
   * @default - every listener that matches the host
   */
  sectionName: objectName.optional(),
});

const noGateways = 'is not a list of Gateways that the routes join, such as [{ name, namespace }]';

/** The target of public records, and the namespace of the pods that forward calls. */
const entrance = { address: text, namespace: label };

/** How outside callers reach the servers: through an ingress controller, a Gateway, or both during a migration. */
export const Ways = z
  .strictObject({
    /** An ingress controller: every public server gets an Ingress of its class. */
    ingress: z
      .strictObject({
        className: objectName,
        ...entrance,
        /**
         * The annotations of each Ingress. In values, `{seconds}` is the timeout for the server's slowest tool, `{host}` and
         * `{name}` are the server's. See docs/platforms.md for examples.
         * @default - those for ingress-nginx
         */
        annotations: annotations.optional(),
        /**
         * The ClusterIssuer with which cert-manager issues each server's certificate.
         * @default - none: the controller has a certificate for all servers, such as a wildcard
         */
        clusterIssuer: objectName.optional(),
      })
      .optional(),
    /** The Gateway API: every public server gets an HTTPRoute. The listeners of the Gateway have the certificates. */
    gateway: z
      .strictObject({
        parentRefs: z.array(ParentRef, noGateways).min(1, noGateways).max(32).refine(areDistinct, {
          message: 'names a Gateway twice without distinct sectionNames',
        }),
        ...entrance,
      })
      .optional(),
    /**
     * The way that public records point to; required if both are declared.
     * @default - the declared one
     */
    active: z.enum(['ingress', 'gateway']).optional(),
  })
  .superRefine(({ active, ...ways }, context) => {
    const isBoth = ways.ingress !== undefined && ways.gateway !== undefined;
    const fix = "write 'ingress' or 'gateway': the one that public records point to";
    if (active === undefined && isBoth)
      rule(context, 'PLATFORM-FIELD', 'is missing, but both ways are declared', fix, ['active']);
    if (active !== undefined && ways[active] === undefined) {
      const [other] = (['ingress', 'gateway'] as const).filter((kind) => ways[kind] !== undefined);
      const instead = other === undefined ? 'remove it' : `write '${other}', or remove it`;
      rule(context, 'PLATFORM-FIELD', 'is not declared in ways', `declare it there, or ${instead}`, ['active']);
    }
  });

export type Ways = Readonly<z.output<typeof Ways>>;

/** One way in, without the settings of its kind. */
export interface Way {
  readonly kind: 'ingress' | 'gateway';
  /** Its path in the platform's file. */
  readonly path: string;
  /** A name for messages, such as `ingress nginx` or `Gateway infra/public`. */
  readonly title: string;
  readonly address: string;
  readonly namespace: string;
}

/** The declared ways, the active one first. */
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

/** The way that public records point to; undefined if none is declared. */
export function activeWay(platform: { readonly ways: Ways }): Way | undefined {
  return waysOf(platform)[0];
}

/** Whether several references to one Gateway name distinct listeners (rule of the HTTPRoute CRD, 1.6.3). */
function areDistinct(parents: readonly z.output<typeof ParentRef>[]): boolean {
  return parents.every((parent) => {
    const same = parents.filter(({ name, namespace }) => name === parent.name && namespace === parent.namespace);
    const sections = same.flatMap(({ sectionName }) => sectionName ?? []);
    return same.length === 1 || new Set(sections).size === same.length;
  });
}
