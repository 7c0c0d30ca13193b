import type { ClusterTarget } from '../../gitops/verify/target';
import type { Condition } from './cluster';

type Gateways = NonNullable<ClusterTarget['gateways']>;

/** What a test changes about a route and its Gateways in which everything is well. */
export interface RouteChanges {
  readonly without?: 'HTTPRoute' | 'Gateway';
  /** What the last Gateway's controller says of the route; nothing at all when it is empty. @default - accepted, resolved */
  readonly route?: readonly Condition[];
  /** Of each Gateway. @default - accepted, programmed */
  readonly gateway?: readonly Condition[];
  /** Of the HTTPRoute. @default - the one that was observed */
  readonly generation?: number;
  /** What the HTTPRoute joins. @default - the Gateways that it is declared for */
  readonly joins?: Gateways;
  /** Another controller that says nothing good of the route at the same Gateways. @default - there is none */
  readonly hasOther?: boolean;
}

/** The route of a server and the Gateways that it joins, as an API server holds them: fields as of Gateway API 1.6.3. */
export function routeObjects(name: string, gateways: Gateways, changes: RouteChanges = {}): readonly object[] {
  const { without, route = [good('Accepted'), good('ResolvedRefs')], generation = 1 } = changes;
  const { gateway = [good('Accepted'), good('Programmed')] } = changes;
  const last = gateways.at(-1);
  const conditionsAt = (each: Gateways[number]) => (each === last ? route : [good('Accepted'), good('ResolvedRefs')]);
  const told = gateways.flatMap((parentRef) => [
    ...(changes.hasOther ? [{ parentRef, conditions: [{ ...good('Accepted'), status: 'False' }] }] : []),
    ...(conditionsAt(parentRef).length > 0 ? [{ parentRef, conditions: conditionsAt(parentRef) }] : []),
  ]);
  const objects = [
    {
      kind: 'HTTPRoute',
      metadata: { name, namespace: name, generation },
      spec: { parentRefs: changes.joins ?? gateways },
      ...(told.length > 0 && { status: { parents: told } }),
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
