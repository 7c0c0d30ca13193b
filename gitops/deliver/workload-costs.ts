import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import { objectsIn } from './flux/manifests';

/** The objects of one file before and after. */
type Objects = ReturnType<typeof objectsIn>;

/**
 * What a change to a server's objects costs those who call it, beyond its lines: pods that stop for a while, and an address
 * that is another one, or gone. All of it is allowed.
 */
export function workloadCosts(file: string, before: string, after = ''): readonly Problem[] {
  const [old, fresh] = [objectsIn(before), objectsIn(after)];
  return [
    ...replicaCosts(file, old, fresh),
    ...takenOver(file, old, fresh),
    ...givenUp(file, old, fresh),
    ...addressCosts(file, old, fresh),
  ];
}

/**
 * A number of replicas that gives way to an autoscaler: nobody holds the field any more, so Kubernetes puts its default
 * there, which is 1, and the autoscaler climbs from it when it looks, after 15 s (seen with Kubernetes 1.36.3). Whoever
 * else holds the field by then keeps it (https://kubernetes.io/docs/reference/using-api/server-side-apply, "Transferring
 * ownership"); helm-controller takes it out itself.
 */
function replicaCosts(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  return old.flatMap(({ identity, object }) => {
    const next = fresh.find((other) => other.identity === identity)?.object;
    const [was, is] = [replicasOf(object), replicasOf(next)];
    if (next === undefined || was === undefined || was === 1 || is !== undefined) return [];
    const { name, namespace } = Object(object.metadata);
    const message = `"${name}" falls from ${was} pods to 1 at once, and its autoscaler starts from there some 15 s later`;
    const scale = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas: was } };
    const fix =
      object.kind === 'Deployment'
        ? `let somebody else hold the number before this is merged: echo '${JSON.stringify(scale)}' | kubectl apply --server-side --field-manager=handover -f -`
        : 'merge it when one pod is enough for a while';
    return [new Problem('REPLICAS-RESET', message, { file, fix, level: 'warning' })];
  });
}

/** The number of pods that an object asks for; undefined where an autoscaler decides, and for any other kind. */
function replicasOf(object: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const path = object?.kind === 'HelmRelease' ? ['spec', 'values', 'replicaCount'] : ['spec', 'replicas'];
  const found = ['HelmRelease', 'Deployment'].includes(String(object?.kind)) ? at(object, ...path) : undefined;
  return typeof found === 'number' ? found : undefined;
}

/**
 * Flux prunes the objects right after it has applied the release, which still has to fetch its chart: seen were 2 s without
 * a pod (helm-controller 1.6.1). A Helm that comes first takes the objects over, and fails on the selector of theirs.
 */
function takenOver(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  const release = fresh.find(({ object }) => object.kind === 'HelmRelease');
  const deployment = old.find(({ object }) => object.kind === 'Deployment');
  if (release === undefined || deployment === undefined || old.some(({ object }) => object.kind === 'HelmRelease')) {
    return [];
  }
  const retry = at(release.object, 'spec', 'install', 'strategy', 'retryInterval');
  const { name } = Object(deployment.object.metadata);
  const message = `"${name}" is away from when Flux deletes its objects until Helm has installed the release, most often for seconds; a Helm that comes first fails, and is tried again after ${retry ?? 'a while'}`;
  const fix = 'choose a time when the server may be away for some minutes, or undo the change';
  return [new Problem('RELEASE-REPLACED', message, { file, fix, level: 'warning' })];
}

/**
 * Flux merges plain objects into those of the release that have their names, which the API server refuses: a Service with
 * two ports of one name, a selector that cannot change. Flux then applies nothing and prunes nothing, the release
 * included (kustomize-controller 1.9.6 with a chart whose objects are named after the release).
 */
function givenUp(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  const release = old.find(({ object }) => object.kind === 'HelmRelease');
  const isPlain = fresh.some(({ object }) => object.kind === 'Deployment');
  if (release === undefined || !isPlain) return [];
  const { name, namespace } = Object(release.object.metadata);
  const message = `Flux cannot put the objects of "${name}" in the place of those that Helm has installed: once this is merged, it applies nothing that it reconciles together with ${file} until the release is gone`;
  const fix = `right after the merge: kubectl -n ${namespace} delete helmrelease ${name}, and flux reconcile kustomization <name of the one that reads it>`;
  return [new Problem('RELEASE-REPLACED', message, { file, fix, level: 'warning' })];
}

/** Nothing tells the engine and MCP clients of another address, or of none: each of them has the old one written down. */
function addressCosts(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  const [before, after] = [old.find(isWorkload), fresh.find(isWorkload)];
  const [was, is] = [hostOf(old), hostOf(fresh)];
  if (before === undefined || (after !== undefined && was === is)) return [];
  const { name } = Object(before.object.metadata);
  const where = (host: string | undefined) => (host === undefined ? 'its name inside the cluster' : `https://${host}`);
  const [change, fix] =
    after === undefined
      ? [`goes from ${where(was)}`, 'remove its worker in the engine, and tell those who have the address']
      : [
          `moves from ${where(was)} to ${where(is)}`,
          `once it is live, npm run register -- ${name}, and tell those who have the address`,
        ];
  const message = `"${name}" ${change}: the engine and MCP clients go on calling the old address`;
  return [new Problem('ADDRESS-CHANGED', message, { file, fix, level: 'warning' })];
}

function isWorkload({ object: { kind } }: Objects[number]): boolean {
  return kind === 'Deployment' || kind === 'HelmRelease';
}

/** The public host; undefined for a server that has none. */
function hostOf(objects: Objects): string | undefined {
  const found = objects.flatMap(({ object }) => [
    object.kind === 'Ingress' ? at(object, 'spec', 'rules', '0', 'host') : undefined,
    object.kind === 'HelmRelease' ? at(object, 'spec', 'values', 'ingress', 'hosts', '0') : undefined,
    object.kind === 'HTTPRoute' ? at(object, 'spec', 'hostnames', '0') : undefined,
  ]);
  return found.find((host) => typeof host === 'string');
}
