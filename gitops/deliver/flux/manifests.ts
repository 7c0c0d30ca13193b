import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import { isRecord } from '../../../model/json';

/** An object of a YAML text with its identity in a cluster. */
export interface FoundObject {
  /** `<group>/<kind>/<namespace>/<name>`. */
  readonly identity: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** The Kubernetes objects of a YAML text; other documents are skipped. */
export function objectsIn(text: string): readonly FoundObject[] {
  return documentsOf(text).flatMap((object) => {
    if (!isRecord(object) || typeof object.kind !== 'string') return [];
    const { name = '', namespace = '' } = metadataOf(object);
    const [, group = ''] = /^([^/]*)\//.exec(String(object.apiVersion)) ?? [];
    return [{ identity: [group, object.kind, String(namespace), String(name)].join('/'), object }];
  });
}

/** Whether an object's kind is namespaced, for the kinds of Kubernetes 1.36, ours and Flux's; false for unknown kinds. */
export function isNamespaced({ apiVersion, kind }: Readonly<Record<string, unknown>>): boolean {
  const [, group = ''] = /^([^/]*)\//.exec(String(apiVersion)) ?? [];
  return namespaced[group]?.includes(String(kind)) ?? /^(source|kustomize|helm)\.toolkit\.fluxcd\.io$/.test(group);
}

const namespaced: Readonly<Record<string, readonly string[]>> = {
  '': [
    ...['ConfigMap', 'Endpoints', 'Event', 'LimitRange', 'PersistentVolumeClaim', 'Pod', 'PodTemplate'],
    ...['ReplicationController', 'ResourceQuota', 'Secret', 'Service', 'ServiceAccount'],
  ],
  apps: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  autoscaling: ['HorizontalPodAutoscaler'],
  batch: ['CronJob', 'Job'],
  'bitnami.com': ['SealedSecret'],
  'coordination.k8s.io': ['Lease', 'LeaseCandidate'],
  'discovery.k8s.io': ['EndpointSlice'],
  'events.k8s.io': ['Event'],
  'external-secrets.io': ['ExternalSecret', 'PushSecret', 'SecretStore'],
  'gateway.networking.k8s.io': ['BackendTLSPolicy', 'Gateway', 'GRPCRoute', 'HTTPRoute', 'ReferenceGrant', 'TLSRoute'],
  'networking.k8s.io': ['Ingress', 'NetworkPolicy'],
  policy: ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io': ['Role', 'RoleBinding'],
};

/** Every document of a YAML text; empty when it does not parse, which the build reports. */
export function documentsOf(text: string): readonly unknown[] {
  try {
    // The schema that Flux uses.
    return loadAll(text, null, { schema: YAML11_SCHEMA });
  } catch {
    return [];
  }
}

/** The metadata of an object; empty when it has none. */
export function metadataOf({ metadata }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return isRecord(metadata) ? metadata : {};
}
