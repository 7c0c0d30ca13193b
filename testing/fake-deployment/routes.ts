import type { ClusterTarget } from '../../gitops/verify/target';
import type { Condition } from './cluster';

type Gateways = NonNullable<ClusterTarget['gateways']>;

/** A test's changes to a healthy route and its Gateways. */
export interface RouteChanges {
  readonly without?: 'HTTPRoute' | 'Gateway';
  /** The route's conditions at the last Gateway; empty for no status at all. @default - accepted, resolved */
  readonly route?: readonly Condition[];
  /** Of each Gateway. @default - accepted, programmed */
  readonly gateway?: readonly Condition[];
  /** Of the HTTPRoute. @default - the observed one */
  readonly generation?: number;
  /** The parentRefs of the HTTPRoute. @default - the declared Gateways */
  readonly joins?: Gateways;
  /** Whether a second controller reports the route as not accepted at the same Gateways. @default - false */
  readonly hasOther?: boolean;
}

/** The HTTPRoute of a server and its Gateways, as an API server returns them: fields of Gateway API 1.6.3. */
export function routeObjects(name: string, gateways: Gateways, changes: RouteChanges = {}): readonly object[] {
  const { without, route = [good('Accepted'), good('ResolvedRefs')], generation = 1 } = changes;
  const { gateway = [good('Accepted'), good('Programmed')] } = changes;
  const last = gateways.at(-1);
  const conditionsAt = (each: Gateways[number]) => (each === last ? route : [good('Accepted'), good('ResolvedRefs')]);
  const parents = gateways.flatMap((parentRef) => [
    ...(changes.hasOther ? [{ parentRef, conditions: [{ ...good('Accepted'), status: 'False' }] }] : []),
    ...(conditionsAt(parentRef).length > 0 ? [{ parentRef, conditions: conditionsAt(parentRef) }] : []),
  ]);
  const objects = [
    {
      kind: 'HTTPRoute',
      metadata: { name, namespace: name, generation },
      spec: { parentRefs: changes.joins ?? gateways },
      ...(parents.length > 0 && { status: { parents } }),
    },
    ...gateways.map(({ name, namespace }) => ({
      kind: 'Gateway',
      metadata: { name, namespace, generation: 1 },
      spec: { gatewayClassName: 'public' },
      status: { conditions: gateway },
    })),
  ];
  return objects.filter(({ kind }) => kind !== without);
}

function good(type: string): Condition {
  return { type, status: 'True', reason: type, observedGeneration: 1 };
}
