import { IntOrString, type NetworkPolicySpec } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Server } from '../model/spec';
import { contract } from '../worker/contract';
import { labelSelector } from './labels';

/** Calls come through the ingress alone, or straight from the engine when there is none; questions for metrics from Prometheus. */
export function networkPolicy(server: Server): NetworkPolicySpec {
  const { platform, monitoring } = server;
  const callers = server.isPublic ? platform.ways.ingress.namespace : platform.engine.namespace;
  return {
    podSelector: labelSelector(server),
    policyTypes: ['Ingress'],
    ingress: [
      admitted(callers, contract.port),
      ...(monitoring === undefined ? [] : [admitted(monitoring.namespace, contract.operationsPort)]),
    ],
  };
}

function admitted(namespace: string, port: number) {
  return {
    from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }],
    ports: [{ port: IntOrString.fromNumber(port), protocol: 'TCP' }],
  };
}
