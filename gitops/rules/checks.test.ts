import { type Manifest, render } from '../../charts/render';
import type { Server } from '../../model/spec';
import { platformWith, testPlatform, testSealed, testServer, testWays } from '../../testing/fixtures';
import { hostAgreement } from './host-agreement';
import { outputProblems, plainText } from './index';
import type { OutputFile } from './output-file';
import { platformFacts } from './platform-facts';
import { releaseRules } from './release-rules';
import { schema } from './schema';
import { secretLeak } from './secret-leak';
import cases from './vectors/helmrelease-cases.json';

test('finds the recorded codes in the recorded HelmReleases', () => {
  expect(cases.cases.length).toBeGreaterThan(20);
  for (const { id, manifest, expect: codes } of cases.cases) {
    const found = [schema, releaseRules, plainText].flatMap((check) => check(manifest));
    expect([id, [...new Set(found.map(({ code }) => code))]]).toEqual([id, codes]);
  }
});

const server = testServer({ runtime: 'plain' });
const files = filesOf(server);
const [namespace, deployment] = files.flatMap(({ objects = [] }) => objects);
const [release] = render(testServer(), testSealed(testServer()))[1]?.objects ?? [];
if (namespace === undefined || deployment === undefined || release === undefined)
  throw new Error('nothing was rendered');

test('the rendered objects pass every check', () => {
  expect(outputProblems(files, [server])).toEqual([]);
});

test.each(['plain', 'st-app'] as const)(
  '%s renders the longest server name, with an even longer Secret name',
  (runtime) => {
    const longest = testServer({ runtime }, 'a'.repeat(53));
    const own = filesOf(longest);
    expect(outputProblems(own, [longest])).toEqual([]);
    const names = own.flatMap(({ objects = [] }) => objects.map(({ metadata: { name } }) => name.length));
    expect(Math.max(...names)).toBeGreaterThan(63);
  },
);

test.each([
  ['SCHEMA', { ...release, spec: { ...spec(release), intervall: '1m' } }, 'write "interval"'],
  ['API-REMOVED', { ...release, apiVersion: 'helm.toolkit.fluxcd.io/v2beta2' }, 'helm.toolkit.fluxcd.io/v2'],
  ['RULE', { ...release, spec: { ...spec(release), chartRef: { kind: 'OCIRepository', name: 'a' } } }, 'exactly one'],
  [
    'UNPINNED',
    {
      ...release,
      spec: { ...spec(release), chart: { spec: { chart: 'a', sourceRef: { kind: 'HelmRepository', name: 'a' } } } },
    },
    '2.0.72',
  ],
  ['NULL-VALUE', { ...release, spec: { ...spec(release), values: { ...values(), extra: null } } }, 'valuesFrom'],
  ['SECRET-LEAK', { ...release, spec: { ...spec(release), values: { ...values(), apiToken: 'abc' } } }, 'npm run seal'],
  [
    'POLICY',
    { ...release, spec: { ...spec(release), values: { ...values(), oAuth: { enabled: true } } } },
    'oAuth.enabled',
  ],
  [
    'POLICY',
    { ...release, spec: { ...spec(release), values: { ...values(), image: { repository: 'a.b/c', tag: 'main' } } } },
    'exact version',
  ],
  ['POLICY', { ...release, spec: { ...spec(release), values: { ...values(), resources: {} } } }, 'requests'],
  [
    'POLICY',
    { ...namespace, metadata: { ...namespace.metadata, labels: without(namespace, 'pod-security') } },
    'baseline',
  ],
])('reports %s for an object that violates it', (code, object, fix) => {
  const broken = [{ path: 'k8s/x.yaml', text: '', objects: [object] }];
  // The cast allows objects that the type forbids.
  expect(outputProblems(broken as typeof files, [])).toMatchObject([
    { code, fix: expect.stringContaining(fix), file: 'dist/k8s/x.yaml' },
  ]);
});

