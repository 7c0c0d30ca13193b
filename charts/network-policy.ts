import { IntOrString, type NetworkPolicySpec } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Server } from '../model/spec';
import { waysOf } from '../model/ways';
import { contract } from '../worker/contract';
import { labelSelector } from './labels';

/** Calls come through the ways in alone, or straight from the engine when there is none. */
export function networkPolicy(server: Server): NetworkPolicySpec {
  const { platform } = server;
  const callers = server.isPublic ? waysOf(platform).map(({ namespace }) => namespace) : [platform.engine.namespace];
  return {
    podSelector: labelSelector(server),
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [...new Set(callers)].sort().map((namespace) => ({
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        })),
        ports: [{ port: IntOrString.fromNumber(contract.port), protocol: 'TCP' }],
      },
    ],
  };
}
