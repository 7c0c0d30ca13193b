import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addition, addServer, addTool, declarationOf, emptyRepository } from '../../testing/repository-copy';
import keys from '../seal/vectors/keys.throwaway.json';
import { readTree } from './dist';

// The real command, in copies of this repository.
let repository: string;
beforeEach(() => {
  repository = emptyRepository();
  addServer(repository, 'first');
});
afterEach(() => rmSync(repository, { recursive: true }));

test('a new folder adds the files of its server and changes no other server', () => {
  expect(synth()).toMatchObject({ status: 0 });
  const before = readTree(join(repository, 'dist'));
  addServer(repository, 'second', declarationOf('second', "exposure: 'internal', runtime: 'plain'"));
  const { status, stdout } = synth();
  expect(status).toBe(0);
  const after = readTree(join(repository, 'dist'));
  const added = [...after.keys()].filter((path) => !before.has(path));
  expect(added).toEqual([
    'arcade-engine/second/engine.yaml',
    'arcade-engine/second/helm-values.yaml',
    'fleet/apps/mcp/second/namespace.yaml',
    'fleet/apps/mcp/second/sealedsecret.yaml',
    'fleet/apps/mcp/second/server.yaml',
  ]);
  const ofAll = ['index.json', 'topology.md'];
  for (const [path, text] of before) if (!ofAll.includes(path)) expect(after.get(path)).toBe(text);
  expect(after.get('topology.md')).toContain('namespace second');
  expect(stdout).toMatch(/second\/server\.yaml +new +\d+ B/);
  expect(stdout).toMatch(/5 new, 2 changed, 4 unchanged/);
});

test('removing a server removes its files', () => {
  addServer(repository, 'second');
  synth();
  rmSync(join(repository, 'servers', 'second'), { recursive: true });
  expect(synth().stdout).toMatch(/second\/namespace\.yaml +removed/);
  expect([...readTree(join(repository, 'dist')).keys()].filter((path) => path.includes('second'))).toEqual([]);
});

test('is deterministic across time zones, locales, folders and cdk8s variables', () => {
  synth();
  const first = readTree(join(repository, 'dist'));
  const others = [
    { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    {
      CDK8S_DISABLE_SORT: '1',
      CDK8S_LEGACY_HASH: '1',
      CDK8S_RECORD_CONSTRUCT_METADATA: 'true',
      CDK8S_OUTDIR: tmpdir(),
    },
  ];
  for (const env of others) {
    rmSync(join(repository, 'dist'), { recursive: true });
    expect(synth([], { env, cwd: tmpdir() }).status).toBe(0);
    expect(readTree(join(repository, 'dist'))).toEqual(first);
  }
});

test('needs no network and does not depend on the clock or on random numbers', () => {
  synth();
  const first = readTree(join(repository, 'dist'));
  for (const moment of ['2001-01-01T00:00:00Z', '2031-12-31T23:59:59Z']) {
    const preload = join(repository, `${moment.slice(0, 4)}.cjs`);
    writeFileSync(preload, otherWorld(moment));
    rmSync(join(repository, 'dist'), { recursive: true });
    const { status, stderr } = synth([], { env: { NODE_OPTIONS: `--require=${preload}` } });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('DEFECT')]);
    expect(readTree(join(repository, 'dist'))).toEqual(first);
  }
});

test('without servers, writes an index and an empty diagram, and check passes', () => {
  rmSync(join(repository, 'servers'), { recursive: true });
  expect(synth()).toMatchObject({ status: 0, stdout: expect.stringMatching(/2 new$/m) });
  expect([...readTree(join(repository, 'dist')).keys()].sort()).toEqual(['index.json', 'topology.md']);
  expect(check()).toMatchObject({ status: 0, stdout: expect.stringContaining('0 servers, 2 files') });
});

test('check counts the files that synth lists, with and without a limit', () => {
  for (const limit of [[], ['--platform', 'test-cluster']]) {
    const { files } = JSON.parse(synth([...limit, '--json']).stdout);
    expect(JSON.parse(check(...limit, '--json').stdout)).toMatchObject({ files: files.length });
  }
});

test('accepts tools, tests, shared code and a README in the folder of a server', () => {
  const folder = join(repository, 'servers/first');
  addTool(repository, 'first', 'add', addition);
  for (const file of ['tools/add.test.ts', 'lib/plus.ts', 'README.md']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'throw new Error("synth ran this");\n');
  }
  expect(synth()).toMatchObject({ status: 0, stdout: expect.stringMatching(/tools\/first\.json +new/) });
  writeFileSync(join(folder, 'tools/notes.txt'), '');
  expect(synth()).toMatchObject({ status: 1, stderr: expect.stringContaining('TOOL-FILE') });
});

