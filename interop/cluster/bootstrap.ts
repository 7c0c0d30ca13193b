import { run } from '../../testing/processes/program';
import type { Setting } from './parts';
import { objectsOf } from './programs';

/** Applies the objects that the controllers need before they start: custom resource definitions, RBAC, two nodes. */
export async function bootstrap({ programs, folder }: Setting): Promise<void> {
  const kubectl = (args: readonly string[], input = '') =>
    run(programs.kubectl, ['--kubeconfig', `${folder}/admin.kubeconfig`, ...args], { input });
  const files = definers.flatMap((name) => objectsOf(programs[name]));
  await kubectl(['apply', '--server-side', ...files.flatMap((file) => ['-f', file])]);
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(list));
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
}

/** The programs whose custom resources are defined. No controller of the last four runs here. */
const definers = [
  ...(['sealed-secrets', 'source-controller', 'kustomize-controller', 'helm-controller'] as const),
  ...(['gateway-api', 'external-secrets', 'prometheus-operator', 'keda'] as const),
];

const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', group: 'rbac.authorization.k8s.io' };
const controller = { kind: 'ServiceAccount', name: 'sealed-secrets-controller', namespace: 'kube-system' };
const secrets = { apiGroups: [''], resources: ['secrets'] };

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } },
  ...['node-0', 'node-1'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, type: 'kwok' } },
  })),
  // The RBAC of the controller's own chart (helm/sealed-secrets of 0.40.0).
  {
    apiVersion: rbac.apiVersion,
    kind: 'ClusterRole',
    metadata: { name: 'secrets-unsealer' },
    rules: [
      { apiGroups: ['bitnami.com'], resources: ['sealedsecrets'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['bitnami.com'], resources: ['sealedsecrets/status'], verbs: ['update'] },
      { ...secrets, verbs: ['get', 'list', 'create', 'update', 'delete', 'watch'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    ],
  },
  {
    apiVersion: rbac.apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'sealed-secrets-controller' },
    roleRef: { apiGroup: rbac.group, kind: 'ClusterRole', name: 'secrets-unsealer' },
    subjects: [controller],
  },
  {
    apiVersion: rbac.apiVersion,
    kind: 'Role',
    metadata: { name: 'sealed-secrets-key-admin', namespace: 'kube-system' },
    rules: [{ ...secrets, verbs: ['create', 'list'] }],
  },
  {
    apiVersion: rbac.apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'sealed-secrets-key-admin', namespace: 'kube-system' },
    roleRef: { apiGroup: rbac.group, kind: 'Role', name: 'sealed-secrets-key-admin' },
    subjects: [controller],
  },
];
