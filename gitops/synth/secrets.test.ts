import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addPlatform,
  addServer,
  declarationOf,
  emptyRepository,
  keepSecretsElsewhere,
} from '../../testing/repository-copy';
import { readTree } from './dist';

// The real command, in copies of this repository with a second platform whose secrets are stored elsewhere.
let repository: string;
beforeEach(() => {
  repository = emptyRepository();
  addPlatform(repository, 'staging');
});
afterEach(() => rmSync(repository, { recursive: true }));

test('renders sealed secrets for one platform and a store for the other, also in the diagram and the index', () => {
  keepSecretsElsewhere(
    repository,
    'staging',
    "{ kind: 'external', store: { name: 'vault' }, key: 'mcp/{server}/{name}' }",
  );
  addServer(repository, 'first', declarationOf('first', "runtime: 'plain'"), ['test-cluster']);
  expect(run('synth')).toMatchObject({ status: 0, stderr: expect.not.stringContaining('SEAL-UNUSED') });
  const dist = readTree(join(repository, 'dist'));
  const there = 'fleet/staging/apps/mcp/first';
  expect([...dist.keys()].filter((path) => path.startsWith('fleet/'))).toEqual([
    ...['namespace', 'sealedsecret', 'server'].map((name) => `fleet/apps/mcp/first/${name}.yaml`),
    ...['externalsecret', 'namespace', 'server'].map((name) => `${there}/${name}.yaml`),
  ]);
  const [, name = ''] = /name: (first-worker-secret-[0-9a-f]{10})\n/.exec(dist.get(`${there}/server.yaml`) ?? '') ?? [];
  expect(dist.get(`${there}/externalsecret.yaml`)).toContain(`name: ${name}\n`);
  expect(dist.get('index.json')).toContain(`external-secrets.io/ExternalSecret/first/${name}`);
  expect(dist.get('topology.md')).toContain(
    `store0[("ClusterSecretStore #quot;vault#quot;<br>mcp/{server}/{name}")] -.->|"every 1h"| secret0`,
  );
  expect(dist.get('topology.md')?.match(/store\d/g)).toHaveLength(1);
  const { status, stdout } = run('check', '--rendered');
  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('1 server on 2 platforms') });
  expect(stdout).toContain('secrets of staging are external: read from ClusterSecretStore "vault" every 1h; pods use');
  expect(run('images', '--all')).toMatchObject({ status: 0 });
});

test('warns of unused sealed values and requires none on a platform whose secrets are stored elsewhere', () => {
  keepSecretsElsewhere(repository, 'staging', "{ kind: 'existing' }");
  addServer(repository, 'first', declarationOf('first', "secrets: ['API_KEY'], platforms: ['staging']"), [
    'test-cluster',
  ]);
  const unused = join(repository, 'servers/first/sealed/staging.json');
  writeFileSync(unused, '{}');
  const { status, stderr } = run('synth');
  expect(status).toBe(0);
  expect(stderr).toContain(
    'SEAL-UNUSED  The sealed values of "first" are not used: the secrets of "staging" are existing',
  );
  expect(stderr).not.toContain('SEAL-MISSING');
  expect(existsSync(join(repository, 'dist/fleet/staging/apps/mcp/first/server.yaml'))).toBe(true);
  expect([...readTree(join(repository, 'dist')).keys()].join()).not.toMatch(/fleet\/staging\/.*secret/);
  expect(readTree(join(repository, 'dist')).get('topology.md')).toContain(
    'existing secret first-worker-secret<br>API_KEY',
  );
});

function run(verb: string, ...args: readonly string[]) {
  const command = [join(repository, 'cli/run.mjs'), `gitops/${verb}/${verb}.command.ts`, ...args];
  return spawnSync(process.execPath, command, { cwd: repository, encoding: 'utf8', timeout: 600_000 });
}
