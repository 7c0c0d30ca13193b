import { Problem, type ProblemCode } from '../../model/problem';
import { jsonOf } from './ask';
import { conditionOf, faultOf, find, type KubernetesObject, messageOf, objectsOf } from './cluster-object';
import type { World } from './node-world';
import { type Facts, type Finding, failed, passed, type Step, skipped } from './step';
import type { ClusterTarget } from './target';

/** The controller has decrypted the sealed values and written the Secret. */
export const isUnsealed: Step = {
  ...clusterStep('sealed', 'SealedSecret is synced', ({ secretName, namespace }, objects) => {
    const object = find(objects, 'SealedSecret', secretName);
    if (object === undefined) return ['SECRET-NOT-SYNCED', `SealedSecret ${secretName} does not exist`, notApplied];
    const fault = faultOf(object, 'Synced');
    if (fault === undefined) return secretName;
    const describe = `kubectl -n ${namespace} describe sealedsecret ${secretName}`;
    const fix = fault.isUnreported
      ? controllerFix('sealed-secrets', describe)
      : `${describe}; if no key decrypts it, seal again for this cluster`;
    return ['SECRET-NOT-SYNCED', `SealedSecret ${secretName} ${fault.what}`, fix];
  }),
  appliesTo: ({ cluster }) => cluster !== undefined && cluster.stored === undefined,
};

/** Flux runs the declared chart version, and the release is neither suspended nor drifted. */
export const isReleased: Step = {
  ...clusterStep('release', 'HelmRelease is ready, not drifted', ({ release, namespace }, objects) => {
    const { name = '', chartVersion = '' } = release ?? {};
    const object = find(objects, 'HelmRelease', name);
    if (object === undefined) return ['RELEASE-NOT-READY', `HelmRelease ${name} does not exist`, notApplied];
    if (object.spec.suspend) {
      const what = `HelmRelease ${name} is suspended: Flux applies no change and corrects no drift`;
      return ['RELEASE-SUSPENDED', what, `flux resume helmrelease ${name} -n ${namespace}`];
    }
    const fault = faultOf(object, 'Ready');
    const version = object.status.history?.[0]?.chartVersion;
    if (fault !== undefined || version !== chartVersion) {
      const what = fault?.what ?? `runs chart ${version ?? 'without a version'}; expected ${chartVersion}`;
      const fix = fault?.isUnreported
        ? `flux check shows whether the controller runs; for details: kubectl -n ${namespace} describe helmrelease ${name}`
        : `flux -n ${namespace} get helmrelease ${name}; kubectl -n ${namespace} describe helmrelease ${name}`;
      return ['RELEASE-NOT-READY', `HelmRelease ${name} ${what}`, fix];
    }
    const drifted = conditionOf(object, 'Drifted');
    if (drifted?.status !== 'True') return chartVersion;
    return ['RELEASE-DRIFTED', `HelmRelease ${name} has drifted: ${messageOf(drifted)}`, revertOf(name, namespace)];
  }),
  appliesTo: ({ cluster }) => cluster?.release !== undefined,
};

/**
 * helm-controller corrects drift in the mode `enabled` only; a forced reconciliation just reports it again (1.6.1,
 * atomic_release.go). Flux restores the declared mode when it next applies the HelmRelease.
 */
function revertOf(name: string, namespace: string): string {
  const patch = JSON.stringify({ spec: { driftDetection: { mode: 'enabled' } } });
  return `flux -n ${namespace} events --for HelmRelease/${name} lists the manual changes; to revert them: kubectl -n ${namespace} patch helmrelease ${name} --type merge -p '${patch}' && flux -n ${namespace} reconcile helmrelease ${name}`;
}

/** The fix for an object that its controller has not reconciled. @param describe the command that shows its status */
export function controllerFix(controller: string, describe: string): string {
  return `kubectl get pods -A | grep ${controller} shows whether the controller runs; for details: ${describe}`;
}

/** The fix for a missing object. */
export const notApplied = 'check whether Flux applied it: flux get kustomizations -A';

/**
 * Judges the objects of a server. Returns the detail of a passed step, or a problem (perhaps only a warning) with its fix;
 * undefined when there is nothing to judge.
 */
export type Judge = (
  cluster: ClusterTarget,
  objects: readonly KubernetesObject[],
  facts: Facts,
) => string | readonly [code: ProblemCode, what: string, fix: string, level?: 'warning'] | undefined;

/** Makes a step of a judge. The first such step gets all objects in one call: starting kubectl costs more than the request. */
export function clusterStep(name: Step['name'], title: string, judge: Judge): Step {
  return {
    name,
    title,
    appliesTo: ({ cluster }) => cluster !== undefined,
    async run({ name: server, cluster }, facts, world) {
      if (cluster === undefined) return skipped('the cluster is not checked');
      const clusterObjects = facts.clusterObjects ?? (await objectsOfServer(cluster, world));
      return { ...judged(server, judge(cluster, clusterObjects, facts)), facts: { clusterObjects } };
    },
  };
}

/** Turns the verdict of a judge into a finding. */
export function judged(server: string, found: ReturnType<Judge>): Finding {
  if (found === undefined) return skipped('there is no pod');
  if (typeof found === 'string') return passed(found);
  const [code, what, fix, level = 'error'] = found;
  const subject = level === 'error' ? 'The cluster does not run' : 'The cluster may not run';
  return failed(new Problem(code, `${subject} ${server} as declared: ${what}`, { path: server, fix, level }));
}

function objectsOfServer(
  { namespace, release, stored }: ClusterTarget,
  world: World,
): Promise<readonly KubernetesObject[]> {
  const secrets = {
    sealed: ['sealedsecrets.bitnami.com'],
    external: ['externalsecrets.external-secrets.io'],
    existing: [],
  }[stored?.kind ?? 'sealed'];
  return objectsIn(namespace, [...secrets, 'pods', ...(release ? ['helmreleases.helm.toolkit.fluxcd.io'] : [])], world);
}

/**
 * Gets the objects of these kinds in a namespace.
 * @param unknown the fix when the cluster does not know one of the kinds. @default - the fix for a failed kubectl
 * @throws Problem CLUSTER or TOOL-MISSING
 */
export async function objectsIn(
  namespace: string,
  kinds: readonly string[],
  world: World,
  unknown?: string,
): Promise<readonly KubernetesObject[]> {
  const args = ['get', kinds.join(','), '--namespace', namespace, '--output', 'json'];
  const body = await world.kubectl(args).catch((error: unknown) => {
    const isUnknown = error instanceof Problem && error.message.includes("doesn't have a resource type");
    if (unknown === undefined || !isUnknown) throw error;
    throw new Problem('CLUSTER', error.message, { fix: unknown, cause: error });
  });
  const objects = objectsOf(jsonOf({ body }));
  if (objects !== undefined) return objects;
  throw new Problem('CLUSTER', 'Cannot read the output of kubectl', { fix: 'use kubectl 1.28 or later' });
}
