import { spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPlatform, addServer, declarationOf, emptyRepository } from '../../testing/repository-copy';
import { readTree, type Tree } from './dist';

// The real command, in copies of this repository with a second platform.
const both = ['staging', 'test-cluster'];
let repository: string;
beforeEach(() => {
  repository = emptyRepository();
  addPlatform(repository, 'staging');
});
afterEach(() => rmSync(repository, { recursive: true }));

test('renders separate files for each platform and records their platform in the index', () => {
  const differs =
    "exposure: 'internal', runtime: 'plain', platforms: { staging: { replicas: 3, env: { A: '1' } }, 'test-cluster': {} }";
  addServer(repository, 'inside', declarationOf('inside', differs), both);
  addServer(repository, 'outside', declarationOf('outside', "platforms: ['staging']"), ['staging']);
  expect(synth()).toMatchObject({ status: 0 });
  const dist = tree();
  const index: { files: { path: string; server?: string; platform?: string }[] } = JSON.parse(
    dist.get('index.json') ?? '',
  );
  const files = ['namespace.yaml', 'sealedsecret.yaml', 'server.yaml'];
  const engine = ['engine.yaml', 'helm-values.yaml'];
  expect(index.files.map(({ path, server, platform }) => `${platform} ${server} ${path}`)).toEqual([
    ...engine.map((name) => `staging inside arcade-engine/staging/inside/${name}`),
    ...engine.map((name) => `test-cluster inside arcade-engine/test-cluster/inside/${name}`),
    'staging outside dns-workspaces/confirm-staging-workspace/outside.tf.json',
    ...files.map((name) => `test-cluster inside fleet/apps/mcp/inside/${name}`),
    ...files.map((name) => `staging inside fleet/staging/apps/mcp/inside/${name}`),
    ...files.map((name) => `staging outside fleet/staging/apps/mcp/outside/${name}`),
    'undefined undefined topology.md',
  ]);
  const [here = '', there = ''] = ['staging/apps', 'apps'].map(
    (path) => dist.get(`fleet/${path}/mcp/inside/server.yaml`) ?? '',
  );
  expect(here).toMatch(/replicas: 3/);
  expect(here).toMatch(/name: A\n/);
  expect(there).toMatch(/replicas: 1/);
  expect(there).not.toMatch(/name: A\n/);
  expect(dist.get('dns-workspaces/confirm-staging-workspace/outside.tf.json')).toContain('outside.staging.example.com');
  expect(check()).toMatchObject({ status: 0, stdout: expect.stringContaining('2 servers on 2 platforms, 16 files') });
});

test('a run over one platform leaves the files of the others unchanged', () => {
  addServer(repository, 'first', declarationOf('first'), both);
  synth();
  const before = tree();
  writeFileSync(join(repository, 'servers/first/server.ts'), declarationOf('first', 'replicas: 2'));
  expect(synth('--platform', 'staging')).toMatchObject({ status: 0 });
  const after = tree();
  const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path));
  expect(changed.sort()).toEqual(['fleet/staging/apps/mcp/first/server.yaml', 'index.json', 'topology.md']);
  expect(check('--platform', 'staging').status).toBe(0);
  expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('fleet/apps/mcp/first/server.yaml') });
  expect(synth('--platform', 'stagin')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('write "staging"'),
  });
});

test('reports every value sealed for the wrong platform in one run, with the platform it belongs to', () => {
  addServer(repository, 'first', declarationOf('first'), both);
  addServer(repository, 'second', declarationOf('second', "platforms: ['test-cluster']"), both);
  addServer(repository, 'third', declarationOf('third', "platforms: { staging: { team: 'x' }, prod: {} }"), [
    'staging',
  ]);
  synth();
  const before = tree();
  const sealed = (name: string) => join(repository, `servers/first/sealed/${name}.json`);
  renameSync(sealed('test-cluster'), sealed('kept'));
  writeFileSync(sealed('test-cluster'), readFileSync(sealed('staging')));
  rmSync(join(repository, 'platforms/certificates/staging.pem'));
  const { status, stderr } = synth();
  expect(status).toBe(1);
  for (const problem of [
    'PLATFORM-OVERRIDE  Cannot override "team" on "staging": only image, replicas, resources, host, ',
    'PLATFORM-UNKNOWN  Cannot find the platform "prod"',
    'TOOL-FILE  Cannot use servers/first/sealed/kept.json: there is no platform "kept"',
    'CERT-NONE  Cannot read the certificate',
    'SEAL-UNUSED  The sealed values of "second" are not used: it does not run on "staging"',
  ]) {
    expect(stderr).toContain(problem);
  }
  expect(tree()).toEqual(before);
  addPlatform(repository, 'staging');
  expect(synth().stderr).toMatch(
    /CERT-PIN .* belongs to "staging", not to "test-cluster"[\s\S]*--platform test-cluster/,
  );
});

test('rejects platforms that share a path and servers that share a host, naming both', () => {
  addServer(repository, 'first', declarationOf('first', "host: 'first.staging.example.com'"), both);
  const { stderr } = synth();
  expect(stderr).toContain(
    '"first.staging.example.com" to "first" on "test-cluster": "first" on "staging" already has it',
  );
  const file = join(repository, 'platforms/staging.ts');
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace("'staging/apps/mcp'", "'apps/mcp/x'").replace(/'confirm-staging-workspace'/, "'confirm-workspace'"),
  );
  const { status, stderr: refused } = synth();
  expect(status).toBe(1);
  expect(refused.match(/PLATFORM-CLASH .*/g)).toHaveLength(2);
  expect(refused).toContain('"test-cluster" cannot write to fleet/apps/mcp: "staging" writes to fleet/apps/mcp/x');
});

function tree(): Tree {
  return readTree(join(repository, 'dist'));
}

function synth(...args: readonly string[]) {
  return run('synth', args);
}

function check(...args: readonly string[]) {
  return run('check', ['--rendered', ...args]);
}

function run(verb: 'synth' | 'check', args: readonly string[]) {
  const command = [join(repository, 'cli/run.mjs'), `gitops/${verb}/${verb}.command.ts`, ...args];
  return spawnSync(process.execPath, command, { cwd: repository, encoding: 'utf8' });
}
