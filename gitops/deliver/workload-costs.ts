import { at } from '../../model/json';
import { Problem } from '../../model/problem';
import { objectsIn } from './flux/manifests';

type Objects = ReturnType<typeof objectsIn>;

/**
 * Warnings for changes to a server's objects that its callers notice: pods that stop for a while, and an address that
 * changes or disappears.
 */
export function workloadCosts(file: string, before: string, after = ''): readonly Problem[] {
  const [old, fresh] = [objectsIn(before), objectsIn(after)];
  return [
    ...replicaCosts(file, old, fresh),
    ...releaseReplacesObjects(file, old, fresh),
    ...objectsReplaceRelease(file, old, fresh),
    ...addressCosts(file, old, fresh),
  ];
}

/**
 * Warns when an autoscaler replaces a fixed number of replicas. Once no manager owns the field, Kubernetes resets it to the
 * default of 1, and the autoscaler scales up from there about 15 s later (observed with Kubernetes 1.36.3). A second field
 * manager keeps the number (https://kubernetes.io/docs/reference/using-api/server-side-apply, "Transferring ownership").
 * helm-controller removes the field itself.
 */
function replicaCosts(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  return old.flatMap(({ identity, object }) => {
    const next = fresh.find((other) => other.identity === identity)?.object;
    const [was, is] = [replicasOf(object), replicasOf(next)];
    if (next === undefined || was === undefined || was === 1 || is !== undefined) return [];
    const { name, namespace } = Object(object.metadata);
    const message = `"${name}" drops from ${was} pods to 1 immediately, and its autoscaler scales up from there about 15 s later`;
    const scale = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: { replicas: was } };
    const fix =
      object.kind === 'Deployment'
        ? `before merging, let a second field manager own the number: echo '${JSON.stringify(scale)}' | kubectl apply --server-side --field-manager=handover -f -`
        : 'merge when one pod is enough for a while';
    return [new Problem('REPLICAS-RESET', message, { file, fix, level: 'warning' })];
  });
}

/** The fixed number of replicas of an object; undefined under an autoscaler and for other kinds. */
function replicasOf(object: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const path = object?.kind === 'HelmRelease' ? ['spec', 'values', 'replicaCount'] : ['spec', 'replicas'];
  const found = ['HelmRelease', 'Deployment'].includes(String(object?.kind)) ? at(object, ...path) : undefined;
  return typeof found === 'number' ? found : undefined;
}

/**
 * Warns when a release replaces plain objects. Flux prunes the objects right after applying the release, while its chart is
 * still being fetched: 2 s without a pod (helm-controller 1.6.1). If Helm is faster, it adopts the objects and fails on
 * their immutable selector.
 */
function releaseReplacesObjects(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  const release = fresh.find(({ object }) => object.kind === 'HelmRelease');
  const deployment = old.find(({ object }) => object.kind === 'Deployment');
  if (release === undefined || deployment === undefined || old.some(({ object }) => object.kind === 'HelmRelease')) {
    return [];
  }
  const retry = at(release.object, 'spec', 'install', 'strategy', 'retryInterval');
  const { name } = Object(deployment.object.metadata);
  const message = `"${name}" is down from the moment Flux deletes its objects until Helm has installed the release, usually for seconds; if Helm is faster, it fails and retries after ${retry ?? 'a while'}`;
  const fix = 'choose a time when the server may be down for a few minutes, or undo the change';
  return [new Problem('RELEASE-REPLACED', message, { file, fix, level: 'warning' })];
}

/**
 * Warns when plain objects replace a release. Flux merges them into the release's objects of the same name, and the API
 * server rejects the result: a Service with two ports of one name, a changed immutable selector. Flux then applies and
 * prunes nothing, not even the release (kustomize-controller 1.9.6 with a chart whose objects are named after the release).
 */
function objectsReplaceRelease(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  const release = old.find(({ object }) => object.kind === 'HelmRelease');
  const isPlain = fresh.some(({ object }) => object.kind === 'Deployment');
  if (release === undefined || !isPlain) return [];
  const { name, namespace } = Object(release.object.metadata);
  const message = `Flux cannot replace the objects that Helm installed for "${name}": after the merge, it applies nothing that it reconciles together with ${file} until the release is deleted`;
  const fix = `right after the merge: kubectl -n ${namespace} delete helmrelease ${name}, and flux reconcile kustomization <the Kustomization that reads it>`;
  return [new Problem('RELEASE-REPLACED', message, { file, fix, level: 'warning' })];
}

/** Warns about a changed or removed address: the engine and MCP clients have the old one configured. */
function addressCosts(file: string, old: Objects, fresh: Objects): readonly Problem[] {
  const [before, after] = [old.find(isWorkload), fresh.find(isWorkload)];
  const [was, is] = [hostOf(old), hostOf(fresh)];
  if (before === undefined || (after !== undefined && was === is)) return [];
  const { name } = Object(before.object.metadata);
  const where = (host: string | undefined) => (host === undefined ? 'its name inside the cluster' : `https://${host}`);
  const [change, fix] =
    after === undefined
      ? [`is removed from ${where(was)}`, 'remove its worker in the engine, and inform the owners of its MCP clients']
      : [
          `moves from ${where(was)} to ${where(is)}`,
          `once it is live, npm run register -- ${name}, and inform the owners of its MCP clients`,
        ];
  const message = `"${name}" ${change}: the engine and MCP clients keep calling the old address`;
  return [new Problem('ADDRESS-CHANGED', message, { file, fix, level: 'warning' })];
}

function isWorkload({ object: { kind } }: Objects[number]): boolean {
  return kind === 'Deployment' || kind === 'HelmRelease';
}

/** The public host; undefined for a cluster-internal server. */
function hostOf(objects: Objects): string | undefined {
  const found = objects.flatMap(({ object }) => [
    object.kind === 'Ingress' ? at(object, 'spec', 'rules', '0', 'host') : undefined,
    object.kind === 'HelmRelease' ? at(object, 'spec', 'values', 'ingress', 'hosts', '0') : undefined,
    object.kind === 'HTTPRoute' ? at(object, 'spec', 'hostnames', '0') : undefined,
  ]);
  return found.find((host) => typeof host === 'string');
}
