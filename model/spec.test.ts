import { monitoredPlatform, namedPlatform, stagingPlatform, testPlatform, wildcardPlatform } from '../testing/fixtures';
import type { Platform } from './platform';
import type { Problem } from './problem';
import { serverList } from './servers';
import { type Declaration, type Server, serversFrom } from './spec';

const minimal = { team: 'infra', image: 'registry.example.com/echo:1.0.1' };

test('derives every name from the folder; only team and image are required', () => {
  expect(serverFrom({ name: 'echo', entry: minimal })).toMatchObject({
    namespace: 'echo',
    host: 'echo.example.com',
    url: 'https://echo.example.com',
    resourceLabel: 'echo',
    replicas: 1,
    secrets: ['ARCADE_WORKER_SECRET'],
  });
});

test('adds the declared secrets to the worker secret', () => {
  for (const secrets of [['UPSTREAM_KEY'], ['UPSTREAM_KEY', 'ARCADE_WORKER_SECRET']]) {
    expect(serverFrom({ name: 'echo', entry: { ...minimal, secrets } })).toMatchObject({
      secrets: ['ARCADE_WORKER_SECRET', 'UPSTREAM_KEY'],
    });
  }
});

test('an internal server has its cluster-internal URL', () => {
  expect(serverFrom({ name: 'echo', entry: { ...minimal, exposure: 'internal' } })).toMatchObject({
    isPublic: false,
    url: 'http://echo.echo.svc.cluster.local:8000',
  });
});

const old = 'cloudflare_dns_record.old';

