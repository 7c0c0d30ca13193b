import { z } from 'zod';
import { parseImage } from '../../model/image';
import { Problem, type ProblemCode } from '../../model/problem';
import { jsonOf } from './ask';
import { type Facts, type Finding, failed, passed, type Step } from './step';
import type { ClusterTarget, Target } from './target';
import type { World } from './world';

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  message: z.string().optional(),
  reason: z.string().optional(),
});

const Status = z.object({
  conditions: z.array(Condition).optional(),
  observedGeneration: z.number().optional(),
  history: z.array(z.object({ chartVersion: z.string().optional() })).optional(),
  phase: z.string().optional(),
});

/** A Kubernetes object: the members that verify uses. */
const KubernetesObject = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), generation: z.number().optional(), deletionTimestamp: z.string().optional() }),
  spec: z
    .object({ containers: z.array(z.object({ image: z.string() })).optional() })
    .loose()
    .optional(),
  status: Status.optional(),
});

type KubernetesObject = z.output<typeof KubernetesObject>;

const List = z.object({ items: z.array(KubernetesObject) });

/** The controller has decrypted the sealed values and written the Secret. */
export const isUnsealed: Step = {
  name: 'sealed',
  title: 'SealedSecret is synced',
  needs: [],
  appliesTo: ({ cluster }) => cluster !== undefined,
  run: (target, _facts, world) =>
    inCluster(target, async (cluster) => {
      const clusterObjects = await askCluster(cluster, world);
      const object = find(clusterObjects, 'SealedSecret', cluster.secretName);
      const stale = object && isStale(object);
      const { status, message = '' } = conditionOf(object, 'Synced') ?? {};
      if (object !== undefined && !stale && status === 'True') return passed(cluster.secretName, { clusterObjects });
      const found =
        object === undefined
          ? 'is not there'
          : stale
            ? 'was changed, and its controller has not seen it yet'
            : `is not synced: ${message}`;
      const fix =
        object === undefined
          ? `see whether Flux applied it: flux get kustomizations -A`
          : `kubectl -n ${cluster.namespace} describe sealedsecret ${cluster.secretName}; if no key decrypts it, seal again for this cluster`;
      return failed(problem('SECRET-NOT-SYNCED', target, `SealedSecret ${cluster.secretName} ${found}`, fix), {
        clusterObjects,
      });
    }),
};

/** Flux runs the declared version of the chart, and nobody has changed what it installed. */
export const isReleased: Step = {
  name: 'release',
  title: 'HelmRelease is ready, not drifted',
  needs: [],
  appliesTo: ({ cluster }) => cluster?.release !== undefined,
  run: (target, facts, world) =>
    inCluster(target, async (cluster) => {
      const { name, chartVersion } = cluster.release ?? { name: target.name, chartVersion: '' };
      const object = find(await objectsOf(facts, cluster, world), 'HelmRelease', name);
      const found = releaseFault(object, chartVersion);
      if (found === undefined) return passed(chartVersion);
      const [code, what] = found;
      const fix =
        code === 'RELEASE-DRIFTED'
          ? `flux -n ${cluster.namespace} events --for HelmRelease/${name} names what was changed by hand; flux reconcile helmrelease ${name} -n ${cluster.namespace} --force reverts it`
          : `flux -n ${cluster.namespace} get helmrelease ${name}; kubectl -n ${cluster.namespace} describe helmrelease ${name}`;
      return failed(problem(code, target, `HelmRelease ${name} ${what}`, fix));
    }),
};

/** Every serving pod runs the declared image, and at least one is ready. */
export const runsImage: Step = {
  name: 'pods',
  title: 'pods run the expected image',
  needs: [],
  appliesTo: ({ cluster }) => cluster !== undefined,
  run: (target, facts, world) =>
    inCluster(target, async (cluster) => {
      const pods = (await objectsOf(facts, cluster, world)).filter(isServing);
      const ready = pods.filter((pod) => conditionOf(pod, 'Ready')?.status === 'True');
      const images = pods.map((pod) => [pod.metadata.name, serverImage(pod, cluster)] as const);
      const others = images
        .filter(([, image]) => image !== cluster.image)
        .map(([pod, image]) => `${pod} runs ${image}`);
      if (others.length === 0 && ready.length > 0) return passed(`${ready.length} of ${pods.length} ready`);
      const what = others.length > 0 ? others.join(', ') : `none of ${pods.length} pods is ready`;
      return failed(
        problem(
          'IMAGE-DIFFERS',
          target,
          `${what}; declared is ${cluster.image}`,
          `kubectl -n ${cluster.namespace} get pods -o wide; a rollout takes some minutes: --wait 5m`,
        ),
      );
    }),
};

