import { Problem, type ProblemCode } from '../../model/problem';
import { jsonOf } from './ask';
import { conditionOf, faultOf, find, type KubernetesObject, objectsOf, saidBy } from './cluster-object';
import type { World } from './node-world';
import { type Facts, type Finding, failed, passed, type Step, skipped } from './step';
import type { ClusterTarget } from './target';

/** The controller has decrypted the sealed values and written the Secret. */
export const isUnsealed: Step = {
  ...clusterStep('sealed', 'SealedSecret is synced', ({ secretName, namespace }, objects) => {
    const object = find(objects, 'SealedSecret', secretName);
    if (object === undefined) return ['SECRET-NOT-SYNCED', `SealedSecret ${secretName} is not there`, notApplied];
    const fault = faultOf(object, 'Synced');
    if (fault === undefined) return secretName;
    const describe = `kubectl -n ${namespace} describe sealedsecret ${secretName}`;
    const fix = fault.isUnseen
      ? controllerFix('sealed-secrets', describe)
      : `${describe}; if no key decrypts it, seal again for this cluster`;
    return ['SECRET-NOT-SYNCED', `SealedSecret ${secretName} ${fault.what}`, fix];
  }),
  appliesTo: ({ cluster }) => cluster !== undefined && cluster.stored === undefined,
};

/** Flux runs the declared version of the chart, and nobody has suspended it or changed what it installed. */
export const isReleased: Step = {
  ...clusterStep('release', 'HelmRelease is ready, not drifted', ({ release, namespace }, objects) => {
    const { name = '', chartVersion = '' } = release ?? {};
    const object = find(objects, 'HelmRelease', name);
    if (object === undefined) return ['RELEASE-NOT-READY', `HelmRelease ${name} is not there`, notApplied];
    if (object.spec.suspend) {
      const what = `HelmRelease ${name} is suspended: Flux applies no change and puts nothing back`;
      return ['RELEASE-SUSPENDED', what, `flux resume helmrelease ${name} -n ${namespace}`];
    }
    const fault = faultOf(object, 'Ready');
    const version = object.status.history?.[0]?.chartVersion;
    if (fault !== undefined || version !== chartVersion) {
      const what = fault?.what ?? `runs chart ${version ?? 'of no version'}; declared is ${chartVersion}`;
      const fix = fault?.isUnseen
        ? `flux check shows whether the controller runs; what it says: kubectl -n ${namespace} describe helmrelease ${name}`
        : `flux -n ${namespace} get helmrelease ${name}; kubectl -n ${namespace} describe helmrelease ${name}`;
      return ['RELEASE-NOT-READY', `HelmRelease ${name} ${what}`, fix];
    }
    const drifted = conditionOf(object, 'Drifted');
    if (drifted?.status !== 'True') return chartVersion;
    return ['RELEASE-DRIFTED', `HelmRelease ${name} has drifted: ${saidBy(drifted)}`, revertOf(name, namespace)];
  }),
  appliesTo: ({ cluster }) => cluster?.release !== undefined,
};

/**
 * helm-controller puts back what was changed by hand in the mode `enabled` alone: a forced reconciliation only reports it
 * again (1.6.1, atomic_release.go). The mode that is declared comes back when Flux next applies the HelmRelease.
 */
function revertOf(name: string, namespace: string): string {
  const patch = JSON.stringify({ spec: { driftDetection: { mode: 'enabled' } } });
  return `flux -n ${namespace} events --for HelmRelease/${name} names what was changed by hand; this reverts it: kubectl -n ${namespace} patch helmrelease ${name} --type merge -p '${patch}' && flux -n ${namespace} reconcile helmrelease ${name}`;
}

/** What to do about an object that its controller has not seen. @param describe the command that shows what it says */
export function controllerFix(controller: string, describe: string): string {
  return `kubectl get pods -A | grep ${controller} shows whether the controller runs; what it says: ${describe}`;
}

/** What to do about an object that is not there. */
export const notApplied = 'see whether Flux applied it: flux get kustomizations -A';

/**
 * Judges the objects of a server: the detail of a step that passes, or what is wrong and how to fix it, which may be no
 * more than a warning. Undefined: there is nothing to judge.
 */
export type Judge = (
  cluster: ClusterTarget,
  objects: readonly KubernetesObject[],
  facts: Facts,
) => string | readonly [code: ProblemCode, what: string, fix: string, level?: 'warning'] | undefined;

/** The first step that asks gets all objects in one call, because starting kubectl costs more than the request. */
export function clusterStep(name: Step['name'], title: string, judge: Judge): Step {
  return {
    name,
    title,
    appliesTo: ({ cluster }) => cluster !== undefined,
    async run({ name: server, cluster }, facts, world) {
      if (cluster === undefined) return skipped('the cluster is not asked');
      const clusterObjects = facts.clusterObjects ?? (await objectsOfServer(cluster, world));
      return { ...judged(server, judge(cluster, clusterObjects, facts)), facts: { clusterObjects } };
    },
  };
}

/** What a judge found, as the finding of a step. */
export function judged(server: string, found: ReturnType<Judge>): Finding {
  if (found === undefined) return skipped('there is no pod');
  if (typeof found === 'string') return passed(found);
  const [code, what, fix, level = 'error'] = found;
  const isSure = level === 'error' ? 'The cluster does not run' : 'It is not certain that the cluster runs';
  return failed(new Problem(code, `${isSure} ${server} as declared: ${what}`, { path: server, fix, level }));
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
 * The objects of these kinds in a namespace.
 * @param unknown what to do about a cluster that does not know one of the kinds. @default - what is to be done when kubectl fails
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
