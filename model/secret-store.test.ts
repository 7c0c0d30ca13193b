import { externalSecrets, storePlatform, testPlatform, testServer } from '../testing/fixtures';
import unconfirmed from '../testing/fixtures/platforms/test-cluster';
import { definePlatform, type PlatformEntry, platformFrom } from './platform';
import { secretKeysOf, secretNameOf } from './secret-name';
import { aboutSecrets, placeOf } from './secret-place';
import { remoteRefsOf } from './secret-store';
import { serversFrom } from './spec';

const { certificate: _, ...unsealed } = unconfirmed;
const problemsWith = (fields: object) => {
  const platform = platformFrom('test-cluster', { ...unsealed, ...fields });
  return 'name' in platform ? [] : platform;
};

test('secrets are sealed by default, and sealing requires a certificate', () => {
  expect(testPlatform.secrets).toEqual({ kind: 'sealed' });
  for (const fields of [{}, { secrets: { kind: 'sealed' } }]) {
    expect(problemsWith(fields)).toMatchObject([
      { code: 'PLATFORM-FIELD', path: 'certificate', message: expect.stringContaining('is missing') },
    ]);
  }
  expect(problemsWith({ secrets: externalSecrets })).toEqual([]);
  expect(problemsWith({ secrets: { kind: 'existing' } })).toEqual([]);
});

test.each<[string, object, string, string]>([
  ['no store', { store: undefined }, 'secrets.store', 'expected object'],
  ['a store without a name', { store: {} }, 'secrets.store.name', 'expected string'],
  [
    'a store with an invalid name',
    { store: { name: 'My Vault' } },
    'secrets.store.name',
    'is not the name of an object',
  ],
  ['a store of another kind', { store: { kind: 'Vault', name: 'a' } }, 'secrets.store.kind', 'ClusterSecretStore'],
  ['no key', { key: undefined }, 'secrets.key', 'expected string'],
  [
    'an unknown placeholder',
    { key: 'mcp/{server}/{sever}/{name}' },
    'secrets.key',
    'the unknown placeholder "{sever}"',
  ],
  ['a Flux variable', { key: 'mcp/$' + '{server}/{name}' }, 'secrets.key', 'not allowed in a path'],
  ['an unclosed brace', { key: '{server}/{name}/{' }, 'secrets.key', 'not allowed in a path'],
  ['one key for every secret', { key: 'mcp/{server}' }, 'secrets.key', 'all secrets of a server would share one value'],
  ['one key for every server', { key: 'mcp/{name}' }, 'secrets.key', 'all servers would share one value'],
  ['adjacent placeholders', { key: '{server}{name}' }, 'secrets.key', 'ambiguous'],
  ['a dash between platform and server', { key: '{platform}-{server}/{name}' }, 'secrets.key', 'ambiguous'],
  ['dashes between three placeholders', { key: '{platform}-{name}-{server}' }, 'secrets.key', 'ambiguous'],
  ['a letter between placeholders', { key: '{server}A{name}' }, 'secrets.key', 'ambiguous'],
  ['a parent folder', { key: 'mcp/../{server}/{name}' }, 'secrets.key', '"." or ".."'],
  ['a key that is too long', { key: `{server}/{name}/${'a'.repeat(200)}` }, 'secrets.key', 'more than 200 characters'],
  ['a refresh that is not a duration', { refresh: 'hourly' }, 'secrets.refresh', 'is not a duration'],
  ['a refresh of 0', { refresh: '0' }, 'secrets.refresh', 'is not a duration'],
  ['an empty refresh', { refresh: '' }, 'secrets.refresh', 'is not a duration'],
  ['an unknown field', { keys: 'x' }, 'secrets.keys', 'there is no such field'],
])('rejects an external platform with %s and reports its path', (_what, fields, path, message) => {
  expect(problemsWith({ secrets: { ...externalSecrets, ...fields } })).toMatchObject([
    { code: 'PLATFORM-FIELD', file: 'platforms/test-cluster.ts', path, message: expect.stringContaining(message) },
  ]);
});

test.each<[string, object, string]>([
  ['an unknown kind', { kind: 'sops' }, 'secrets.kind'],
  ['a store of another kind', { kind: 'existing', store: { name: 'vault' } }, 'secrets.store'],
  ['an invalid name', { kind: 'existing', name: 'My {server}' }, 'secrets.name'],
  ['a name that contains {name}', { kind: 'existing', name: '{server}-{name}' }, 'secrets.name'],
  [
    'a name that becomes too long',
    { kind: 'existing', name: `${'a'.repeat(150)}.{server}-{platform}` },
    'secrets.name',
  ],
])('rejects secrets with %s', (_what, secrets, path) => {
  expect(problemsWith({ secrets }).map((problem) => problem.path)).toContain(path);
});

