import { IntOrString, type PodTemplateSpec, type Probe, Quantity } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { environmentOf } from './environment';
import { labelSelector, labelsOf } from './labels';

/** The pods of a server in the plain runtime. */
export function podTemplate(server: Server, secretName: string): PodTemplateSpec {
  const { replicas } = server;
  const most = typeof replicas === 'number' ? replicas : replicas.max;
  const selector = labelSelector(server);
  return {
    metadata: { labels: labelsOf(server) },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: uid,
        runAsGroup: uid,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      terminationGracePeriodSeconds: contract.drainSeconds + contract.stopSeconds + 5,
      ...(most > 1 ? { topologySpreadConstraints: [spread('kubernetes.io/hostname', selector)] } : {}),
      containers: [container(server, secretName)],
      // The root filesystem is read-only, and programs expect a place for what they forget.
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: Quantity.fromString('64Mi') } }],
    },
  };
}

/** The numeric user of the image: `nonroot` of the distroless images. A number, because `runAsNonRoot` checks one. */
const uid = 65532;

function container(server: Server, secretName: string) {
  const { requests, limits } = server.resources;
  return {
    name: 'worker',
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
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    ...probesOf(server),
  };
}

/**
 * How the kubelet asks, which no network policy stops: our worker at its own port, where one that drains or runs late says
 * that it wants no calls; an image built elsewhere at the path that every worker answers.
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

function own(question: 'live' | 'ready'): Probe {
  return { httpGet: { path: contract.operations[question], port: IntOrString.fromString('metrics') } };
}

function spread(topologyKey: string, labelSelector: { matchLabels: Record<string, string> }) {
  return { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector };
}
