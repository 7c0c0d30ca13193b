import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addPlatform, addServer, declarationOf, emptyRepository } from '../../testing/repository-copy';

test('rejects a platform that an existing server cannot run on, and writes nothing', () => {
  const root = emptyRepository();
  addServer(root, 'initial', declarationOf('initial', "runtime: 'st-app', host: 'initial.example.com',"));
  const { status, stdout, stderr } = start(root, ...acme);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/UNMAPPED-FIELD .*chart/);
  expect(stderr).toMatch(/DNS-NAME .*"initial\.example\.com".*acme\.example/);
  expect(stderr).toContain("platforms: { 'acme': { host: '…' } }");
  expect(readdirSync(join(root, 'platforms')).sort()).toEqual(['certificates', 'test-cluster.ts']);
  // Problems that existed before do not count.
  addServer(root, 'initial', declarationOf('initial', 'replica: 1,'));
  cpSync(join(root, 'servers/initial/sealed/test-cluster.json'), join(root, 'servers/initial/sealed/gone.json'));
  const added = start(root, ...acme);
  expect([added.status, added.stdout]).toEqual([1, expect.stringContaining('wrote    platforms/acme.ts')]);
  expect(added.stdout).toContain('next     fix the problems above, then npm run synth');
});

test('names the secrets to seal for a new platform, which stops nothing else', () => {
  const root = emptyRepository();
  addServer(root, 'initial');
  addServer(root, 'with-key', declarationOf('with-key', "secrets: ['UPSTREAM_KEY'],"));
  const sealed = join(root, 'servers/with-key/sealed/test-cluster.json');
  const { ARCADE_WORKER_SECRET: value } = JSON.parse(readFileSync(sealed, 'utf8'));
  writeFileSync(sealed, JSON.stringify({ ARCADE_WORKER_SECRET: value, UPSTREAM_KEY: value }));
  const { status, stdout, stderr } = start(root, ...acme);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.split('\n').slice(0, 7)).toEqual([
    '✓ wrote    platforms/acme.ts',
    '  written; 3 secrets to seal:',
    expect.stringContaining('npm run seal -- fetch-cert '),
    '  next     npm run seal -- set initial ARCADE_WORKER_SECRET --generate --platform acme',
    '  next     npm run seal -- set with-key ARCADE_WORKER_SECRET --generate --platform acme',
    '  next     npm run seal -- set with-key UPSTREAM_KEY --platform acme',
    '  next     npm run synth',
  ]);
});

test('refuses to remove the sample while another server names its platform', () => {
  const root = emptyRepository();
  addPlatform(root, 'staging');
  addServer(root, 'ours', declarationOf('ours', "platforms: ['test-cluster'],", 'registry.example.com/ours:1.0.1'));
  writeFileSync(join(root, 'sample.json'), '{ "servers": [], "platforms": ["test-cluster"] }');
  const { status, stderr } = start(root, 'eject-sample', '--force');
  expect([status, stderr]).toEqual([1, expect.stringMatching(/PLATFORM-UNKNOWN .*"test-cluster"/)]);
  expect(readdirSync(join(root, 'platforms')).sort()).toEqual(['certificates', 'staging.ts', 'test-cluster.ts']);
});

const acme = [
  ...['platform', 'acme'],
  ...['--registry', 'registry.acme.example', '--zone', 'acme.example', '--ingress-address', 'in.acme.example'],
  ...['--gitops-repository', 'fleet-2', '--dns-repository', 'acme-dns'],
];

function start(root: string, ...args: readonly string[]) {
  const command = [join(root, 'cli/run.mjs'), 'gitops/new/new.command.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}
