import { withoutSecretHash } from '../../model/secret-name';
import { serverList } from '../../model/servers';
import {
  namedPlatform,
  platformWith,
  stagingPlatform,
  testPlatform,
  testSealed,
  testServer,
  testWays,
  toolServer,
} from '../../testing/fixtures';
import { maxServersDrawn, topology } from './topology';

function diagram(entries: readonly object[]): string {
  const declared = entries.map((entry, index) => ({
    name: `server-${index}`,
    entry: { team: 'infra', image: `registry.example.com/server-${index}:1.0.${index}`, ...entry },
  }));
  const { servers, problems } = serverList(declared, [testPlatform]);
  expect(problems).toEqual([]);
  const drawn = servers.map((server) => ({ server, sealed: testSealed(server) }));
  return topology(drawn, [testPlatform]);
}

test('draws one diagram per platform, with the servers that run there', () => {
  const entry = { team: 'infra', image: 'registry.example.com/server:1.0.0' };
  const platforms = [stagingPlatform, namedPlatform];
  const { servers } = serverList(
    [
      { name: 'everywhere', entry },
      { name: 'nowhere-else', entry: { ...entry, platforms: ['staging'] } },
    ],
    platforms,
  );
  const text = topology(
    servers.map((server) => ({ server, sealed: testSealed(server) })),
    platforms,
  );
  const [head = '', staging = '', last = ''] = text.split(/^## On .*$/m);
  expect(text.match(/^## .*$/gm)).toEqual(['## On staging', '## On test-cluster']);
  expect(head).toContain('the 2 servers');
  expect(staging.match(/namespace [\w-]+/g)).toEqual(['namespace everywhere', 'namespace nowhere-else']);
  expect(staging).toContain('CNAME ingress.staging.example.com');
  expect(last.match(/namespace [\w-]+/g)).toEqual(['namespace everywhere']);
  expect(text.match(/^```/gm)).toHaveLength(4);
});

/** The lines of all labels in a diagram, sorted. */
const labels = (text: string) =>
  [...text.matchAll(/"([^"]*)"/g)].flatMap(([, label = '']) => label.split('<br>')).sort();

test('draws a public server from both callers to the pod, with its record, image and secret', () => {
  const { dns } = testPlatform;
  const { ingress } = testWays;
  const text = diagram([{}]);
  expect(labels(withoutSecretHash(text))).toEqual(
    [
      ...['MCP client', 'gateway', 'Arcade', 'engine', `server-0.${dns.zone}`, `CNAME ${ingress.address}`],
      ...[
        '/worker',
        '/mcp',
        'ingress nginx',
        'namespace server-0',
        'service',
        'port 8000',
        'pod × 1',
        'st-app 2.0.72',
        'server-0:1.0.0',
      ],
      ...['secret server-0-worker-secret-…', 'ARCADE_WORKER_SECRET'],
    ].sort(),
  );
  expect(text).toContain('engine -->|"/worker"| host0');
  expect(text).toContain('client -->|"/mcp"| host0 -->|"ingress nginx"| service0');
});

test('draws an internal server with the engine as its only caller, without a record or an ingress', () => {
  const text = diagram([{ exposure: 'internal' }]);
  expect(text).toContain('engine -->|"/worker"| service0');
  expect(text).toContain('http://server-0.server-0.svc.cluster.local:8000');
  expect(text).not.toMatch(/ingress|CNAME|client --+>\|/);
});

test('draws the active way in first, and the other one without a record', () => {
  const { ingress, gateway } = testWays;
  const lines = (active: 'ingress' | 'gateway') => {
    const server = testServer({}, 'test-server', platformWith({ ingress, gateway, active }));
    return topology([{ server, sealed: testSealed(server) }], [server.platform]).split('\n');
  };
  expect(lines('ingress')).toEqual(
    expect.arrayContaining([
      expect.stringContaining('CNAME ingress.example.com'),
      'client -->|"/mcp"| host0 -->|"ingress nginx"| service0',
      'host0 -.->|"Gateway gateways/public<br>gateway.example.com"| service0',
    ]),
  );
  expect(lines('gateway')).toEqual(
    expect.arrayContaining([
      expect.stringContaining('CNAME gateway.example.com'),
      'client -->|"/mcp"| host0 -->|"Gateway gateways/public"| service0',
      'host0 -.->|"ingress nginx<br>ingress.example.com"| service0',
    ]),
  );
});

test('is deterministic and contains no date or local path', () => {
  const entries = Array.from({ length: 30 }, (_, index) => (index % 3 === 0 ? { exposure: 'internal' } : {}));
  expect(diagram(entries)).toBe(diagram(entries));
  expect(diagram(entries)).not.toMatch(/\d{4}-\d\d-\d\d|\/home|\/tmp/);
});

test.each([0, 1, maxServersDrawn, maxServersDrawn + 1, 1000])(
  "a diagram of %i servers stays within GitHub's limits",
  (count) => {
    const text = diagram(Array.from({ length: count }, () => ({})));
    expect(text.match(/\["service<br>/g) ?? []).toHaveLength(Math.min(count, maxServersDrawn));
    expect(text.match(/-->|-\.->/g)?.length).toBeLessThan(500);
    expect(text.length).toBeLessThan(50_000);
    expect(text.includes('\nand ')).toBe(count > maxServersDrawn);
    expect(text.match(/^```/gm)).toHaveLength(2);
  },
);

test('draws a declared service account and egress, and nothing by default', () => {
  const blocks = Array.from({ length: 6 }, (_, index) => ({ cidr: `203.0.113.${index}/32` }));
  const usual = diagram([{ runtime: 'plain' }]);
  expect(usual).not.toMatch(/account|egress/);
  const declared = diagram([
    { runtime: 'plain', serviceAccount: { annotations: { a: 'b' } }, egress: [{ namespace: 'otel' }, ...blocks] },
    { runtime: 'plain', serviceAccount: { name: 'other' }, egress: [] },
  ]);
  expect(declared.match(/account [\w-]+/g)).toEqual(['account server-0', 'account other']);
  const places = ['DNS', 'namespace otel', ...blocks.slice(0, 4).map(({ cidr }) => cidr), 'and 2 more'].join('<br>');
  expect(declared).toContain(`pod0 -->|"may call"| egress0("${places}")`);
  expect(declared).toContain('pod1 -->|"may call"| egress1("DNS")');
});

test('draws what scrapes the metrics and what scales on them', () => {
  const drawn = (fields: Parameters<typeof toolServer>[0]) => {
    const server = toolServer(fields);
    return labels(topology([{ server, sealed: testSealed(server) }], [server.platform]));
  };
  const read = ['Prometheus', 'namespace monitoring', '/metrics'];
  expect(drawn({})).toEqual(expect.arrayContaining(read));
  expect(drawn({ replicas: { min: 1, max: 2, on: 'calls' } })).toEqual(
    expect.arrayContaining([...read, 'KEDA scales on calls']),
  );
  expect(drawn({ runtime: 'st-app' })).not.toContain('Prometheus');
});
