import type { ClusterTarget } from '../../gitops/verify/target';

/** The expected state of a server in a cluster. */
export function clusterOf(name: string): ClusterTarget {
  return {
    namespace: name,
    secretName: `${name}-worker-secret`,
    release: { name, chartVersion: '2.0.72' },
    image: `registry.example.com/${name}:1.0.0`,
  };
}

/** A status condition of an object. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** A test's changes to the objects of a healthy server. */
export interface ClusterChanges {
  /** The kind of the objects to leave out. @default - none */
  readonly without?: string;
  /** Conditions of the SealedSecret. @default - synced */
  readonly sealed?: readonly Condition[];
  /** Conditions of the HelmRelease; each replaces the default of its type. @default - ready */
  readonly release?: readonly Condition[];
  readonly isSuspended?: boolean;
  readonly chartVersion?: string;
  /** Of the HelmRelease. @default - the observed one */
  readonly generation?: number;
  readonly image?: string;
  readonly isReady?: 'True' | 'False';
  /** The pod that is not ready, `a` or `b`. @default - none */
  readonly unready?: string;
  /** The kind of the object that is being deleted. @default - none */
  readonly deleted?: string;
  /** The waiting state of the server's container. @default - it runs */
  readonly waiting?: { readonly reason: string; readonly message?: string };
  /** @default - a second after the Secret was written */
  readonly startedAt?: string;
  /** The Secret that pods read. @default - the declared one */
  readonly reads?: string;
}

/**
 * The objects of a server as an API server returns them, including a sidecar and a pod that is being deleted: fields of
 * sealed-secrets 0.40, helm-controller 1.6 and Kubernetes 1.36.
 */
export function clusterObjects(name: string, changes: ClusterChanges = {}): readonly object[] {
  const { namespace, secretName } = clusterOf(name);
  const objects = [
    sealedSecret(clusterOf(name), changes),
    release(name, changes),
    pod(name, 'a', changes),
    pod(name, 'b', changes),
    {
      ...pod(name, 'old', { image: `registry.example.com/${name}:0.1.0`, reads: `${secretName}-old` }),
      metadata: { name: `${name}-old`, namespace, deletionTimestamp: '2026-11-23T00:00:00Z' },
    },
  ];
  const deletionTimestamp = '2026-11-23T00:00:00Z';
  return objects
    .filter(({ kind }) => kind !== changes.without)
    .map((object) =>
      object.kind === changes.deleted ? { ...object, metadata: { ...object.metadata, deletionTimestamp } } : object,
    );
}

const synced = { type: 'Synced', status: 'True', lastUpdateTime: '2026-11-23T00:00:01Z' };

function sealedSecret({ namespace, secretName }: ClusterTarget, { sealed = [synced] }: ClusterChanges) {
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: secretName, namespace, generation: 1 },
    spec: { encryptedData: {} },
    // Without conditions, the controller has not processed it yet.
    ...(sealed.length > 0 && { status: { observedGeneration: 1, conditions: sealed } }),
  };
}

function release(name: string, changes: ClusterChanges) {
  const { release: changed = [], isSuspended, chartVersion = '2.0.72', generation = 1 } = changes;
  const ready = { type: 'Ready', status: 'True', reason: 'UpgradeSucceeded', observedGeneration: 1 };
  const others = [ready].filter(({ type }) => !changed.some((condition) => condition.type === type));
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: name, generation },
    spec: { interval: '30m', ...(isSuspended && { suspend: true }) },
    status: { observedGeneration: 1, conditions: [...changed, ...others], history: [{ chartVersion }] },
  };
}

function pod(name: string, suffix: string, changes: ClusterChanges) {
  const { namespace, secretName, image } = clusterOf(name);
  const { waiting, startedAt = '2026-11-23T00:00:02Z', reads = secretName } = changes;
  const isReady = changes.unready === suffix ? 'False' : (changes.isReady ?? 'True');
  const state = waiting === undefined ? { running: { startedAt } } : { waiting };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-${suffix}`, namespace },
    spec: {
      containers: [
        { name: 'proxy', image: 'registry.example.com/proxy:3.1.0' },
        { name: 'worker', image: changes.image ?? image, envFrom: [{ secretRef: { name: reads } }] },
      ],
    },
    status: {
      phase: waiting === undefined ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: isReady }],
      containerStatuses: [
        { name: 'proxy', state: { running: { startedAt: '2026-11-23T00:00:00Z' } } },
        { name: 'worker', state },
      ],
    },
  };
}
