import { render } from '../../charts/render';
import type { ServerEntry } from '../../model/server-entry';
import { testSealed, testServer } from '../../testing/fixtures';
import { costs, unusedRemovals } from './costs';

const release = (spec: object) =>
  JSON.stringify({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'a', namespace: 'a' },
    spec,
  });
const record = (fields: object, label = 'a', type = 'cloudflare_dns_record') =>
  JSON.stringify({
    resource: { [type]: { [label]: { name: 'a.example.com', type: 'CNAME', zone_id: 'z', ...fields } } },
  });

function warnings(path: string, before: string, after?: string, removable: string[] = []) {
  const state = after === undefined ? ('removed' as const) : ('changed' as const);
  const change = { path, state, before, ...(after === undefined ? {} : { after }) };
  return costs([change], new Set(removable)).map(({ code, level, message }) => `${level} ${code} ${message}`);
}

test.each([
  ['its name', { releaseName: 'a' }, { releaseName: 'b' }],
  ['its chart', { chart: { spec: { chart: 'x' } } }, { chart: { spec: { chart: 'y' } } }],
  ['its target namespace', {}, { targetNamespace: 'b' }],
])('warns that a release is uninstalled first if it changes %s', (_, before, after) => {
  expect(warnings('server.yaml', release(before), release(after))).toEqual([
    expect.stringMatching(/^warning RELEASE-REPLACED/),
  ]);
});

test('warns that plain objects replace a release, but not about a new chart version', () => {
  const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: a}\n';
  expect(warnings('server.yaml', release({}), deployment)).toEqual([
    expect.stringMatching(/^warning RELEASE-REPLACED/),
  ]);
  const version = (text: string) => release({ releaseName: 'a', chart: { spec: { chart: 'x', version: text } } });
  expect(warnings('server.yaml', version('1.0.0'), version('1.0.1'))).toEqual([]);
});

const objectsOf = (fields: Partial<ServerEntry>) => {
  const server = testServer(fields, 'weather');
  return render(server, testSealed(server))[1]?.text ?? '';
};

test.each(['plain', 'st-app'] as const)('warns that %s drops to one pod when a range replaces a number', (runtime) => {
  const [number, range] = [6, { min: 6, max: 12 }].map((replicas) => objectsOf({ runtime, replicas }));
  const [warning, ...others] = costsOf(number, range);
  expect(others).toEqual([]);
  expect(warning).toMatchObject({
    code: 'REPLICAS-RESET',
    level: 'warning',
    message: expect.stringContaining('"weather" drops from 6 pods to 1'),
    fix: expect.stringContaining(
      runtime === 'plain' ? 'kubectl apply --server-side --field-manager=handover' : 'merge when one pod',
    ),
  });
  expect(costsOf(range, number)).toEqual([]);
  const [one, wider] = [1, { min: 2, max: 9 }].map((replicas) => objectsOf({ runtime, replicas }));
  expect([...costsOf(one, range), ...costsOf(range, wider), ...costsOf(one, number)]).toEqual([]);
});

test('suggests a command that hands over the replicas of the right Deployment', () => {
  const [warning] = costsOf(
    objectsOf({ runtime: 'plain', replicas: 3 }),
    objectsOf({ runtime: 'plain', replicas: { min: 2, max: 5 } }),
  );
  const [, object] = /echo '(.*)' \|/.exec(warning?.fix ?? '') ?? [];
  expect(JSON.parse(object ?? 'null')).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'weather', namespace: 'weather' },
    spec: { replicas: 3 },
  });
});

test('warns about a change of runtime in both directions', () => {
  const [plain, stApp] = [objectsOf({ runtime: 'plain' }), objectsOf({ runtime: 'st-app' })];
  expect(costsOf(plain, stApp)).toMatchObject([
    { code: 'RELEASE-REPLACED', level: 'warning', message: expect.stringContaining('retries after 5m') },
  ]);
  expect(costsOf(stApp, plain)).toMatchObject([
    {
      code: 'RELEASE-REPLACED',
      level: 'warning',
      message: expect.stringContaining('it applies nothing that it reconciles together with server.yaml'),
      fix: expect.stringContaining('kubectl -n weather delete helmrelease weather, and flux reconcile'),
    },
  ]);
});

