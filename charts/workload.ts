import { ApiObject } from 'cdk8s';
import {
  type DeploymentSpec,
  type HorizontalPodAutoscalerSpecV2,
  IntOrString,
  KubeDeployment,
  KubeHorizontalPodAutoscalerV2,
  KubeIngress,
  KubeNetworkPolicy,
  KubePodDisruptionBudget,
  KubeService,
  KubeServiceAccount,
  type PodDisruptionBudgetSpec,
  type ServiceSpec,
  toJson_DeploymentSpec,
} from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import { podOf } from '../model/pod';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { ingressAnnotations, ingressSpec } from './ingress';
import { labelSelector, labelsOf, selectorOf } from './labels';
import { networkPolicy } from './network-policy';
import { patchedPod } from './patched-pod';
import { podTemplate } from './pod-template';
import { proxyTimeouts } from './proxy-timeouts';
import { ScaledObject } from './scaled-object';

/**
 * A server without the private chart, for any cluster that has Flux and sealed-secrets. Uses the objects of the Kubernetes
 * API: the higher-level constructs of cdk8s-plus cannot set a disruption budget or spread pods over nodes.
 */
export class Workload extends Construct {
  /** @param secretName the Secret that its pods get their environment from */
  constructor(scope: Construct, id: string, server: Server, secretName: string) {
    super(scope, id);
    const { replicas, isPublic, monitoring } = server;
    const deployment = deploymentSpec(server, secretName);
    const metadata = { name: server.name, namespace: server.namespace, labels: labelsOf(server) };
    const annotations = { [`${server.platform.annotationDomain}/spec-sha256`]: server.specSha256 };
    const { serviceAccount } = podOf(server);
    if (serviceAccount?.annotations !== undefined) {
      new KubeServiceAccount(this, 'service-account', {
        metadata: { ...metadata, annotations: serviceAccount.annotations },
      });
    }
    new ApiObject(this, 'deployment', {
      ...KubeDeployment.GVK,
      metadata: { ...metadata, annotations },
      spec: { ...toJson_DeploymentSpec(deployment), template: patchedPod(server, deployment.template) },
    });
    new KubeService(this, 'service', { metadata, spec: service(server) });
    const { ingress } = server.platform.ways;
    if (isPublic && ingress !== undefined) {
      const annotations = ingressAnnotations(server, ingress, defaultAnnotations(server));
      new KubeIngress(this, 'ingress', { metadata: { ...metadata, annotations }, spec: ingressSpec(server, ingress) });
    }
    if (minReplicas(server) > 1) {
      new KubePodDisruptionBudget(this, 'disruption-budget', { metadata, spec: disruptionBudget(server) });
    }
    if (typeof replicas !== 'number' && replicas.on === 'calls' && monitoring !== undefined) {
      new ScaledObject(this, 'autoscaler', server, monitoring, replicas);
    } else if (typeof replicas !== 'number') {
      new KubeHorizontalPodAutoscalerV2(this, 'autoscaler', { metadata, spec: autoscaler(server.name, replicas) });
    }
    new KubeNetworkPolicy(this, 'network-policy', { metadata, spec: networkPolicy(server) });
  }
}

function deploymentSpec(server: Server, secretName: string): DeploymentSpec {
  const { replicas } = server;
  return {
    // Omitted with an autoscaler, whose number each reconciliation would reset.
    ...(typeof replicas === 'number' ? { replicas } : {}),
    selector: labelSelector(server),
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: IntOrString.fromNumber(1), maxUnavailable: IntOrString.fromNumber(0) },
    },
    template: podTemplate(server, secretName),
  };
}

function service(server: Server): ServiceSpec {
  return {
    ports: [{ name: 'http', port: contract.port, targetPort: IntOrString.fromString('http') }],
    selector: selectorOf(server),
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

function minReplicas({ replicas }: Server): number {
  return typeof replicas === 'number' ? replicas : replicas.min;
}

/** Above the worker's own limits (a body of 4 MiB, the timeout of the tools), so that callers get the worker's errors. */
function defaultAnnotations(server: Server) {
  return { 'nginx.ingress.kubernetes.io/proxy-body-size': '5m', ...proxyTimeouts(server) };
}
