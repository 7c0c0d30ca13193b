import { IntOrString, type NetworkPolicyEgressRule, type NetworkPolicySpec } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Peer } from '../model/egress';
import { podOf } from '../model/pod';
import type { Server } from '../model/spec';
import { waysOf } from '../model/ways';
import { contract } from '../worker/contract';
import { labelSelector } from './labels';

/** Admits calls from the ways in, or from the engine to an internal server, and scrapes from Prometheus. */
export function networkPolicy(server: Server): NetworkPolicySpec {
  const { platform, monitoring } = server;
  const callers = server.isPublic ? waysOf(platform).map(({ namespace }) => namespace) : [platform.engine.namespace];
  const { egress } = podOf(server);
  return {
    podSelector: labelSelector(server),
    policyTypes: egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'],
    ingress: [
      admitted(callers, contract.port),
      ...(monitoring === undefined ? [] : [admitted([monitoring.namespace], contract.operationsPort)]),
    ],
    ...(egress === undefined ? {} : { egress: [dns, ...egress.map(egressRule)] }),
  };
}

function admitted(namespaces: readonly string[], port: number) {
  return {
    from: [...new Set(namespaces)].sort().map((namespace) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    })),
    ports: [{ port: IntOrString.fromNumber(port), protocol: 'TCP' }],
  };
}

/** The cluster's DNS, without which no other name resolves. */
const dns: NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: ['UDP', 'TCP'].map((protocol) => ({ port: IntOrString.fromNumber(53), protocol })),
};

function egressRule({ namespace, pods, cidr, except, ports }: Peer): NetworkPolicyEgressRule {
  return {
    to: [
      cidr !== undefined
        ? { ipBlock: { cidr, ...(except === undefined ? {} : { except: [...except] }) } }
        : {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace ?? '' } },
            ...(pods === undefined ? {} : { podSelector: { matchLabels: pods } }),
          },
    ],
    ...(ports === undefined ? {} : { ports: ports.map(portRule) }),
  };
}

function portRule({ port, endPort, protocol }: NonNullable<Peer['ports']>[number]) {
  return { port: IntOrString.fromNumber(port), protocol, ...(endPort === undefined ? {} : { endPort }) };
}
