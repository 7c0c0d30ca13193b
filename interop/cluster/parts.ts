import { join } from 'node:path';
import type { Part } from './processes';
import type { Programs } from './programs';

/** The inputs for the parts of a cluster. */
export interface Setting {
  readonly programs: Programs;
  /** The folder of keys, kubeconfigs and data. */
  readonly folder: string;
  /** A free loopback port for each listener. */
  readonly ports: Ports;
}

export type Ports = Readonly<Record<(typeof listeners)[number], number>>;

/** The names of all listeners. */
export const listeners = [
  'etcd',
  'etcdPeers',
  'apiServer',
  'controllerManager',
  'scheduler',
  'kwok',
  'sealedSecrets',
  'sealedSecretsMetrics',
  'source',
  'sourceMetrics',
  'artifacts',
  'kustomize',
  'kustomizeMetrics',
  'helm',
  'helmMetrics',
  'web',
] as const;

/** The users of the API server by the name of their kubeconfig file: user name and groups. */
export const users = {
  admin: { name: 'admin', groups: ['system:masters'] },
  'controller-manager': { name: 'system:kube-controller-manager', groups: [] },
  scheduler: { name: 'system:kube-scheduler', groups: [] },
  'sealed-secrets': {
    name: 'system:serviceaccount:kube-system:sealed-secrets-controller',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system'],
  },
} as const;

const loopback = '127.0.0.1';

/** etcd and the API server, in start order. */
export function controlPlane({ programs, folder, ports }: Setting): readonly Part[] {
  const file = (name: string) => join(folder, name);
  const [client, peers] = [`http://${loopback}:${ports.etcd}`, `http://${loopback}:${ports.etcdPeers}`];
  const etcd = flags({
    'data-dir': file('etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peers,
    'initial-advertise-peer-urls': peers,
    'initial-cluster': `default=${peers}`,
    // The data need not survive a crash.
    'unsafe-no-fsync': 'true',
  });
  const apiServer = flags({
    'etcd-servers': client,
    'bind-address': loopback,
    'advertise-address': loopback,
    'secure-port': String(ports.apiServer),
    // It may not publish a loopback address as an endpoint, and would retry forever.
    'endpoint-reconciler-type': 'none',
    'service-cluster-ip-range': '10.96.0.0/16',
    'authorization-mode': 'Node,RBAC',
    'client-ca-file': file('ca.crt'),
    'token-auth-file': file('tokens.csv'),
    'tls-cert-file': file('tls.crt'),
    'tls-private-key-file': file('tls.key'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': file('service-accounts.key'),
    'service-account-signing-key-file': file('service-accounts.key'),
    'cert-dir': folder,
  });
  return [
    { name: 'etcd', command: [programs.etcd, ...etcd], ready: `${client}/health` },
    {
      name: 'kube-apiserver',
      command: [programs['kube-apiserver'], ...apiServer],
      ready: `https://${loopback}:${ports.apiServer}/readyz`,
    },
  ];
}

/** The controllers, in any order. They require their custom resource definitions. */
export function controllers(setting: Setting): readonly Part[] {
  return [...kubernetes(setting), sealedSecrets(setting), ...flux(setting)];
}

function kubernetes({ programs, folder, ports }: Setting): readonly Part[] {
  const file = (name: string) => join(folder, name);
  const common = (user: string, port: number) => ({
    kubeconfig: file(`${user}.kubeconfig`),
    'authentication-kubeconfig': file(`${user}.kubeconfig`),
    'authorization-kubeconfig': file(`${user}.kubeconfig`),
    'leader-elect': 'false',
    'bind-address': loopback,
    'secure-port': String(port),
    'cert-dir': folder,
  });
  const manager = flags({
    ...common('controller-manager', ports.controllerManager),
    'use-service-account-credentials': 'true',
    'service-account-private-key-file': file('service-accounts.key'),
    'root-ca-file': file('ca.crt'),
    // The default is 15 s, and the suite waits for it.
    'horizontal-pod-autoscaler-sync-period': '2s',
  });
  const kwok = flags({
    kubeconfig: file('admin.kubeconfig'),
    config: file('stages.yaml'),
    'manage-all-nodes': 'true',
    'node-lease-duration-seconds': '40',
    'server-address': `${loopback}:${ports.kwok}`,
  });
  return [
    {
      name: 'kube-controller-manager',
      command: [programs['kube-controller-manager'], ...manager],
      ready: `https://${loopback}:${ports.controllerManager}/healthz`,
    },
    {
      name: 'kube-scheduler',
      command: [programs['kube-scheduler'], ...flags(common('scheduler', ports.scheduler))],
      ready: `https://${loopback}:${ports.scheduler}/healthz`,
    },
    { name: 'kwok', command: [programs.kwok, ...kwok], ready: `http://${loopback}:${ports.kwok}/healthz` },
  ];
}

/**
 * The controller of sealed-secrets finds the API server only as a pod does (0.40.0, pkg/controller/main.go): by two
 * variables and by files at a fixed path. They are mounted there in a separate mount namespace, which a user namespace
 * allows without root. `exec` keeps the process id of the started process.
 */
function sealedSecrets({ programs, folder, ports }: Setting): Part {
  const place = '/var/run/secrets/kubernetes.io/serviceaccount';
  const script = `mount -t tmpfs tmpfs /var/run && mkdir -p ${place} && cp "$0"/* ${place}/ && exec "$@"`;
  const controller = flags({
    'listen-addr': `${loopback}:${ports.sealedSecrets}`,
    'listen-metrics-addr': `${loopback}:${ports.sealedSecretsMetrics}`,
  });
  return {
    name: 'sealed-secrets',
    command: [
      ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, join(folder, 'service-account')],
      ...[programs['sealed-secrets'], ...controller],
    ],
    environment: { KUBERNETES_SERVICE_HOST: loopback, KUBERNETES_SERVICE_PORT: String(ports.apiServer) },
    // Answers once the controller has generated its key.
    ready: `http://${loopback}:${ports.sealedSecrets}/v1/cert.pem`,
    fix: 'if unshare is denied, allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0), or run as root',
  };
}

function flux({ programs, folder, ports }: Setting): readonly Part[] {
  const controller = (name: 'source' | 'kustomize' | 'helm', more: Readonly<Record<string, string>> = {}): Part => {
    const common = {
      'health-addr': `${loopback}:${ports[name]}`,
      'metrics-addr': `${loopback}:${ports[`${name}Metrics`]}`,
      'watch-all-namespaces': 'true',
      // How long to wait for a dependency. The default is 30 s.
      'requeue-dependency': '1s',
    };
    return {
      name: `${name}-controller`,
      command: [programs[`${name}-controller`], ...flags({ ...common, ...more })],
      environment: {
        KUBECONFIG: join(folder, 'admin.kubeconfig'),
        RUNTIME_NAMESPACE: 'flux-system',
        TUF_ROOT: join(folder, 'tuf'),
      },
      ready: `http://${loopback}:${ports[name]}/healthz`,
    };
  };
  const artifacts = `${loopback}:${ports.artifacts}`;
  return [
    controller('source', {
      'storage-path': join(folder, 'artifacts'),
      'storage-addr': artifacts,
      // The address in the objects' status, from which the other two controllers download.
      'storage-adv-addr': artifacts,
    }),
    controller('kustomize'),
    controller('helm'),
  ];
}

function flags(values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}
