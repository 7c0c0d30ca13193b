import type { z } from 'zod';
import { annotationsRule } from './fields';
import { at, isRecord } from './json';
import { foreignLabelsRule, labelsRule, podAnnotationsRule } from './labels';
import { quantityFault } from './quantity';
import { rule } from './schema-problems';
import { tolerations } from './toleration';
import { isReserved } from './variable';
import { mountFault } from './volume';
import { unsafeParts } from './yaml-safe';

/** The one container of a pod. */
export const containerName = 'worker';

/**
 * Rejects parts of a pod template patch that would override another field, the platform or the worker's contract, that an
 * API server rejects, or that `kubectl` reads as a directive. The rest is validated with the rendered object.
 */
export function patchRule(patch: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  for (const { code, path, found, fix } of unsafeParts(patch, '')) rule(context, code, found, fix, [path.slice(1)]);
  for (const { path, value } of placesIn(patch)) {
    const found = faultAt(path, value);
    if (found !== undefined) rule(context, undefined, found[0], found[1], [...path]);
  }
  metadataRule(patch.metadata, context);
  const spec = Object(patch.spec);
  textsRule(spec.nodeSelector, ['spec', 'nodeSelector'], context, labelsRule);
  const tolerated = tolerations.optional().safeParse(spec.tolerations);
  for (const { message, path, ...issue } of tolerated.error?.issues ?? []) {
    const params: unknown = issue.code === 'custom' ? issue.params : undefined;
    context.addIssue({ code: 'custom', message, params: Object(params), path: ['spec', 'tolerations', ...path] });
  }
}

type Fault = readonly [found: string, fix: string];
type Path = readonly string[];

const elsewhere = 'is set elsewhere';
const inField = (name: string): Fault => [elsewhere, `write it in the field ${name}`];
const takeOut = (reason: string): Fault => [elsewhere, `remove it: ${reason}`];
const restricted = takeOut('pods run at the Pod Security level restricted');
const single = takeOut(`a pod has one container, "${containerName}"`);
const restarted = takeOut('a Deployment always restarts its containers');
const stopTime = takeOut("it follows from the worker's drain and stop times");

/** Places that a patch must not change; `*` matches any list item. */
const decided: Readonly<Record<string, Fault>> = {
  'spec.activeDeadlineSeconds': takeOut('a Deployment rejects it'),
  'spec.automountServiceAccountToken': [elsewhere, 'write serviceAccount: { …, token: true }'],
  'spec.enableServiceLinks': takeOut('it would add to the environment'),
  'spec.ephemeralContainers': single,
  'spec.hostIPC': restricted,
  'spec.hostNetwork': restricted,
  'spec.hostPID': restricted,
  'spec.initContainers': single,
  'spec.nodeName': ['bypasses the scheduler', 'write nodeSelector'],
  'spec.restartPolicy': restarted,
  'spec.securityContext': restricted,
  'spec.serviceAccount': inField('serviceAccount'),
  'spec.serviceAccountName': inField('serviceAccount'),
  'spec.terminationGracePeriodSeconds': stopTime,
  'spec.containers.*.envFrom': takeOut(
    "the pods' Secret is set here, and its name triggers rollouts; seal a value, or mount a volume",
  ),
  'spec.containers.*.env.*.value': inField('env'),
  'spec.containers.*.image': inField('image'),
  'spec.containers.*.livenessProbe': inField('probes'),
  'spec.containers.*.ports': takeOut("they follow from the worker's contract"),
  'spec.containers.*.readinessProbe': inField('probes'),
  'spec.containers.*.restartPolicy': restarted,
  'spec.containers.*.restartPolicyRules': restarted,
  'spec.containers.*.resources.limits.cpu': inField('resources'),
  'spec.containers.*.resources.limits.memory': inField('resources'),
  'spec.containers.*.resources.requests.cpu': inField('resources'),
  'spec.containers.*.resources.requests.memory': inField('resources'),
  'spec.containers.*.securityContext': restricted,
};

/** The fault at one place of a patch. */
function faultAt(path: Path, value: unknown): Fault | undefined {
  const place = placeOf(path);
  const key = path.at(-1) ?? '';
  if (/^\$(patch|retainKeys|setElementOrder|deleteFromPrimitiveList)\b/.test(key))
    return ['is a directive to kubectl', 'remove it: the merge happens here, and it cannot delete'];
  if (path.length === 1 && !['metadata', 'spec'].includes(key)) {
    return ['is not a field of a pod template', 'write it inside spec, if it is a field of a pod'];
  }
  if (place === 'spec.containers.*') return containerFault(value);
  if (place === 'spec.containers.*.env.*') {
    const name = String(at(value, 'name'));
    return isReserved(name) || times.includes(name) ? [`sets ${name}, which ${elsewhere}`, 'remove it'] : undefined;
  }
  if (place === 'spec.containers.*.volumeMounts.*.mountPath' && typeof value === 'string')
    return pair(mountFault(value));
  const resource = /^spec\.containers\.\*\.resources\.(limits|requests)\.(.+)$/.exec(place)?.[2];
  if (resource !== undefined && !(place in decided)) return pair(quantityFault(resource, String(value)));
  if (place === 'spec.volumes.*.emptyDir.sizeLimit') return pair(quantityFault('memory', String(value)));
  return Object.hasOwn(decided, place) ? decided[place] : undefined;
}

const times: readonly string[] = ['WORKER_DRAIN_SECONDS', 'ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN'];

function containerFault(container: unknown): Fault | undefined {
  const name = at(container, 'name');
  if (name === containerName) return undefined;
  const found = name === undefined ? 'has no name' : `names the container ${JSON.stringify(name).slice(0, 80)}`;
  return [`${found}, but a pod has only "${containerName}"`, `write name: '${containerName}'`];
}

function metadataRule(metadata: unknown, context: z.core.$RefinementCtx): void {
  if (!isRecord(metadata)) return;
  for (const key of Object.keys(metadata).filter((each) => !['labels', 'annotations'].includes(each)))
    rule(context, undefined, "is not a field of a template's metadata", 'remove it; it has labels and annotations', [
      'metadata',
      key,
    ]);
  textsRule(metadata.labels, ['metadata', 'labels'], context, labelsRule);
  textsRule(metadata.labels, ['metadata', 'labels'], context, foreignLabelsRule);
  textsRule(metadata.annotations, ['metadata', 'annotations'], context, annotationsRule);
  textsRule(metadata.annotations, ['metadata', 'annotations'], context, podAnnotationsRule);
}

/** Applies a rule to the string members; other values are reported when the object is validated. */
function textsRule(
  value: unknown,
  path: Path,
  context: z.core.$RefinementCtx,
  check: (texts: Readonly<Record<string, string>>, context: z.core.$RefinementCtx, path: Path) => void,
): void {
  const texts = Object.entries(isRecord(value) ? value : {}).filter(([, each]) => typeof each === 'string');
  check(Object.fromEntries(texts) as Record<string, string>, context, path);
}

/** Every member and item of a patch, except inside labels and annotations, whose keys are data. */
function placesIn(value: unknown, above: Path = []): readonly { readonly path: Path; readonly value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const path = [...above, key];
    const isTable = ['metadata.labels', 'metadata.annotations'].includes(path.join('.'));
    return [{ path, value: member as unknown }, ...(isTable ? [] : placesIn(member, path))];
  });
}

function placeOf(path: Path): string {
  return path.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.');
}

function pair(fault: { readonly found: string; readonly fix: string } | undefined): Fault | undefined {
  return fault && [fault.found, fault.fix];
}
