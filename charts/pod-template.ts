import { IntOrString, type PodTemplateSpec, type Probe, Quantity } from 'cdk8s-plus-28/lib/imports/k8s';
import { podOf } from '../model/pod';
import { containerName } from '../model/pod-patch';
import type { Server } from '../model/spec';
import { ownVolume, type Volume } from '../model/volume';
import { contract } from '../worker/contract';
import { environmentOf } from './environment';
import { labelSelector, labelsOf } from './labels';

/** The pods of a server in the plain runtime, before any patch. */
export function podTemplate(server: Server, secretName: string): PodTemplateSpec {
  const { replicas } = server;
  const maxReplicas = typeof replicas === 'number' ? replicas : replicas.max;
  const selector = labelSelector(server);
  const pod = podOf(server);
  return {
    metadata: { labels: { ...pod.podLabels, ...labelsOf(server) }, ...nonEmpty({ annotations: pod.podAnnotations }) },
    spec: {
      ...placement(pod),
      ...account(server, pod.serviceAccount),
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: uid,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      terminationGracePeriodSeconds: contract.drainSeconds + contract.stopSeconds + 5,
      ...(maxReplicas > 1 ? { topologySpreadConstraints: [spread('kubernetes.io/hostname', selector)] } : {}),
      containers: [container(server, secretName, pod.volumes)],
      // The root filesystem is read-only, but programs expect a writable /tmp.
      volumes: [
        { name: ownVolume.name, emptyDir: { sizeLimit: Quantity.fromString('64Mi') } },
        ...pod.volumes.map(volumeOf),
      ],
    },
  };
}

type Pod = ReturnType<typeof podOf>;

/** Where pods run, and the secrets that pull their images. */
function placement({ nodeSelector, tolerations, priorityClass, imagePullSecrets }: Pod) {
  return {
    ...nonEmpty({ nodeSelector, tolerations, imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass }),
  };
}

/** The account, and whether its token is mounted. A cloud's workload identity projects its own token and needs no other. */
function account({ name }: Server, serviceAccount: Pod['serviceAccount']) {
  return {
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount.name ?? name }),
    automountServiceAccountToken: serviceAccount?.token ?? false,
  };
}

function volumeOf({ name, secret, configMap, emptyDir }: Volume) {
  if (secret !== undefined) return { name, secret: { secretName: secret } };
  if (configMap !== undefined) return { name, configMap: { name: configMap } };
  return { name, emptyDir: emptyDir === undefined ? {} : { sizeLimit: Quantity.fromString(emptyDir) } };
}

/** The members that are not empty. */
function nonEmpty<T extends Readonly<Record<string, object>>>(members: T): Partial<T> {
  // Object.fromEntries loses the types of the remaining members.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => Object.keys(value).length > 0)) as Partial<T>;
}

/** The user `nonroot` of the distroless images, as a number, because `runAsNonRoot` cannot check a name. */
const uid = 65532;

function container(server: Server, secretName: string, volumes: readonly Volume[]) {
  const { requests, limits } = server.resources;
  return {
    name: containerName,
    image: server.image,
    ports: [
      { name: 'http', containerPort: contract.port },
      ...(isOurs(server) ? [{ name: 'metrics', containerPort: contract.operationsPort }] : []),
    ],
    env: environmentOf(server),
    envFrom: [{ secretRef: { name: secretName } }],
    resources: {
      requests: { cpu: Quantity.fromString(requests.cpu), memory: Quantity.fromString(requests.memory) },
      limits: {
        ...(limits.cpu === undefined ? {} : { cpu: Quantity.fromString(limits.cpu) }),
        memory: Quantity.fromString(limits.memory),
      },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { ...ownVolume },
      ...volumes.map(({ name, mountPath, emptyDir, readOnly = emptyDir === undefined }) => ({
        name,
        mountPath,
        ...(readOnly ? { readOnly } : {}),
      })),
    ],
    ...probesOf(server),
  };
}

/**
 * The probes of the kubelet, which no network policy blocks. Our worker has its own port for them, and reports not ready
 * while it drains or its event loop lags. An image built elsewhere is probed at the health path of every worker.
 */
function probesOf(server: Server): { readonly livenessProbe?: Probe; readonly readinessProbe?: Probe } {
  const { probes = 'http' } = server;
  if (probes === 'off') return {};
  const [live, ready] = probes === 'tcp' ? [tcp, tcp] : isOurs(server) ? [own('live'), own('ready')] : [health, health];
  return {
    livenessProbe: { ...live, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...ready, periodSeconds: 5, timeoutSeconds: 2 },
  };
}

/** Whether the container runs the worker of this repository: the image of a folder with tools is built from it. */
function isOurs({ toolkit }: Server): boolean {
  return toolkit !== undefined;
}

const port = IntOrString.fromString('http');
const tcp: Probe = { tcpSocket: { port } };
const health: Probe = { httpGet: { path: contract.paths.health, port } };

function own(operation: 'live' | 'ready'): Probe {
  return { httpGet: { path: contract.operations[operation], port: IntOrString.fromString('metrics') } };
}

function spread(topologyKey: string, labelSelector: { matchLabels: Record<string, string> }) {
  return { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector };
}