test.each(['plain', 'st-app'] as const)('warns about a changed address with %s', (runtime) => {
  const [usual, other, internal] = [{}, { host: 'rain.example.com' }, { exposure: 'internal' } as const].map((fields) =>
    objectsOf({ runtime, ...fields }),
  );
  const expected = (message: string) => [
    { code: 'ADDRESS-CHANGED', level: 'warning', message: expect.stringContaining(message) },
  ];
  expect(costsOf(usual, other)).toMatchObject(expected('from https://weather.example.com to https://rain.example.com'));
  expect(costsOf(usual, internal)).toMatchObject(expected('to its name inside the cluster'));
  expect(costsOf(internal, usual)).toMatchObject(expected('to https://weather.example.com'));
  const gone = costs([{ path: 'server.yaml', state: 'removed', before: usual }], new Set());
  expect(gone).toMatchObject([
    { ...expected('is removed from https://weather')[0], fix: expect.stringContaining('in the engine') },
  ]);
  expect(costsOf(usual, objectsOf({ runtime, image: 'registry.example.com/test-server:1.2.4' }))).toEqual([]);
});

function costsOf(before = '', after = '') {
  return costs([{ path: 'server.yaml', state: 'changed', before, after }], new Set());
}

test.each([
  ['name', record({}), record({ name: 'b.example.com' })],
  ['type', record({}), record({ type: 'A' })],
  ['zone', record({}), record({ zone_id: 'y' })],
  ['label', record({}), record({}, 'b')],
  ['resource type', record({}), record({}, 'a', 'cloudflare_record')],
])('warns that a record is destroyed if it changes its %s', (_, before, after) => {
  expect(warnings('a.tf.json', before, after)).toEqual([expect.stringMatching(/^warning RECORD-REPLACED/)]);
});

test('a renamed server keeps its record with movedFrom, which the warning suggests', () => {
  const renamed = (after: string) =>
    costs(
      [
        { path: 'a.tf.json', state: 'removed', before: record({}) },
        { path: 'b.tf.json', state: 'new', after },
      ],
      new Set(),
    );
  const fresh = record({ '//': 'b' }, 'b');
  expect(renamed(fresh)).toMatchObject([
    {
      code: 'RECORD-REPLACED',
      message: expect.stringMatching(/_record\.a becomes cloudflare_dns_record\.b$/),
      fix: expect.stringMatching(/record: \{ movedFrom: 'cloudflare_dns_record\.a' \} in servers\/b\/server\.ts/),
    },
  ]);
  const moved = [{ from: 'cloudflare_dns_record.a', to: 'cloudflare_dns_record.b' }];
  expect(renamed(JSON.stringify({ ...JSON.parse(fresh), moved }))).toEqual([]);
});

test('a changed record target is an update in place; a removed record is destroyed', () => {
  expect(warnings('a.tf.json', record({ content: 'x' }), record({ content: 'y' }))).toEqual([]);
  expect(warnings('a.tf.json', record({}))).toEqual([expect.stringContaining('destroys')]);
});

test.each([
  ['together with its file', undefined],
  ['from a file that stays', JSON.stringify({ resource: {} })],
])('does not suggest movedFrom for a record removed %s', (_, after) => {
  const change = { path: 'a.tf.json', state: 'changed' as const, before: record({}), ...(after ? { after } : {}) };
  const [gone, ...others] = costs([change], new Set());
  expect(others).toEqual([]);
  expect(gone).toMatchObject({
    code: 'RECORD-REPLACED',
    message: expect.stringMatching(/cloudflare_dns_record\.a is removed$/),
  });
  expect(gone?.fix).not.toContain('moved');
});

test('rejects removing a namespace unless --remove-namespace names it', () => {
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n';
  expect(warnings('namespace.yaml', namespace)).toEqual([expect.stringMatching(/^error NAMESPACE-REMOVED/)]);
  expect(warnings('namespace.yaml', namespace, undefined, ['b'])).toEqual([expect.stringMatching(/^error/)]);
  expect(warnings('namespace.yaml', namespace, undefined, ['a'])).toEqual([expect.stringMatching(/^warning/)]);
});

test('warns about --remove-namespace without effect, and suggests the nearest name', () => {
  const before = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: weather}\n';
  const going = { path: 'namespace.yaml', state: 'removed' as const, before };
  const staying = { ...going, state: 'changed' as const, after: `# new\n${before}` };
  expect(unusedRemovals([going], new Set(['weather']))).toEqual([]);
  expect(unusedRemovals([going], new Set(['wether']))).toEqual([
    expect.objectContaining({ code: 'USAGE', level: 'warning', fix: 'write --remove-namespace weather' }),
  ]);
  expect(unusedRemovals([staying], new Set(['weather']))).toEqual([expect.objectContaining({ fix: 'leave it out' })]);
});
