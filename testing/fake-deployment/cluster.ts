import type { ClusterTarget } from '../../gitops/verify/target';

/** A server as it is declared for a cluster. */
export function clusterOf(name: string): ClusterTarget {
  return {
    namespace: name,
    secretName: `${name}-worker-secret`,
    release: { name, chartVersion: '2.0.72' },
    image: `registry.example.com/${name}:1.0.0`,
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

/** What a test changes about objects in which everything is well. */
export interface ClusterChanges {
  readonly without?: string;
  readonly sealed?: readonly Condition[];
  readonly release?: readonly Condition[];
  readonly chartVersion?: string;
  /** @default - the one that was observed */
  readonly generation?: number;
  readonly image?: string;
  readonly isReady?: 'True' | 'False';
}

/**
 * The objects of a server as an API server holds them, with a sidecar and a pod that is being deleted: fields as of
 * sealed-secrets 0.36.6, helm-controller 1.6 and Kubernetes 1.36.
 */
export function clusterObjects(name: string, changes: ClusterChanges = {}): readonly object[] {
  const { namespace, secretName, image } = clusterOf(name);
  const { generation = 1, chartVersion = '2.0.72', isReady = 'True' } = changes;
  const pod = (suffix: string, more: { metadata?: object; image?: string } = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-${suffix}`, namespace, ...more.metadata },
    spec: {
      containers: [
        { name: 'proxy', image: 'registry.example.com/proxy:3.1.0' },
        { name, image: more.image ?? changes.image ?? image },
      ],
    },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: isReady }] },
  });
  const objects = [
    {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: secretName, namespace, generation: 1 },
      spec: { encryptedData: {} },
      status: { observedGeneration: 1, conditions: changes.sealed ?? [{ type: 'Synced', status: 'True' }] },
    },
    {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name, namespace, generation },
      spec: { interval: '30m' },
      status: {
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'True' }, ...(changes.release ?? [])],
        history: [{ chartVersion }],
      },
    },
    pod('a'),
    pod('b'),
    pod('old', {
      metadata: { deletionTimestamp: '2026-11-23T00:00:00Z' },
      image: `registry.example.com/${name}:0.1.0`,
    }),
  ];
  return objects.filter(({ kind }) => kind !== changes.without);
}