test('a run over one server leaves the files of the others unchanged', () => {
  addServer(repository, 'second');
  synth();
  const second = join(repository, 'dist/fleet/apps/mcp/second/server.yaml');
  writeFileSync(second, 'edited\n');
  writeFileSync(join(repository, 'servers/first/server.ts'), declarationOf('first', 'replicas: 2'));
  const { status, stdout } = synth(['first', '--json']);
  expect(status).toBe(0);
  const changed = JSON.parse(stdout).files.filter(({ state }: { state: string }) => state !== 'unchanged');
  expect(changed).toMatchObject([
    { path: 'fleet/apps/mcp/first/server.yaml', state: 'changed' },
    { path: 'index.json' },
    { path: 'topology.md', state: 'changed' },
  ]);
  expect(readFileSync(join(repository, 'dist/topology.md'), 'utf8')).toContain('namespace second');
  expect(readFileSync(second, 'utf8')).toBe('edited\n');
});

test('a second run is a no-op', () => {
  synth();
  const index = join(repository, 'dist/index.json');
  const { ino } = statSync(index);
  expect(synth().stdout).toMatch(/6 unchanged$/m);
  expect(statSync(index).ino).toBe(ino);
});

test('a run with errors reports all of them, writes nothing and exits with 1', () => {
  synth();
  const before = readTree(join(repository, 'dist'));
  addServer(repository, 'second', declarationOf('second', "host: 'first.example.com', values: { envFrom: [] }"));
  addServer(repository, 'third', declarationOf('third', "image: 'x/y:latest', replica: 1"));
  rmSync(join(repository, 'servers/second/sealed/test-cluster.json'));
  const { status, stderr } = synth();
  expect(status).toBe(1);
  for (const code of ['DNS-DUPLICATE', 'UNPINNED', 'SERVER-FIELD', 'SEAL-MISSING']) expect(stderr).toContain(code);
  expect(stderr).toContain('npm run seal -- set second ARCADE_WORKER_SECRET');
  // A problem that only rendering finds is in the same report.
  expect(stderr).toContain('values.envFrom');
  expect(readTree(join(repository, 'dist'))).toEqual(before);
});

test('reports a folder without a declaration and a declaration that does not run or parse', () => {
  mkdirSync(join(repository, 'servers', 'empty'));
  expect(synth().stderr).toMatch(/SERVER-FIELD.*"empty"/);
  addServer(repository, 'misspelled', declarationOf('misspelled').replace('defineServer({', 'defineSerevr({'));
  expect(synth().stderr).toMatch(
    /SERVER-FIELD.*"misspelled".*defineSerevr is not defined\n.*servers\/misspelled\/server\.ts/,
  );
  addServer(repository, 'broken', 'export default defineServer({');
  expect(synth()).toMatchObject({ status: 1, stderr: expect.stringContaining('servers/broken/server.ts') });
});

test.each([
  ['cut in half', (text: string) => text.slice(0, text.length / 2), 'SEAL-FORM'],
  ['for another namespace', (text: string) => text.replace('"first"', '"other"'), 'SEAL-LABEL'],
  ['in the scope strict', (text: string) => text.replace('"namespace-wide"', '"strict"'), 'SEAL-SCOPE'],
  [
    'with plaintext instead of ciphertext',
    (text: string) => text.replace(/"Ag[^"]*"/, '"hunter2-hunter2"'),
    'SEAL-FORM',
  ],
  ['in an unknown scope', (text: string) => text.replace('"namespace-wide"', '"global"'), 'SEAL-SCOPE'],
  ['under an unknown certificate', (text: string) => text.replace(/[0-9a-f]{64}/, 'f'.repeat(64)), 'CERT-PIN'],
])('rejects a sealed file %s without quoting it', (_, damage, code) => {
  const file = join(repository, 'servers/first/sealed/test-cluster.json');
  writeFileSync(file, damage(readFileSync(file, 'utf8')));
  const { status, stderr } = synth();
  expect([status, stderr]).toEqual([1, expect.stringContaining(code)]);
  expect(stderr).not.toContain('hunter2');
  expect(existsSync(join(repository, 'dist'))).toBe(false);
});

