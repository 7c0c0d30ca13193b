import { type Judge, judged, notApplied, objectsIn } from './cluster';
import { type Fault, faultOf, find, type KubernetesObject } from './cluster-object';
import type { World } from './node-world';
import { type Step, skipped } from './step';
import type { ClusterTarget } from './target';

type Gateway = NonNullable<ClusterTarget['gateways']>[number];

/** Every Gateway accepts the server's route and resolves its Service. */
export const isRouted: Step = {
  name: 'route',
  title: 'HTTPRoute is accepted, its Service found',
  appliesTo: ({ cluster }) => cluster?.gateways !== undefined,
  async run({ name, cluster }, _facts, world) {
    const { gateways = [], namespace = '' } = cluster ?? {};
    const route = find(await ask(namespace, 'httproutes', world), 'HTTPRoute', name);
    const faults = gateways.map((gateway) => faultAt(gateway, namespace, name, route));
    return judged(name, faults.find((fault) => fault !== undefined) ?? gateways.map(wordsOf).join(', '));
  },
};

/** Every Gateway that the route attaches to is programmed: it has an address and serves its configuration. */
export const isProgrammed: Step = {
  name: 'gateway',
  title: 'Gateway is programmed',
  appliesTo: ({ cluster }) => cluster?.gateways !== undefined,
  async run({ name, cluster }, _facts, world) {
    const gateways = distinct(cluster?.gateways ?? []);
    if (gateways.length === 0) return skipped('no Gateway routes to it');
    const namespaces = [...new Set(gateways.map(({ namespace }) => namespace))];
    const found = await Promise.all(
      namespaces.map(async (namespace) => [namespace, await ask(namespace, 'gateways', world)] as const),
    );
    const objects = new Map(found);
    const faults = gateways.map((gateway) => faultOfGateway(gateway, objects.get(gateway.namespace) ?? []));
    return judged(name, faults.find((fault) => fault !== undefined) ?? gateways.map(titleOf).join(', '));
  },
};

type Failure = Exclude<ReturnType<Judge>, string | undefined>;

/** Why a Gateway does not serve the route. @returns undefined when it does */
function faultAt(
  gateway: Gateway,
  namespace: string,
  name: string,
  route: KubernetesObject | undefined,
): Failure | undefined {
  if (route === undefined) return ['ROUTE-NOT-ACCEPTED', `HTTPRoute ${name} does not exist`, notApplied];
  const isThis = (ref: { name: string; namespace?: string | undefined; sectionName?: string | undefined }) =>
    ref.name === gateway.name &&
    (ref.namespace ?? namespace) === gateway.namespace &&
    ref.sectionName === gateway.sectionName;
  if (route.spec.parentRefs?.some(isThis) === false)
    return ['ROUTE-NOT-ACCEPTED', `HTTPRoute ${name} is not attached to ${wordsOf(gateway)}`, notApplied];
  const own = route.status.parents?.filter(({ parentRef }) => isThis(parentRef)) ?? [];
  // While a Gateway moves from one controller to another, both report on it.
  const faults = (own.length > 0 ? own : [{ conditions: [] }]).map(
    ({ conditions }) => faultOf(route, 'Accepted', conditions) ?? faultOf(route, 'ResolvedRefs', conditions),
  );
  const [fault] = faults.includes(undefined) ? [] : faults;
  if (fault === undefined) return undefined;
  const what = `HTTPRoute ${name} ${fault.what} (at ${titleOf(gateway)})`;
  return [
    'ROUTE-NOT-ACCEPTED',
    what,
    `${whereToLook(gateway, fault)}; kubectl -n ${namespace} describe httproute ${name}`,
  ];
}

function faultOfGateway(gateway: Gateway, objects: readonly KubernetesObject[]): Failure | undefined {
  const object = find(objects, 'Gateway', gateway.name);
  if (object === undefined) {
    const fix = `kubectl -n ${gateway.namespace} get gateways; the platform file names it in ways.gateway.parentRefs`;
    return ['GATEWAY-NOT-READY', `${titleOf(gateway)} does not exist`, fix];
  }
  const fault = faultOf(object, 'Programmed');
  return fault && ['GATEWAY-NOT-READY', `${titleOf(gateway)} ${fault.what}`, whereToLook(gateway, fault)];
}

function whereToLook({ namespace, name }: Gateway, { isUnreported }: Fault): string {
  const controller = isUnreported ? 'kubectl get gatewayclasses shows whether its controller runs; ' : '';
  return `${controller}kubectl -n ${namespace} describe gateway ${name}`;
}

/** Gets the objects of a kind of the Gateway API. @throws Problem CLUSTER or TOOL-MISSING */
function ask(namespace: string, kind: string, world: World): Promise<readonly KubernetesObject[]> {
  const fix = 'install the CRDs of the Gateway API and a controller, or remove ways.gateway from the platform';
  return objectsIn(namespace, [`${kind}.gateway.networking.k8s.io`], world, fix);
}

function distinct(gateways: readonly Gateway[]): readonly Gateway[] {
  return gateways.filter(
    (gateway, index) => gateways.findIndex((other) => titleOf(other) === titleOf(gateway)) === index,
  );
}

function titleOf({ namespace, name }: Gateway): string {
  return `Gateway ${namespace}/${name}`;
}

function wordsOf(gateway: Gateway): string {
  const { sectionName } = gateway;
  return sectionName === undefined ? titleOf(gateway) : `${titleOf(gateway)} (${sectionName})`;
}