test('suggests the placeholder for a typo', () => {
  expect(problemsWith({ secrets: { ...externalSecrets, key: 'mcp/{sever}/{server}/{name}' } })).toMatchObject([
    { fix: 'write {server}' },
  ]);
});

test('each secret has its own entry in the store, and so has the previous worker secret during a rotation', () => {
  const platform = storePlatform({ ...externalSecrets, key: '{platform}_{server}', property: '{name}' });
  const server = testServer({ secrets: ['API_KEY'] }, 'weather', platform);
  expect([...remoteRefsOf(server)]).toEqual([
    ['API_KEY', { key: 'test-cluster_weather', property: 'API_KEY' }],
    ['ARCADE_WORKER_SECRET', { key: 'test-cluster_weather', property: 'ARCADE_WORKER_SECRET' }],
  ]);
  const rotating = testServer({ rotating: true }, 'weather', platform);
  expect(secretKeysOf(rotating, new Map())).toEqual(['ARCADE_WORKER_SECRET', 'ARCADE_WORKER_SECRET_PREVIOUS']);
  expect(placeOf(server, 'API_KEY')).toBe('API_KEY in test-cluster_weather of ClusterSecretStore "vault"');
  expect(remoteRefsOf(testServer({}, 'weather')).size).toBe(0);
});

test('the name of an external Secret changes with its keys and its store, but not with the refresh', () => {
  const nameWith = (fields: object, ofServer = {}) =>
    secretNameOf(testServer(ofServer, 'weather', storePlatform({ ...externalSecrets, ...fields })), new Map());
  const name = nameWith({});
  expect(name).toMatch(/^weather-worker-secret-[0-9a-f]{10}$/);
  expect(nameWith({ refresh: '5m' })).toBe(name);
  const others = [
    nameWith({ key: 'tools/{server}/{name}' }),
    nameWith({ store: { name: 'other' } }),
    nameWith({ store: { kind: 'SecretStore', name: 'vault' } }),
    nameWith({}, { secrets: ['API_KEY'] }),
    nameWith({}, { rotating: true }),
  ];
  expect(new Set([name, ...others]).size).toBe(6);
});

test('an existing Secret has the name from the platform', () => {
  const nameWith = (secrets: PlatformEntry['secrets']) =>
    secretNameOf(testServer({}, 'weather', storePlatform(secrets)), new Map());
  expect(nameWith({ kind: 'existing' })).toBe('weather-worker-secret');
  expect(nameWith({ kind: 'existing', name: 'tools.{platform}' })).toBe('tools.test-cluster');
});

test.each<[PlatformEntry['secrets'], RegExp]>([
  [undefined, /^$/],
  [externalSecrets, /external: read from ClusterSecretStore "vault" every 1h; pods use .* rollout restart deployment$/],
  [
    { kind: 'existing' },
    /existing: the Secret \{server\}-worker-secret is managed elsewhere; pods use .* rollout restart/,
  ],
])('describes the kind %j in one line', (secrets, line) => {
  const platform = secrets === undefined ? testPlatform : storePlatform(secrets);
  expect(aboutSecrets(platform) ?? '').toMatch(line);
});

test('accepts `rotating` only with a store, and rejects keys that are too long for one', () => {
  const problemsOn = (secrets: PlatformEntry['secrets'], fields: object) => {
    const entry = { team: 'infra', image: 'registry.example.com/a:1.0.0', ...fields };
    const platform = secrets === undefined ? testPlatform : storePlatform(secrets);
    return serversFrom({ name: 'weather', entry }, [platform]).problems;
  };
  expect(problemsOn(externalSecrets, { rotating: true })).toEqual([]);
  expect(problemsOn(externalSecrets, { rotating: false })).toEqual([]);
  expect(problemsOn(undefined, { rotating: true })).toMatchObject([
    { code: 'SERVER-FIELD', path: 'rotating', message: expect.stringContaining('it follows from the sealed file') },
  ]);
  expect(problemsOn({ kind: 'existing' }, { rotating: true })).toMatchObject([{ path: 'rotating' }]);
  const secrets = { ...externalSecrets, key: '{server}/{name}/{name}' };
  expect(problemsOn(secrets, { secrets: ['A'.repeat(253)] })).toMatchObject([
    { code: 'SERVER-FIELD', path: 'secrets.0', message: expect.stringContaining('512 at most') },
  ]);
  expect(problemsOn(secrets, { secrets: ['A'.repeat(200)] })).toEqual([]);
  expect(problemsOn(externalSecrets, { secrets: ['A', 'A'] })).toMatchObject([
    { message: expect.stringContaining('names a secret twice') },
  ]);
});

test('a platform with a store may keep its certificate', () => {
  expect(definePlatform({ ...unconfirmed, secrets: externalSecrets })).toMatchObject({ certificate: {} });
  expect(problemsWith({ certificate: unconfirmed.certificate, secrets: externalSecrets })).toEqual([]);
});
