import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testPlatform, testServer } from '../../testing/fixtures';
import { addPlatform, addServer, declarationOf, emptyRepository } from '../../testing/repository';
import { foreseen } from './foreseen';

test('what rendering refuses of a server is known before it is there', () => {
  const broken = testServer({ values: { envFrom: [] } });
  expect(foreseen([broken, testServer({}, 'other')], [testPlatform])).toMatchObject([{ code: 'SERVER-FIELD' }]);
  expect(foreseen([testServer(), testServer({ runtime: 'plain' }, 'other')], [testPlatform])).toEqual([]);
});

test('a platform on which a server could not run is refused before anything of it is written', () => {
  const root = emptyRepository();
  addServer(root, 'initial', declarationOf('initial', "runtime: 'st-app', host: 'initial.example.com',"));
  const { status, stdout, stderr } = start(root, 'platform', 'acme', ...facts);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/UNMAPPED-FIELD .*chart/);
  expect(stderr).toMatch(/DNS-NAME .*"initial\.example\.com".*acme\.example/);
  expect(stderr).toContain("platforms: { 'acme': { host: '…' } }");
  expect(readdirSync(join(root, 'platforms')).sort()).toEqual(['certificates', 'test-cluster.ts']);
});

test('the sample stays while a server of ours names its platform', () => {
  const root = emptyRepository();
  addPlatform(root, 'staging');
  addServer(root, 'ours', declarationOf('ours', "platforms: ['test-cluster'],", 'registry.example.com/ours:1.0.1'));
  writeFileSync(join(root, 'sample.json'), '{ "servers": [], "platforms": ["test-cluster"] }');
  const { status, stderr } = start(root, 'eject-sample', '--force');
  expect([status, stderr]).toEqual([1, expect.stringMatching(/PLATFORM-UNKNOWN .*"test-cluster"/)]);
  expect(readdirSync(join(root, 'platforms')).sort()).toEqual(['certificates', 'staging.ts', 'test-cluster.ts']);
});

const facts = [
  ...['--registry', 'registry.acme.example', '--zone', 'acme.example', '--ingress-target', 'in.acme.example'],
  ...['--gitops-repository', 'fleet-2', '--dns-repository', 'acme-dns'],
];

function start(root: string, ...args: readonly string[]) {
  const command = [join(root, 'cli/run.mjs'), 'gitops/new/new.command.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}