test('rejects a plain Secret without showing its data', () => {
  const secret = { ...deployment, apiVersion: 'v1', kind: 'Secret', stringData: { password: 'hunter2' } };
  const problems = secretLeak(secret);
  expect(problems).toMatchObject([{ code: 'SECRET-LEAK' }]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test.each(['API_TOKEN', 'dbPassword', 'client_secret', 'accessKey', 'PRIVATE_KEY', 'secret'])(
  'treats text under "%s" as a secret',
  (key) => {
    expect(secretLeak({ ...release, spec: { values: { env: [{ name: key, value: 'x' }] } } })).toHaveLength(1);
    expect(secretLeak({ ...release, spec: { values: { [key]: 'x' } } })).toHaveLength(1);
  },
);

test.each(['secretName', 'TOKEN_URL', 'monkey', 'keyboard', 'existingSecretRef'])(
  'does not treat text under "%s" as a secret',
  (key) => {
    expect(secretLeak({ ...release, spec: { values: { [key]: 'x' } } })).toEqual([]);
  },
);

test('reports an ingress host that differs from the address that callers use', () => {
  const elsewhere = testServer({ host: 'elsewhere.example.com' });
  expect(hostAgreement(elsewhere, files)).toMatchObject([
    { code: 'HOST-MISMATCH', message: expect.stringMatching(/test-server\.example\.com.*elsewhere\.example\.com/) },
  ]);
});

test.each([
  { gateway: testWays.gateway },
  { ...testWays, active: 'ingress' as const },
  { ...testWays, active: 'gateway' as const },
])('requires the same host on every ingress and gateway: %j', (ways) => {
  const platform = platformWith(ways);
  for (const runtime of ['plain', 'st-app'] as const) {
    const server = testServer({ runtime }, 'test-server', platform);
    expect(outputProblems(filesOf(server), [server])).toEqual([]);
    const withoutRoute = filesOf(server).map((file) => ({
      ...file,
      objects: file.objects?.filter(({ kind }) => kind !== 'HTTPRoute') ?? [],
    }));
    expect(hostAgreement(server, withoutRoute)).toMatchObject([{ code: 'HOST-MISMATCH' }]);
    const elsewhere = testServer({ runtime, host: 'elsewhere.example.com' }, 'test-server', platform);
    expect(hostAgreement(elsewhere, filesOf(server))).toMatchObject([
      { code: 'HOST-MISMATCH', message: expect.stringMatching(/the gateway has .*test-server\.example\.com/) },
    ]);
  }
});

test('rejects chart values that change the host of the ingress', () => {
  const moved = testServer({ values: { ingress: { hosts: ['other.example.com'] } } });
  expect(outputProblems(filesOf(moved), [moved])).toMatchObject([{ code: 'HOST-MISMATCH' }]);
});

test('unconfirmed facts block only the delivery', () => {
  const chart = {
    name: 'st-app',
    version: '2.0.72',
    source: { kind: 'HelmRepository', name: 'confirm-x', namespace: 'confirm-y' },
  } as const;
  const open = { ...testPlatform, chart, dns: { ...testPlatform.dns, zoneId: 'local.confirm-zone-id' } };
  const problems = [
    { code: 'SOURCE-UNSET', path: 'chart.source.name and chart.source.namespace' },
    { code: 'DNS-ZONE-UNSET', path: 'dns.zoneId' },
  ];
  expect(platformFacts(open)).toMatchObject(problems.map((problem) => ({ ...problem, level: 'delivery' })));
  expect(platformFacts(testPlatform)).toEqual([]);
});

test.each([
  '10.0.0.1',
  'ingress.cluster.local',
  'ingress.svc',
  'Ingress.example.com',
  'ingress',
  'ingress.example.com.',
])('rejects records that point at "%s"', (target) => {
  for (const [kind, way] of Object.entries(testWays)) {
    const platform = { ...testPlatform, ways: { [kind]: { ...way, address: target } } };
    expect(platformFacts(platform)).toMatchObject([
      { code: 'DNS-TARGET', path: `ways.${kind}.address`, fix: expect.stringContaining(`${kind}.example.com`) },
    ]);
  }
});

function filesOf(server: Server): readonly OutputFile[] {
  const rendered = render(server, testSealed(server));
  const platform = server.platform.name;
  return rendered.map(({ name, ...file }) => ({ ...file, path: `fleet/${name}`, server: server.name, platform }));
}

function spec(object: object): object {
  const found: unknown = Reflect.get(object, 'spec');
  return typeof found === 'object' && found !== null ? found : {};
}

function values(): object {
  return spec({ spec: Reflect.get(spec(release ?? {}), 'values') });
}

function without({ metadata }: Manifest, part: string) {
  return Object.fromEntries(Object.entries(metadata.labels ?? {}).filter(([key]) => !key.includes(part)));
}
