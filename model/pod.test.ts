import { testPlatform, testServer } from '../testing/fixtures';
import { platformFrom } from './platform';
import { type PodSettings, podOf } from './pod';
import type { ServerEntry } from './server-entry';
import { serversFrom } from './spec';
import cases from './vectors/wrong-pods.json';

/** Invalid pod fields, the path that each is reported at, and a part of the fix. */
const wrong = cases.map(({ name, fields, path, fix }) => [name, fields, path, fix] as const);

test.each(wrong)('rejects a server with %s and says how to fix it', (_, fields, path, fix) => {
  const { servers, problems } = serversFrom({ name: 'echo', entry: { team: 'a', image: 'a.b/c:1.0.0', ...fields } }, [
    testPlatform,
  ]);
  expect(servers).toEqual([]);
  const reported = problems.filter((problem) => problem.path === path);
  expect(reported).not.toEqual([]);
  expect(reported[0]).toMatchObject({ file: 'servers/echo/server.ts', fix: expect.stringContaining(fix) });
});

test.each(wrong)('rejects a platform with %s in the same way', (_, fields, path, fix) => {
  const { name, source, flag: _flag, ...entry } = testPlatform;
  const problems = platformFrom(name, { ...entry, ...fields });
  expect(problems).toContainEqual(expect.objectContaining({ file: source, path, fix: expect.stringContaining(fix) }));
});

test('reports a field with the code of its declaration', () => {
  const { name, source: _source, flag: _flag, ...entry } = testPlatform;
  const fields = { podLabels: { team: 'x' } };
  const declared = { team: 'a', image: 'a.b/c:1.0.0', ...fields };
  expect(platformFrom(name, { ...entry, ...fields })).toMatchObject([{ code: 'PLATFORM-FIELD' }]);
  expect(serversFrom({ name: 'echo', entry: declared }, [testPlatform]).problems).toMatchObject([
    { code: 'SERVER-FIELD' },
  ]);
});

test('a server adds to the pod settings of its platform, and overrides them', () => {
  const defaults: PodSettings = {
    serviceAccount: { annotations: { a: 'platform', b: 'platform' } },
    imagePullSecrets: ['registry'],
    podLabels: { tier: 'usual', zone: 'a' },
    nodeSelector: { pool: 'usual' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
    priorityClass: 'usual',
    volumes: [
      { name: 'ca', mountPath: '/ca', configMap: 'ca' },
      { name: 'cache', mountPath: '/cache', emptyDir: '1Gi' },
    ],
    egress: [{ namespace: 'otel' }],
    pod: { spec: { dnsPolicy: 'ClusterFirst' } },
  };
  const server = testServer(
    {
      runtime: 'plain',
      serviceAccount: { annotations: { b: 'server' }, token: true },
      imagePullSecrets: ['registry', 'own'],
      podLabels: { tier: 'own' },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'b', operator: 'Exists' }],
      priorityClass: 'own',
      volumes: [{ name: 'cache', mountPath: '/cache', emptyDir: '2Gi' }],
      egress: [{ cidr: '203.0.113.0/24', ports: [443, '8000-8100/UDP'] }],
      pod: { spec: { hostname: 'a' } },
    },
    'echo',
    { ...testPlatform, ...defaults },
  );
  expect(podOf(server)).toEqual({
    serviceAccount: { annotations: { a: 'platform', b: 'server' }, token: true },
    imagePullSecrets: ['registry', 'own'],
    podLabels: { tier: 'own', zone: 'a' },
    podAnnotations: {},
    nodeSelector: { pool: 'usual', disk: 'ssd' },
    tolerations: [
      { key: 'a', operator: 'Exists' },
      { key: 'b', operator: 'Exists' },
    ],
    priorityClass: 'own',
    volumes: [
      { name: 'ca', mountPath: '/ca', configMap: 'ca' },
      { name: 'cache', mountPath: '/cache', emptyDir: '2Gi' },
    ],
    egress: [
      { namespace: 'otel' },
      {
        cidr: '203.0.113.0/24',
        ports: [
          { port: 443, protocol: 'TCP' },
          { port: 8000, endPort: 8100, protocol: 'UDP' },
        ],
      },
    ],
    patches: [
      { file: testPlatform.source, patch: { spec: { dnsPolicy: 'ClusterFirst' } } },
      { file: 'servers/echo/server.ts', patch: { spec: { hostname: 'a' } } },
    ],
  });
});

test('a service account of another kind replaces that of the platform', () => {
  const platform = { ...testPlatform, serviceAccount: { annotations: { a: 'platform' } } };
  const account = (fields: Partial<ServerEntry>) => podOf(testServer(fields, 'echo', platform)).serviceAccount;
  expect(account({})).toEqual({ annotations: { a: 'platform' } });
  expect(account({ serviceAccount: { name: 'own' } })).toEqual({ name: 'own' });
});

test('a server can override its pod settings per platform', () => {
  const platforms = { [testPlatform.name]: { serviceAccount: { name: 'there' }, podLabels: { a: 'b' } } };
  const server = testServer({ serviceAccount: { name: 'usual' }, platforms });
  expect(podOf(server)).toMatchObject({ serviceAccount: { name: 'there' }, podLabels: { a: 'b' } });
});
