import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certified } from '../../../testing/authority';
import { testWays } from '../../../testing/fixtures';
import type { RunningServer } from '../../../testing/processes/server';
import type { Cluster } from '../cluster';
import type { PodNetwork } from '../network/pod-network';

/** The ports of Traefik in the pod network: for calls and for its health check. */
export const gatewayPorts = { calls: 443, up: 8080 } as const;

const { gateway } = testWays;

/** Starts Traefik as a Gateway controller, with the RBAC of its documentation and a Gateway for all namespaces. */
export async function startGatewayController(
  cluster: Cluster,
  network: PodNetwork,
  certified: Certified,
): Promise<RunningServer> {
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: gateway.namespace } }]);
  await cluster.apply(gatewayObjects(certified));
  const { folder, port, programs } = cluster.plane;
  const token = join(folder, 'traefik.token');
  writeFileSync(token, await cluster.succeeds(['create', 'token', 'traefik', '-n', gateway.namespace]), {
    mode: 0o600,
  });
  const provider = '--providers.kubernetesgateway';
  const command = [
    programs.traefik,
    ...[`--entrypoints.websecure.address=:${gatewayPorts.calls}`, `--entrypoints.ping.address=:${gatewayPorts.up}`],
    ...['--ping=true', '--ping.entrypoint=ping', '--global.checknewversion=false', '--global.sendanonymoususage=false'],
    ...[`${provider}=true`, `${provider}.endpoint=https://127.0.0.1:${port}`, `${provider}.token=${token}`],
    ...[
      `${provider}.certauthfilepath=${join(folder, 'ca.crt')}`,
      `${provider}.statusaddress.hostname=${gateway.address}`,
    ],
    // How long to batch changes. The default is 2 s.
    '--providers.providersthrottleduration=200ms',
  ];
  return network.startServer(
    { name: 'Traefik', command, environment: () => ({}), readyPath: '/ping' },
    gatewayPorts.up,
  );
}

function gatewayObjects({ cert, key }: Certified): readonly object[] {
  const { namespace } = gateway;
  const [{ name } = { name: '' }] = gateway.parentRefs;
  const inside = (named: string) => ({ name: named, namespace });
  const api = 'gateway.networking.k8s.io';
  const kinds = ['gatewayclasses', 'gateways', 'httproutes', 'grpcroutes', 'tcproutes', 'tlsroutes'];
  const all = [...kinds, 'referencegrants', 'backendtlspolicies'];
  const read = ['get', 'list', 'watch'];
  const rules = [
    { apiGroups: [''], resources: ['namespaces', 'services', 'secrets', 'configmaps'], verbs: read },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
    { apiGroups: [api], resources: all, verbs: read },
    { apiGroups: [api], resources: all.map((kind) => `${kind}/status`), verbs: ['update'] },
  ];
  const listener = {
    name: 'https',
    protocol: 'HTTPS',
    port: gatewayPorts.calls,
    tls: { mode: 'Terminate', certificateRefs: [{ name: 'wildcard' }] },
    allowedRoutes: { namespaces: { from: 'All' } },
  };
  const rbac = 'rbac.authorization.k8s.io';
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'traefik' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: inside('traefik') },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'traefik' }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'traefik' },
      roleRef,
      subjects: [{ kind: 'ServiceAccount', ...inside('traefik') }],
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: inside('wildcard'),
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': cert, 'tls.key': key },
    },
    {
      apiVersion: `${api}/v1`,
      kind: 'GatewayClass',
      metadata: { name: 'traefik' },
      spec: { controllerName: 'traefik.io/gateway-controller' },
    },
    {
      apiVersion: `${api}/v1`,
      kind: 'Gateway',
      metadata: inside(name),
      spec: { gatewayClassName: 'traefik', listeners: [listener] },
    },
  ];
}
