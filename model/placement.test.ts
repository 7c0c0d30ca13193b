import { namedPlatform, stagingPlatform } from '../testing/fixtures';
import { problemsOf } from '../testing/problems';
import { pickOn, serverList } from './servers';

const platforms = [stagingPlatform, namedPlatform];
const entry = { team: 'infra', image: 'registry.example.com/echo:1.0.1' };

test('a server runs on every platform, with a separate host and sealed file on each', () => {
  const { servers, problems } = list({ ...entry, env: { A: '1' } });
  expect(problems).toEqual([]);
  expect(servers.map(({ platform, host, sealedFile }) => [platform.name, host, sealedFile])).toEqual([
    ['staging', 'echo.staging.example.com', 'servers/echo/sealed/staging.json'],
    ['test-cluster', 'echo.example.com', 'servers/echo/sealed/test-cluster.json'],
  ]);
  const alone = serverList([{ name: 'echo', entry: { ...entry, env: { A: '1' } } }], [stagingPlatform]);
  expect(servers[0]).toEqual(alone.servers[0]);
  // The field `platforms` does not change the server itself.
  expect(list({ ...entry, env: { A: '1' }, platforms: ['staging'] }).servers).toEqual(alone.servers);
});

test('an override replaces the declared field, and merges env variable by variable', () => {
  const staging = {
    replicas: 1,
    host: 'e.staging.example.com',
    image: 'registry.example.com/echo:2.0.0',
    env: { B: '3' },
  };
  const { servers, problems } = list({
    ...{ ...entry, replicas: { min: 2, max: 4 }, env: { A: '1', B: '2' } },
    platforms: { staging, 'test-cluster': {} },
  });
  expect(problems).toEqual([]);
  expect(servers).toMatchObject([
    { replicas: 1, host: 'e.staging.example.com', image: staging.image, env: { A: '1', B: '3' } },
    { replicas: { min: 2, max: 4 }, host: 'echo.example.com', image: entry.image, env: { A: '1', B: '2' } },
  ]);
  expect(servers[0]?.specSha256).not.toBe(servers[1]?.specSha256);
});

test('completes a bare version with the registry of each platform', () => {
  const built = { team: 'infra', image: '1.0.1', description: 'Says it again.', version: '1.0.0' };
  const { servers } = serverList([{ name: 'echo', entry: built, tools: ['echo'] }], platforms);
  expect(servers.map(({ image }) => image)).toEqual([
    'registry.staging.example.com/echo:1.0.1',
    'registry.example.com/echo:1.0.1',
  ]);
});

test('reports invalid resources of one platform under its path', () => {
  const resources = { requests: { cpu: '50m', memory: '512m' }, limits: { memory: '256Mi' } };
  const { servers, problems } = list({ ...entry, platforms: { staging: { resources }, 'test-cluster': {} } });
  expect(servers.map(({ platform }) => platform.name)).toEqual(['test-cluster']);
  expect(problems).toMatchObject([
    {
      code: 'SERVER-FIELD',
      path: 'platforms.staging.resources.requests.memory',
      fix: 'write "512Mi", if mebibytes are meant',
    },
  ]);
});

test.each([
  ['an unknown platform', ['stagin'], 'PLATFORM-UNKNOWN', 'platforms.stagin', 'write "staging"'],
  ['an unknown platform in an object', { stagin: {} }, 'PLATFORM-UNKNOWN', 'platforms.stagin', 'write "staging"'],
  ['no platform', [], 'SERVER-FIELD', 'platforms', 'staging, test-cluster'],
  ['a platform twice', ['staging', 'staging'], 'SERVER-FIELD', 'platforms', 'staging, test-cluster'],
  ['a string', 'staging', 'SERVER-FIELD', 'platforms', 'staging, test-cluster'],
  ['a list of numbers', [7], 'SERVER-FIELD', 'platforms', 'staging, test-cluster'],
  ['an override that is not an object', { staging: true }, 'SERVER-FIELD', 'platforms', 'staging, test-cluster'],
  ['another team', { staging: { team: 'x' } }, 'PLATFORM-OVERRIDE', 'platforms.staging.team', 'write it once'],
  ['other secrets', { staging: { secrets: ['A'] } }, 'PLATFORM-OVERRIDE', 'platforms.staging.secrets', 'write it once'],
  [
    'a misspelled field',
    { staging: { replica: 1 } },
    'PLATFORM-OVERRIDE',
    'platforms.staging.replica',
    'write "replicas"',
  ],
  ['a bad value', { staging: { replicas: 0 } }, 'SERVER-FIELD', 'platforms.staging.replicas', 'server-entry.ts'],
  ['a bad variable', { staging: { env: { PATH: 'x' } } }, 'SERVER-FIELD', 'platforms.staging.env.PATH', 'remove it'],
  [
    'a host elsewhere',
    { staging: { host: 'a.example.com' } },
    'DNS-NAME',
    'platforms.staging.host',
    'staging.example.com',
  ],
])('rejects platforms with %s and says how to fix it', (_, chosen, code, path, fix) => {
  const { problems } = list({ ...entry, env: { A: '1' }, platforms: chosen });
  expect(problems).toMatchObject([{ code, path, file: 'servers/echo/server.ts', fix: expect.stringContaining(fix) }]);
});

test('reports a mistake once, but once per platform if its message differs there', () => {
  const { servers, problems } = list({ ...entry, team: 'Infra', host: 'echo.example.org' });
  expect(servers).toEqual([]);
  expect(problems.map(({ code, path }) => [code, path])).toEqual([
    ['SERVER-FIELD', 'team'],
    ['DNS-NAME', 'host'],
    ['DNS-NAME', 'host'],
  ]);
  expect(problems[1]?.fix).toContain("platforms: { 'staging': { host");
});

test('reports a host that two platforms share, and names both and a fix', () => {
  const other = { ...stagingPlatform, name: 'other', flag: ' --platform other' };
  const { problems } = serverList([{ name: 'echo', entry }], [stagingPlatform, other]);
  expect(problems).toMatchObject([
    {
      code: 'DNS-DUPLICATE',
      message: 'Cannot give "echo.staging.example.com" to "echo" on "other": "echo" on "staging" already has it',
      fix: expect.stringContaining("platforms: { 'other': { host"),
    },
  ]);
  expect(
    serverList([{ name: 'echo', entry: { ...entry, exposure: 'internal' } }], [stagingPlatform, other]).problems,
  ).toEqual([]);
});

test('rejects a server that does not run on the chosen platform, and names one where it does', () => {
  const { servers } = list({ ...entry, platforms: ['staging'] });
  expect(pickOn(stagingPlatform, servers, ['echo'])).toEqual(servers);
  expect(pickOn(namedPlatform, servers, [])).toEqual([]);
  expect(problemsOf(() => pickOn(namedPlatform, servers, ['echo']))).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: expect.stringContaining('--platform staging') },
  ]);
});

function list(declared: unknown) {
  return serverList([{ name: 'echo', entry: declared }], platforms);
}