async function inCluster(target: Target, judge: (cluster: ClusterTarget) => Promise<Finding>): Promise<Finding> {
  return target.cluster === undefined ? passed('') : judge(target.cluster);
}

/** One call for everything, because starting kubectl costs more than the request. */
async function askCluster(cluster: ClusterTarget, world: World): Promise<readonly unknown[]> {
  const release = cluster.release === undefined ? [] : ['helmreleases.helm.toolkit.fluxcd.io'];
  const kinds = ['sealedsecrets.bitnami.com', 'pods', ...release].join(',');
  const text = await world.kubectl(['get', kinds, '--namespace', cluster.namespace, '--output', 'json']);
  const { success, data } = List.safeParse(jsonOf({ body: text }));
  if (success) return data.items;
  throw new Problem('CLUSTER', 'Cannot read the output of kubectl', { fix: 'use kubectl 1.28 or later' });
}

/** What the step before got; asked again when that step could not ask. */
async function objectsOf(facts: Facts, cluster: ClusterTarget, world: World): Promise<readonly KubernetesObject[]> {
  const { data = [] } = z.array(KubernetesObject).safeParse(facts.clusterObjects ?? (await askCluster(cluster, world)));
  return data;
}

function find(objects: readonly unknown[], kind: string, name: string): KubernetesObject | undefined {
  const { data = [] } = z.array(KubernetesObject).safeParse(objects);
  return data.find((object) => object.kind === kind && object.metadata.name === name);
}

function conditionOf(object: KubernetesObject | undefined, type: string) {
  return object?.status?.conditions?.find((condition) => condition.type === type);
}

function isStale({ metadata: { generation }, status }: KubernetesObject): boolean {
  return generation !== undefined && status?.observedGeneration !== undefined && status.observedGeneration < generation;
}

function releaseFault(
  object: KubernetesObject | undefined,
  wanted: string,
): readonly [ProblemCode, string] | undefined {
  if (object === undefined) return ['RELEASE-NOT-READY', 'is not there'];
  const { status, message = '' } = conditionOf(object, 'Ready') ?? { status: 'Unknown' };
  if (isStale(object)) return ['RELEASE-NOT-READY', 'was changed, and its controller has not seen it yet'];
  if (status !== 'True') return ['RELEASE-NOT-READY', `is not ready: ${message || status}`];
  const version = object.status?.history?.[0]?.chartVersion;
  if (version !== wanted)
    return ['RELEASE-NOT-READY', `runs chart ${version ?? 'of no version'}; declared is ${wanted}`];
  const drift = conditionOf(object, 'Drifted');
  return drift?.status === 'True'
    ? ['RELEASE-DRIFTED', `has drifted: ${drift.message ?? drift.reason ?? ''}`]
    : undefined;
}

function isServing({ kind, metadata, status }: KubernetesObject): boolean {
  const isOver = ['Succeeded', 'Failed'].includes(status?.phase ?? '');
  return kind === 'Pod' && metadata.deletionTimestamp === undefined && !isOver;
}

/** The image of the server's container: the one from the declared repository, else the first beside the sidecars. */
function serverImage({ spec }: KubernetesObject, { image }: ClusterTarget): string {
  const images = spec?.containers?.map((container) => container.image) ?? [];
  const repository = parseImage(image)?.repository;
  return images.find((candidate) => parseImage(candidate)?.repository === repository) ?? images[0] ?? 'no image';
}

function problem(code: ProblemCode, { name }: Target, what: string, fix: string): Problem {
  return new Problem(code, `The cluster does not run ${name} as declared: ${what}`, { path: name, fix });
}
