import { parseImage } from '../../model/image';
import { clusterStep } from './cluster';
import { conditionOf, find, type KubernetesObject } from './cluster-object';

/** Every serving pod runs the declared image, none is stuck starting and at least one is ready. Warns unless all are. */
export const runsImage = clusterStep('pods', 'pods run the expected image', ({ image, namespace }, objects) => {
  const pods = objects.filter(isServing);
  const ready = pods.filter((pod) => conditionOf(pod, 'Ready')?.status === 'True');
  const running = pods.map((pod) => ({ name: pod.metadata.name, ...runningImage(pod, image) }));
  const others = running.filter(({ match }) => match === 'other').map((pod) => `${pod.name} runs ${pod.image}`);
  const waiting = pods.flatMap(waitOf);
  const [first] = waiting;
  if (first !== undefined) {
    const what = [...waiting.map(({ pod, reason }) => `${pod} waits: ${reason}`), ...others].join(', ');
    return ['PODS-WAITING', `${what}; expected ${image}`, `kubectl -n ${namespace} describe pod ${first.pod}`];
  }
  if (others.length > 0 || ready.length === 0) {
    const what = others.length > 0 ? others.join(', ') : `none of ${pods.length} pods is ready`;
    const fix = `kubectl -n ${namespace} get replicasets,pods -o wide; a rollout takes a few minutes: --wait 5m`;
    return ['IMAGE-DIFFERS', `${what}; expected ${image}`, fix];
  }
  // Also true of a crash-looping worker between two restarts, and of one that has just started.
  const unready = pods.filter((pod) => !ready.includes(pod)).map(({ metadata }) => metadata.name);
  if (unready.length > 0) {
    const what = `${unready.join(', ')} not ready, ${ready.length} of ${pods.length} are`;
    return [
      'PODS-WAITING',
      what,
      `kubectl -n ${namespace} describe pod ${unready[0]}, unless it has just started`,
      'warning',
    ];
  }
  const rewritten = running.find(({ match }) => match === 'rewritten');
  if (rewritten === undefined) return `${ready.length} of ${pods.length} ready`;
  const isTagged = parseImage(rewritten.image)?.tag !== undefined;
  const how = isTagged ? 'the same path and tag in another registry' : 'a digest, with no tag to compare';
  const what = `${rewritten.name} runs ${rewritten.image}: ${how}; expected ${image}`;
  const fix = 'if admission rewrites images here, compare the digests in both registries';
  return ['IMAGE-REWRITTEN', what, fix, 'warning'];
});

/** Every serving pod reads the declared Secret and started after its last write. */
export const readsSecret = clusterStep('pods-secret', 'pods run on the current secret', (cluster, objects, facts) => {
  const { secretName, namespace } = cluster;
  const pods = objects.filter(isServing);
  if (pods.length === 0) return undefined;
  const fix = `kubectl -n ${namespace} rollout restart deployment`;
  const others = pods.filter((pod) => readers(pod, secretName).length === 0);
  if (others.length > 0) {
    const names = others.map((pod) => `${pod.metadata.name} reads ${secretsOf(pod).join(', ') || 'no Secret'}`);
    const next = `kubectl -n ${namespace} get replicasets,pods -o wide; a rollout takes a few minutes: --wait 5m`;
    return ['PODS-STALE', `${names.join(', ')}; expected ${secretName}`, next];
  }
  // lastUpdateTime moves with every change of the object, even of a label, but not with every reconciliation
  // (sealed-secrets 0.40.0, updateSealedSecretStatus).
  const writtenAt =
    facts.secretWrittenAt ?? conditionOf(find(objects, 'SealedSecret', secretName), 'Synced')?.lastUpdateTime;
  const older = pods.filter((pod) => startsOf(pod, secretName).some((at) => isBefore(at, writtenAt)));
  if (older.length === 0) return secretName;
  const names = older.map(({ metadata }) => metadata.name).join(', ');
  return ['PODS-STALE', `${names} started before ${secretName} was last written, at ${writtenAt}`, fix, 'warning'];
});

function isServing({ kind, metadata, status }: KubernetesObject): boolean {
  const isOver = ['Succeeded', 'Failed'].includes(status.phase ?? '');
  return kind === 'Pod' && metadata.deletionTimestamp === undefined && !isOver;
}

/** Why a pod does not start, such as a missing Secret. The stages of every normal start are ignored. */
function waitOf(pod: KubernetesObject): readonly { readonly pod: string; readonly reason: string }[] {
  const { initContainerStatuses, containerStatuses } = pod.status;
  const scheduled = conditionOf(pod, 'PodScheduled');
  const reasons = [
    ...(scheduled?.status === 'False' ? [scheduled] : []),
    ...[...initContainerStatuses, ...containerStatuses].flatMap(({ state }) => state.waiting ?? []),
  ].filter(({ reason }) => reason !== undefined && !['ContainerCreating', 'PodInitializing'].includes(reason));
  const texts = reasons.map(({ reason, message }) => [reason, message].filter(Boolean).join(', '));
  return texts.slice(0, 1).map((reason) => ({ pod: pod.metadata.name, reason }));
}

/** How the image of a pod compares. Admission may add a digest, or name a mirror with the same path below its own. */
type Match = 'same' | 'rewritten' | 'other';

/** The image of the server's container, which may have sidecars, and how it compares with the declared one. */
function runningImage({ spec }: KubernetesObject, declared: string): { readonly image: string; readonly match: Match } {
  const images = spec.containers.map(({ image }) => ({ image, match: matchOf(image, declared) }));
  return (
    images.find(({ match }) => match === 'same') ??
    images.find(({ match }) => match === 'rewritten') ??
    images.find(({ image }) => parseImage(image)?.repository === parseImage(declared)?.repository) ??
    images[0] ?? { image: 'no image', match: 'other' }
  );
}

function matchOf(running: string, declared: string): Match {
  const [found, wanted] = [parseImage(running), parseImage(declared)];
  if (running === declared) return 'same';
  if (found === undefined || wanted === undefined) return 'other';
  const path = wanted.repository.slice(wanted.repository.indexOf('/'));
  const isHere = found.repository === wanted.repository;
  if (!isHere && !found.repository.endsWith(path)) return 'other';
  if (wanted.digest !== undefined) {
    if (found.digest !== wanted.digest) return 'other';
    return isHere ? 'same' : 'rewritten';
  }
  if (found.tag === undefined) return 'rewritten';
  if (found.tag !== wanted.tag) return 'other';
  return isHere ? 'same' : 'rewritten';
}

type Container = KubernetesObject['spec']['containers'][number];

function secretsIn({ envFrom, env }: Container): readonly string[] {
  return [...envFrom.map(({ secretRef }) => secretRef), ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef)].flatMap(
    (reference) => reference?.name ?? [],
  );
}

function secretsOf({ spec }: KubernetesObject): readonly string[] {
  return [...new Set(spec.containers.flatMap(secretsIn))];
}

/** The containers whose environment comes from this Secret. They read it once, when they start. */
function readers({ spec }: KubernetesObject, secret: string): readonly Container[] {
  return spec.containers.filter((container) => secretsIn(container).includes(secret));
}

function startsOf(pod: KubernetesObject, secret: string): readonly (string | undefined)[] {
  const names = readers(pod, secret).map(({ name }) => name);
  return pod.status.containerStatuses
    .filter(({ name }) => names.includes(name))
    .map(({ state }) => state.running?.startedAt);
}

function isBefore(first: string | undefined, second: string | undefined): boolean {
  return first !== undefined && second !== undefined && Date.parse(first) < Date.parse(second);
}
