import {
  type DeploymentSpec,
  type HorizontalPodAutoscalerSpecV2,
  type IngressSpec,
  IntOrString,
  KubeDeployment,
  KubeHorizontalPodAutoscalerV2,
  KubeIngress,
  KubeNetworkPolicy,
  KubePodDisruptionBudget,
  KubeService,
  type NetworkPolicySpec,
  type PodDisruptionBudgetSpec,
  type Probe,
  Quantity,
  type ServiceSpec,
} from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { environmentOf } from './environment';
import { labelsOf, selectorOf } from './labels';
import { proxyTimeouts } from './proxy-timeouts';

/**
 * A server without the private chart, for any cluster that has Flux and sealed-secrets. The objects are those of the
 * Kubernetes API itself: the higher-level constructs of cdk8s-plus have no disruption budget and no spread over nodes.
 */
export class Workload extends Construct {
  /** @param secretName the Secret that its pods get their environment from */
  constructor(scope: Construct, id: string, server: Server, secretName: string) {
    super(scope, id);
    const { replicas, isPublic } = server;
    const metadata = { name: server.name, namespace: server.namespace, labels: labelsOf(server) };
    const annotations = { [`${server.platform.annotationDomain}/spec-sha256`]: server.specSha256 };
    new KubeDeployment(this, 'deployment', {
      metadata: { ...metadata, annotations },
      spec: deployment(server, secretName),
    });
    new KubeService(this, 'service', { metadata, spec: service(server) });
    if (isPublic) {
      const spec = ingress(server);
      new KubeIngress(this, 'ingress', { metadata: { ...metadata, annotations: ingressAnnotations(server) }, spec });
    }
    if (fewest(server) > 1) {
      new KubePodDisruptionBudget(this, 'disruption-budget', { metadata, spec: disruptionBudget(server) });
    }
    if (typeof replicas !== 'number') {
      new KubeHorizontalPodAutoscalerV2(this, 'autoscaler', { metadata, spec: autoscaler(server.name, replicas) });
    }
    new KubeNetworkPolicy(this, 'network-policy', { metadata, spec: networkPolicy(server) });
  }
}

function deployment(server: Server, secretName: string): DeploymentSpec {
  const { replicas } = server;
  const most = typeof replicas === 'number' ? replicas : replicas.max;
  const selector = labelSelector(server);
  return {
    // Left to the autoscaler when there is one, or each reconciliation would undo its work.
    ...(typeof replicas === 'number' ? { replicas } : {}),
    selector,
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: IntOrString.fromNumber(1), maxUnavailable: IntOrString.fromNumber(0) },
    },
    template: {
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
    },
  };
}

function service(server: Server): ServiceSpec {
  return {
    ports: [{ name: 'http', port: contract.port, targetPort: IntOrString.fromString('http') }],
    selector: selectorOf(server),
  };
}

function ingress({ host, name, platform }: Server): IngressSpec {
  const backend = { service: { name, port: { name: 'http' } } };
  return {
    ingressClassName: platform.ingress.className,
    rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    tls: [{ hosts: [host] }],
  };
}

function disruptionBudget(server: Server): PodDisruptionBudgetSpec {
  return { maxUnavailable: IntOrString.fromNumber(1), selector: labelSelector(server) };
}

function autoscaler(name: string, { min, max }: { min: number; max: number }): HorizontalPodAutoscalerSpecV2 {
  return {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 75 } } }],
  };
}

/** Calls come through the ingress alone, or straight from the engine when there is none. */
function networkPolicy(server: Server): NetworkPolicySpec {
  const { platform } = server;
  const callers = server.isPublic ? platform.ingress.namespace : platform.engine.namespace;
  return {
    podSelector: labelSelector(server),
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': callers } } }],
        ports: [{ port: IntOrString.fromNumber(contract.port), protocol: 'TCP' }],
      },
    ],
  };
}

function fewest({ replicas }: Server): number {
  return typeof replicas === 'number' ? replicas : replicas.min;
}

function labelSelector(server: Server) {
  return { matchLabels: selectorOf(server) };
}

/** The numeric user of the image: `nonroot` of the distroless images. A number, because `runAsNonRoot` checks one. */
const uid = 65532;

/** Above the worker's own limits, which is where a caller should learn of them: 4 MiB of body, the time of its tools. */
function ingressAnnotations(server: Server) {
  return { 'nginx.ingress.kubernetes.io/proxy-body-size': '5m', ...proxyTimeouts(server) };
}

function container(server: Server, secretName: string) {
  const { requests, limits } = server.resources;
  return {
    name: 'worker',
    image: server.image,
    ports: [{ name: 'http', containerPort: contract.port }],
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

function probesOf({ probes = 'http' }: Server): { readonly livenessProbe?: Probe; readonly readinessProbe?: Probe } {
  const port = IntOrString.fromString('http');
  if (probes === 'off') return {};
  const action = probes === 'tcp' ? { tcpSocket: { port } } : { httpGet: { path: contract.paths.health, port } };
  return {
    livenessProbe: { ...action, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    readinessProbe: { ...action, periodSeconds: 5, timeoutSeconds: 2 },
  };
}

function spread(topologyKey: string, labelSelector: { matchLabels: Record<string, string> }) {
  return { maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector };
}