test.each([
  ['an unknown field', { replica: 2 }, 'SERVER-FIELD', 'write "replicas"'],
  ['a field of the wrong type', { team: 7 }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['null', { team: null }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['a team that is not a label', { team: 'Infra Team' }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['the tag latest', { image: 'registry.example.com/echo:latest' }, 'UNPINNED', ':1.0.1'],
  ['a moving tag', { image: 'registry.example.com/echo:1.0' }, 'UNPINNED', ':1.0.1'],
  ['no tag', { image: 'registry.example.com/echo' }, 'UNPINNED', ':1.0.1'],
  ['an image with a space', { image: 'registry.example.com/echo :1.0.1' }, 'SERVER-FIELD', 'registry/repository'],
  ['a host outside the zone', { host: 'echo.example.org' }, 'DNS-NAME', 'example.com'],
  ['the zone itself as host', { host: 'example.com' }, 'DNS-NAME', 'example.com'],
  ['a host with the zone as a suffix of a label', { host: 'echo.beexample.com' }, 'DNS-NAME', 'example.com'],
  ['a host in capitals', { host: 'Echo.example.com' }, 'DNS-NAME', 'example.com'],
  ['a host with a trailing dot', { host: 'echo.example.com.' }, 'DNS-NAME', 'example.com'],
  ['an address as host', { host: '10.0.192.27' }, 'DNS-NAME', 'example.com'],
  ['a wildcard', { host: '*.example.com' }, 'DNS-NAME', 'example.com'],
  ['the host that records point to', { host: 'ingress.example.com' }, 'DNS-NAME', 'another host'],
  ['the host of the images', { host: 'registry.example.com' }, 'DNS-NAME', 'another host'],
  ['a host that is too long', { host: `${'a.'.repeat(130)}example.com` }, 'DNS-NAME', 'example.com'],
  ['a host of an internal server', { host: 'echo.example.com', exposure: 'internal' }, 'HOST-MISMATCH', 'remove one'],
  ['no replicas', { replicas: 0 }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['an inverted range', { replicas: { min: 3, max: 2 } }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['a quantity with an unknown unit', { resources: resources('128MB') }, 'SERVER-FIELD', '128Mi'],
  ['a secret twice', { secrets: ['A', 'A'] }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['an environment name with a dash', { env: { 'LOG-LEVEL': 'info' } }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['a number in the environment', { env: { PORT: 8000 } }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['a variable of the contract', { env: { ARCADE_SERVER_PORT: '1' } }, 'SERVER-FIELD', 'remove it'],
  ['a secret as plain environment', { env: { ARCADE_WORKER_SECRET: 'x' } }, 'SERVER-FIELD', 'remove it'],
  ['a name that JavaScript reserves', { secrets: ['__proto__'] }, 'SERVER-FIELD', 'model/server-entry.ts'],
  ['a drain time that is not a number', { env: { WORKER_DRAIN_SECONDS: '5s' } }, 'SERVER-FIELD', 'write one'],
  ['a drain time longer than the pod lives', { env: { WORKER_DRAIN_SECONDS: '60' } }, 'SERVER-FIELD', 'write less'],
  ['a record with an invalid id', { record: { id: 'weather' } }, 'SERVER-FIELD', 'model/server-entry.ts'],
  [
    'a record with both id and movedFrom',
    { record: { id: 'a'.repeat(32), movedFrom: old } },
    'SERVER-FIELD',
    'model/server-entry.ts',
  ],
  [
    'an address of another resource type',
    { record: { movedFrom: 'aws_route53_record.echo' } },
    'SERVER-FIELD',
    'model/server',
  ],
  ['an address with a template', { record: { movedFrom: `${old}["\${x}"]` } }, 'SERVER-FIELD', 'model/server'],
  [
    'a record that keeps its address',
    { record: { movedFrom: 'cloudflare_dns_record.echo' } },
    'SERVER-FIELD',
    'remove it',
  ],
  [
    'a record of an internal server',
    { record: { movedFrom: old }, exposure: 'internal' },
    'UNMAPPED-FIELD',
    'remove it',
  ],
  ['chart values without the chart', { runtime: 'plain', values: { a: 1 } }, 'UNMAPPED-FIELD', 'st-app'],
])('rejects %s and says how to fix it', (_, fields, code, fix) => {
  expect(problems('echo', { ...minimal, ...fields })).toMatchObject([
    { code, fix: expect.stringContaining(fix), file: 'servers/echo/server.ts' },
  ]);
});

test('adopts a record only in a workspace, for one server, and not from provider 5 to 4', () => {
  const on = (fields: object, record: object = { movedFrom: old }) => {
    const platform = { ...testPlatform, dns: { ...testPlatform.dns, ...fields } };
    return serverList([{ name: 'echo', entry: { ...minimal, record } }], [platform]).problems;
  };
  for (const movedFrom of [old, 'cloudflare_record.echo', 'module.a["b"].cloudflare_dns_record.all["echo.x"]'])
    expect(on({}, { movedFrom })).toEqual([]);
  expect(on({}, { id: 'a'.repeat(32) })).toEqual([]);
  expect(on({ resourceType: 'cloudflare_record' })).toMatchObject([{ path: 'record.movedFrom' }]);
  const entry = { ...minimal, record: { movedFrom: old } };
  const twice = ['echo', 'other'].map((name) => ({ name, entry }));
  expect(serverList(twice, [testPlatform]).problems).toMatchObject([{ code: 'DNS-DUPLICATE', path: 'record' }]);
  expect(serverList(twice.slice(1), [wildcardPlatform]).problems).toMatchObject([{ code: 'UNMAPPED-FIELD' }]);
});

test('accepts other drain and stop times if their sum fits the grace period', () => {
  const env = { WORKER_DRAIN_SECONDS: '20', ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: '3' };
  expect(problems('echo', { ...minimal, env })).toEqual([]);
  expect(problems('echo', { ...minimal, env: { ...env, WORKER_DRAIN_SECONDS: '21' } })).toMatchObject([
    { code: 'SERVER-FIELD', path: 'env.WORKER_DRAIN_SECONDS' },
  ]);
});

test.each([
  ['64 characters', 'a'.repeat(64)],
  ['upper case', 'Echo'],
  ['dots', 'echo.v2'],
  ['a digit first', '2echo'],
  ['a dash last', 'echo-'],
  ['a reserved word', 'kube-echo'],
  ['another reserved word', 'default'],
  ["the name of the DNS workspace's own file", 'main'],
  ['a name that git ignores', 'build'],
  ['a name that the launcher ignores', 'sealed'],
  ["the name of Terraform's override file", 'override'],
  ["the name of kustomize's file", 'kustomization'],
  ['a Service whose address the worker would read as its port', 'worker-operations'],
  ['a name that is reserved on Windows', 'aux'],
  ['the namespace of the ingress controller', 'ingress-nginx'],
  ['the namespace of the engine', 'arcade'],
  ['the namespace of the chart', 'charts-system'],
  ['the namespace of Prometheus', 'monitoring'],
])('rejects a folder name with %s', (_, name) => {
  expect(problems(name, minimal)).toMatchObject([{ code: 'NAME', fix: expect.stringMatching(/folder/) }]);
});

test.each(['ingress', 'registry'])(
  'rejects a server "%s" with the host of the platform, but accepts another host',
  (name) => {
    expect(problems(name, minimal)).toMatchObject([{ code: 'DNS-NAME', path: 'host' }]);
    expect(problems(name, { ...minimal, host: 'echo.example.com' })).toEqual([]);
    expect(problems(name, { ...minimal, exposure: 'internal' })).toEqual([]);
  },
);

test('rejects a host that any platform uses, even one that the server does not run on', () => {
  const entry = { ...minimal, platforms: ['test-cluster'], host: 'ingress.staging.example.com' };
  expect(serversFrom({ name: 'echo', entry }, [stagingPlatform, namedPlatform]).problems).toMatchObject([
    { code: 'DNS-NAME', message: expect.stringContaining('platforms/staging.ts') },
  ]);
});

test('accepts a name of 53 characters, the limit of a Helm release', () => {
  const name = 'a'.repeat(53);
  expect(serverFrom({ name, entry: minimal })).toMatchObject({ namespace: name, host: `${name}.example.com` });
});

const withTools = { team: 'infra', image: '1.0.1', description: 'Says it again.', version: '1.0.0' };

test.each([
  ['a version', '1.0.1', ':1.0.1'],
  ['a digest', `sha256:${'a'.repeat(64)}`, `@sha256:${'a'.repeat(64)}`],
  ['the whole reference', 'registry.example.com/my-echo:1.0.1', ':1.0.1'],
])('the image of a server with tools may be %s, in its own repository', (_, image, reference) => {
  const entry = { ...withTools, image };
  expect(serverFrom({ name: 'my-echo', entry, tools: ['echo'] })).toMatchObject({
    image: `registry.example.com/my-echo${reference}`,
    toolkit: { name: 'my_echo', version: '1.0.0', description: 'Says it again.', tools: ['echo'] },
  });
});

test.each([
  ['an image of another name', { image: 'registry.example.com/other:1.0.1' }, 'IMAGE-FOREIGN', 'remove tools/'],
  ['an image of another registry', { image: 'other.example.com/echo:1.0.1' }, 'IMAGE-FOREIGN', 'remove tools/'],
  ['a bare moving tag', { image: 'latest' }, 'UNPINNED', ':1.0.1'],
  ['no description', { description: undefined }, 'SERVER-FIELD', 'one sentence'],
  ['no version', { version: undefined }, 'SERVER-FIELD', "version: '1.0.0'"],
  ['a version of two numbers', { version: '1.0' }, 'SERVER-FIELD', 'model/server-entry.ts'],
])('rejects a server with tools and %s', (_, fields, code, fix) => {
  expect(problems('echo', { ...withTools, ...fields }, ['echo'])).toMatchObject([
    { code, fix: expect.stringContaining(fix), file: 'servers/echo/server.ts' },
  ]);
});

test.each(['description', 'version'] as const)('rejects a %s without a tools/ folder', (field) => {
  expect(problems('echo', { ...minimal, [field]: withTools[field] })).toMatchObject([
    { code: 'UNMAPPED-FIELD', path: field, fix: 'remove it' },
  ]);
});

test('rejects two dashes in a row only for a server with tools', () => {
  expect(problems('a--b', withTools, ['echo'])).toMatchObject([{ code: 'NAME' }]);
  expect(problems('a--b', minimal)).toEqual([]);
});

test.each([undefined, null, 'text', 7, [], {}])('rejects a default export of %j without crashing', (entry) => {
  expect(problems('echo', entry).length).toBeGreaterThan(0);
});

test('reports all mistakes of a declaration together', () => {
  const codes = problems('Echo', { team: 'Infra', image: 'x:latest', host: 'a.b', replica: 1 }).map(({ code }) => code);
  expect(codes.sort()).toEqual(['DNS-NAME', 'NAME', 'SERVER-FIELD', 'SERVER-FIELD', 'SERVER-FIELD']);
});

test('the hash of a declaration changes with its values, but not with their order', () => {
  const sha = (fields: object) => serverFrom({ name: 'echo', entry: fields })?.specSha256;
  expect(sha({ ...minimal, env: { A: '1', B: '2' } })).toBe(sha({ env: { B: '2', A: '1' }, ...minimal }));
  expect(sha({ ...minimal, env: { A: '1' } })).not.toBe(sha({ ...minimal, env: { A: '2' } }));
});

function problems(name: string, entry: unknown, tools?: readonly string[]): readonly Problem[] {
  return serversFrom({ name, entry, tools }, [withChartOf('charts-system')]).problems;
}

/** The monitored platform, with the source of its chart in the given namespace. */
function withChartOf(namespace: string): Platform {
  const chart = {
    name: 'st-app',
    version: '2.0.72',
    source: { kind: 'HelmRepository', name: 'charts', namespace },
  } as const;
  return { ...monitoredPlatform, chart };
}

function serverFrom(declaration: Declaration): Server | undefined {
  return serversFrom(declaration, [testPlatform]).servers[0];
}

function resources(memory: string) {
  return { requests: { cpu: '50m', memory }, limits: { memory: '256Mi' } };
}

test.each(['ARCADE_SERVER_PORT', 'ARCADE_WORKER_SECRET_PREVIOUS', 'WORKER_OPERATIONS_PORT', 'NODE_OPTIONS', 'PATH'])(
  'rejects %s as a secret and in env, because the container sets it',
  (name) => {
    for (const fields of [{ secrets: [name] }, { env: { [name]: 'x' } }]) {
      expect(problems('echo', { ...minimal, ...fields })).toMatchObject([{ code: 'SERVER-FIELD', fix: 'remove it' }]);
    }
  },
);