test('warns of an expired pinned certificate even when values are sealed under another one', () => {
  const { certPem = '', certSha256Hex } = keys.certs.find(({ id }) => id === 'current-expired') ?? {};
  writeFileSync(join(repository, 'platforms/certificates/sample.pem'), certPem);
  const platform = join(repository, 'platforms/test-cluster.ts');
  writeFileSync(platform, readFileSync(platform, 'utf8').replace(/sha256: '.*'/, `sha256: '${certSha256Hex}'`));
  const { status, stderr } = synth();
  expect(status).toBe(1);
  expect(stderr).toContain('✗ CERT-PIN');
  expect(stderr).toMatch(/! CERT-EXPIRED .*it expired on \d{4}-\d\d-\d\d\n.*sample\.pem\n.*fetch-cert/);
});

test('rejects a file without a certificate', () => {
  const pem = join(repository, 'platforms/certificates/sample.pem');
  writeFileSync(pem, readFileSync(pem, 'utf8').replace(/CERTIFICATE/g, 'NOTHING'));
  expect(synth()).toMatchObject({ status: 1, stderr: expect.stringContaining('CERT-NONE') });
});

test('recovers from a run that was killed between its two renames', () => {
  synth();
  const before = readTree(join(repository, 'dist'));
  cpSync(join(repository, 'dist'), join(repository, 'dist.old-99999999'), { recursive: true });
  rmSync(join(repository, 'dist'), { recursive: true });
  mkdirSync(join(repository, 'dist.new-99999999'));
  expect(synth().stdout).toMatch(/6 unchanged$/m);
  expect(readTree(join(repository, 'dist'))).toEqual(before);
  expect(readdirSync(repository).filter((name) => name.startsWith('dist.'))).toEqual([]);
});

test('reports an unknown server with a suggestion, and an unknown flag', () => {
  expect(synth(['frist'])).toMatchObject({ status: 1, stderr: expect.stringContaining('write "first"') });
  expect(synth(['--all'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('npm run synth [-- <server> …]; --help'),
  });
  const { stdout } = synth(['frist', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'SERVER-UNKNOWN', fix: 'write "first"' }] });
});

test('check passes after synth, and reports all stale files in one problem', () => {
  synth();
  expect(check()).toMatchObject({ status: 0 });
  const folder = join(repository, 'dist/fleet/apps/mcp/first');
  writeFileSync(join(folder, 'server.yaml'), 'edited\n');
  rmSync(join(folder, 'namespace.yaml'));
  writeFileSync(join(folder, 'stray.yaml'), 'a: 1\n');
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr.match(/DIST-STALE/g)).toHaveLength(1);
  const path = 'dist/fleet/apps/mcp/first';
  expect(stderr).toContain(
    ['in 3 files:', `${path}/namespace.yaml is missing`, `${path}/server.yaml differs`].join('\n         '),
  );
  expect(stderr).toContain(`${path}/stray.yaml has no source`);
  expect(stderr).toContain('npm run synth');
});

test('lists five stale files and counts the rest', () => {
  const { status, stderr } = check();
  expect(status).toBe(1);
  expect(stderr).toContain('in 6 files:');
  expect(stderr.match(/ is missing/g)).toHaveLength(5);
  expect(stderr).toContain('… and 1 more');
});

function synth(args: readonly string[] = [], options = {}) {
  return command('gitops/synth/synth.command.ts', args, options);
}

function check(...args: readonly string[]) {
  return command('gitops/check/check.command.ts', ['--rendered', ...args], {});
}

function command(
  file: string,
  args: readonly string[],
  { env = {}, cwd = repository }: { env?: NodeJS.ProcessEnv; cwd?: string },
): SpawnSyncReturns<string> {
  const run = join(repository, 'cli/run.mjs');
  return spawnSync(process.execPath, [run, file, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
}

/** Makes the network throw, and fakes the time and random numbers, in the process that renders. */
const otherWorld = (moment: string) => `
const refuse = (what) => () => { throw new Error('synth asked for ' + what); };
const { syncBuiltinESMExports } = require('node:module');
for (const [name, members] of Object.entries({
  net: ['connect', 'createConnection'], dns: ['lookup', 'resolve'], http: ['request', 'get'], https: ['request', 'get'],
})) for (const member of members) require('node:' + name)[member] = refuse(name + '.' + member);
globalThis.fetch = refuse('fetch');
let now = Date.parse('${moment}');
globalThis.Date = class extends Date { constructor(...given) { super(...(given.length === 0 ? [now += 1000] : given)); } };
Date.now = () => (now += 1000);
Math.random = () => (now % 997) / 997;
require('node:crypto').randomBytes = (size) => Buffer.alloc(size, now % 251);
syncBuiltinESMExports();
`;
