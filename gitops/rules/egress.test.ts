import { render } from '../../charts/render';
import { at } from '../../model/json';
import type { ServerEntry } from '../../model/server-entry';
import { testSealed, testServer } from '../../testing/fixtures';
import { problemsOfRendered } from '../../testing/rendered';

test('an empty egress allows only DNS, and a missing one renders no policy', () => {
  const policy = (egress: ServerEntry['egress']) => {
    const server = testServer({ runtime: 'plain', egress });
    const objects = render(server, testSealed(server)).flatMap((file) => file.objects);
    return objects.find(({ kind }) => kind === 'NetworkPolicy');
  };
  expect(at(policy(undefined), 'spec', 'policyTypes')).toEqual(['Ingress']);
  expect(at(policy([]), 'spec', 'policyTypes')).toEqual(['Ingress', 'Egress']);
  expect(at(policy([]), 'spec', 'egress')).toEqual([
    {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ]);
});

const spec = (fields: object): Partial<ServerEntry> => ({ pod: { spec: fields } });
const keys = (jwks_uri: string) => ({
  MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS: JSON.stringify([{ authorization_server_url: jwks_uri, jwks_uri }]),
});
const database = [{ namespace: 'databases', ports: [5432] }];

test.each<[name: string, fields: Partial<ServerEntry>, blocked: string]>([
  ['its key set', { env: keys('https://login.example.com/keys'), egress: database }, 'login.example.com, port 443'],
  [
    'its key set at an address',
    { env: keys('https://203.0.113.7/keys'), egress: [{ cidr: '203.0.113.0/24', except: ['203.0.113.0/28'] }] },
    '203.0.113.7, port 443',
  ],
  [
    'its key set on another port',
    { env: keys('https://login.example.com:8443/keys'), egress: [{ cidr: '0.0.0.0/0', ports: [443] }] },
    'port 8443',
  ],
  [
    'its spans in the cluster',
    { env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.otel.svc:4318' }, egress: [{ cidr: '203.0.113.0/24' }] },
    'collector.otel.svc',
  ],
  [
    'a custom DNS server',
    { egress: database, ...spec({ dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.10'] } }) },
    '10.0.0.10, port 53',
  ],
  ['the DNS of its node', { egress: database, ...spec({ dnsPolicy: 'Default' }) }, 'the resolver of the node'],
])('rejects an egress that blocks %s', (_, fields, blocked) => {
  expect(problems({ runtime: 'plain', ...fields })).toMatchObject([
    { code: 'RULE', path: 'egress', file: 'servers/test-server/server.ts', message: expect.stringContaining(blocked) },
  ]);
});

test.each<[name: string, fields: Partial<ServerEntry>]>([
  [
    'its key set by a block',
    { env: keys('https://login.example.com/keys'), egress: [...database, { cidr: '0.0.0.0/0', ports: [443] }] },
  ],
  [
    'its key set by another block',
    {
      env: keys('https://203.0.113.7/keys'),
      egress: [{ cidr: '203.0.113.0/24', except: ['203.0.113.0/28'] }, { cidr: '203.0.113.7/32' }],
    },
  ],
  [
    'its spans by their namespace',
    {
      env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector.otel.svc.cluster.local:4318/v1/traces' },
      egress: [{ namespace: 'otel' }],
    },
  ],
  [
    'a custom DNS server',
    {
      egress: [{ cidr: '10.0.0.10/32', ports: ['53/UDP'] }],
      ...spec({ dnsPolicy: 'None', dnsConfig: { nameservers: ['10.0.0.10'] } }),
    },
  ],
  [
    'nothing, where spans are off',
    { env: { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.otel.svc' }, egress: [] },
  ],
  ['everything, because it is not declared', { env: keys('https://login.example.com/keys') }],
])('accepts an egress that allows %s', (_, fields) => {
  expect(problems({ runtime: 'plain', ...fields })).toEqual([]);
});

function problems(fields: Partial<ServerEntry>) {
  return problemsOfRendered(testServer(fields));
}
