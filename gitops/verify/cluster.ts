import { z } from 'zod';
import { parseImage } from '../../model/image';
import { Problem, type ProblemCode } from '../../model/problem';
import { jsonOf } from './ask';
import type { World } from './node-world';
import { failed, passed, type Step, skipped } from './step';
import type { ClusterTarget } from './target';

const text = z.string().optional();
const Condition = z.object({ type: z.string(), status: z.string(), message: text, reason: text });

const KubernetesObject = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), generation: z.number().default(0), deletionTimestamp: text }),
  spec: z.object({ containers: z.array(z.object({ image: z.string() })).default([]) }).default({ containers: [] }),
  status: z
    .object({
      conditions: z.array(Condition).optional(),
      observedGeneration: z.number().optional(),
      history: z.array(z.object({ chartVersion: text })).optional(),
      phase: text,
    })
    .default({}),
});

/** A Kubernetes object: the members that verify uses. */
export type KubernetesObject = z.output<typeof KubernetesObject>;

const List = z.object({ items: z.array(KubernetesObject) });

/** The controller has decrypted the sealed values and written the Secret. */
export const isUnsealed = clusterStep('sealed', 'SealedSecret is synced', ({ secretName, namespace }, objects) => {
  const object = find(objects, 'SealedSecret', secretName);
  const fault = notReady(object, 'Synced');
  if (fault === undefined) return secretName;
  const fix =
    object === undefined
      ? 'see whether Flux applied it: flux get kustomizations -A'
      : `kubectl -n ${namespace} describe sealedsecret ${secretName}; if no key decrypts it, seal again for this cluster`;
  return ['SECRET-NOT-SYNCED', `SealedSecret ${secretName} ${fault}`, fix];
});

/** Flux runs the declared version of the chart, and nobody has changed what it installed. */
export const isReleased: Step = {
  ...clusterStep('release', 'HelmRelease is ready, not drifted', ({ release, namespace }, objects) => {
    const { name = '', chartVersion = '' } = release ?? {};
    const object = find(objects, 'HelmRelease', name);
    const version = object?.status.history?.[0]?.chartVersion;
    const isOther = version !== chartVersion;
    const fault =
      notReady(object, 'Ready') ??
      (isOther ? `runs chart ${version ?? 'of no version'}; declared is ${chartVersion}` : undefined);
    if (fault !== undefined) {
      const fix = `flux -n ${namespace} get helmrelease ${name}; kubectl -n ${namespace} describe helmrelease ${name}`;
      return ['RELEASE-NOT-READY', `HelmRelease ${name} ${fault}`, fix];
    }
    const { status, message, reason } = conditionOf(object, 'Drifted') ?? {};
    if (status !== 'True') return chartVersion;
    const fix = `flux -n ${namespace} events --for HelmRelease/${name} names what was changed by hand; flux reconcile helmrelease ${name} -n ${namespace} --force reverts it`;
    return ['RELEASE-DRIFTED', `HelmRelease ${name} has drifted: ${message ?? reason ?? ''}`, fix];
  }),
  appliesTo: ({ cluster }) => cluster?.release !== undefined,
};

/** Every serving pod runs the declared image, and at least one is ready. */
export const runsImage = clusterStep('pods', 'pods run the expected image', (cluster, objects) => {
  const pods = objects.filter(isServing);
  const ready = pods.filter((pod) => conditionOf(pod, 'Ready')?.status === 'True');
  const others = pods.flatMap((pod) => {
    const image = serverImage(pod, cluster);
    return image === cluster.image ? [] : `${pod.metadata.name} runs ${image}`;
  });
  if (others.length === 0 && ready.length > 0) return `${ready.length} of ${pods.length} ready`;
  const what = others.length > 0 ? others.join(', ') : `none of ${pods.length} pods is ready`;
  const fix = `kubectl -n ${cluster.namespace} get pods -o wide; a rollout takes some minutes: --wait 5m`;
  return ['IMAGE-DIFFERS', `${what}; declared is ${cluster.image}`, fix];
});

/** Judges the objects of a server: the detail of a step that passes, or what is wrong and how to fix it. */
type Judge = (
  cluster: ClusterTarget,
  objects: readonly KubernetesObject[],
) => string | readonly [code: ProblemCode, what: string, fix: string];

/** The first step that asks gets all objects in one call, because starting kubectl costs more than the request. */
function clusterStep(name: Step['name'], title: string, judge: Judge): Step {
  return {
    name,
    title,
    appliesTo: ({ cluster }) => cluster !== undefined,
    async run({ name: server, cluster }, facts, world) {
      if (cluster === undefined) return skipped('the cluster is not asked');
      const clusterObjects = facts.clusterObjects ?? (await objectsIn(cluster, world));
      const found = judge(cluster, clusterObjects);
      if (typeof found === 'string') return passed(found, { clusterObjects });
      const [code, what, fix] = found;
      const message = `The cluster does not run ${server} as declared: ${what}`;
      return failed(new Problem(code, message, { path: server, fix }), { clusterObjects });
    },
  };
}

/** @throws Problem CLUSTER or TOOL-MISSING */
async function objectsIn(cluster: ClusterTarget, world: World): Promise<readonly KubernetesObject[]> {
  const release = cluster.release === undefined ? [] : ['helmreleases.helm.toolkit.fluxcd.io'];
  const kinds = ['sealedsecrets.bitnami.com', 'pods', ...release].join(',');
  const body = await world.kubectl(['get', kinds, '--namespace', cluster.namespace, '--output', 'json']);
  const { success, data } = List.safeParse(jsonOf({ body }));
  if (success) return data.items;
  throw new Problem('CLUSTER', 'Cannot read the output of kubectl', { fix: 'use kubectl 1.28 or later' });
}

function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

function conditionOf(object: KubernetesObject | undefined, type: string) {
  return object?.status.conditions?.find((condition) => condition.type === type);
}

/** Why an object has not reached a condition, as the end of a sentence; undefined when it has. */
function notReady(object: KubernetesObject | undefined, condition: 'Synced' | 'Ready'): string | undefined {
  if (object === undefined) return 'is not there';
  const { generation } = object.metadata;
  if ((object.status.observedGeneration ?? generation) < generation) {
    return 'was changed, and its controller has not seen it yet';
  }
  const { status = 'Unknown', message } = conditionOf(object, condition) ?? {};
  return status === 'True' ? undefined : `is not ${condition.toLowerCase()}: ${message || status}`;
}

function isServing({ kind, metadata, status }: KubernetesObject): boolean {
  const isOver = ['Succeeded', 'Failed'].includes(status.phase ?? '');
  return kind === 'Pod' && metadata.deletionTimestamp === undefined && !isOver;
}

/** The image of the server's container: the one from the declared repository, else the first beside the sidecars. */
function serverImage({ spec }: KubernetesObject, { image }: ClusterTarget): string {
  const images = spec.containers.map((container) => container.image);
  const repository = parseImage(image)?.repository;
  return images.find((candidate) => parseImage(candidate)?.repository === repository) ?? images[0] ?? 'no image';
}
