import { addPlatform, addServer, declarationOf, keepSecretsElsewhere } from '../../testing/repository-copy';
import { emptyFolder, project, repository } from '../../testing/temp-repository';

const both = ['staging', 'test-cluster'];
const sources = project();
addPlatform(sources.root, 'staging');
for (const name of ['reference', 'other']) addServer(sources.root, name, declarationOf(name), both);
sources.change('servers/other/server.ts', (text) => text);

const deliver = (...args: string[]) => sources.run('deliver', ...args);

test('requires --platform if there are several platforms', () => {
  const { status, stderr } = deliver('--to', repository().root);
  expect(status).toBe(1);
  expect(stderr).toContain('PLATFORM-UNKNOWN');
  expect(stderr).toContain('--platform staging, or --platform test-cluster');
});

test('touches only the files of its platform in repositories that platforms share', () => {
  const [fleet, names] = [repository(), repository({}, emptyFolder('dns-workspaces'))];
  const targets = ['--to', fleet.root, '--dns-to', names.root];
  expect(deliver('--platform', 'test-cluster', ...targets, '--write')).toMatchObject({ status: 0, stderr: '' });
  for (const target of [fleet, names]) target.commit();

  // A removal and a change that affect both platforms.
  sources.git('rm', '-r', '--quiet', 'servers/other');
  sources.change('servers/reference/server.ts', (text) => text.replace(/:1\.0\.1'/, ":1.0.2'"));
  const shown = deliver('--platform', 'staging', ...targets, '--json');
  const json: { platform: string; targets: { changes: { path: string }[] }[] } = JSON.parse(shown.stdout);
  const paths = json.targets.flatMap(({ changes }) => changes.map(({ path }) => path));
  expect([shown.status, json.platform]).toEqual([2, 'staging']);
  expect(paths).toEqual([
    ...['namespace', 'sealedsecret', 'server'].map((name) => `staging/apps/mcp/reference/${name}.yaml`),
    'staging-workspace/reference.tf.json',
  ]);

  const done = deliver('--platform', 'staging', ...targets, '--commit');
  expect(done).toMatchObject({ status: 0, stderr: '' });
  for (const target of [fleet, names]) {
    expect(target.git('symbolic-ref', '--short', 'HEAD').trim()).toBe('mcp-servers/staging-add-reference');
    expect(target.git('log', '--format=%s', '-1').trim()).toBe('staging: Add reference');
    expect(target.git('diff', '--name-status', 'main', 'HEAD')).not.toMatch(/^[^A]/m);
    target.git('switch', '--quiet', 'main');
  }
  const production = deliver('--platform', 'test-cluster', ...targets, '--json', '--remove-namespace', 'other');
  const changed = JSON.parse(production.stdout).targets.flatMap(({ changes }: { changes: object[] }) => changes);
  expect(changed.filter(({ state }: { state: string }) => state === 'removed')).toHaveLength(4);
  expect(production.stdout).not.toContain('staging');
});

test('a platform without a DNS workspace renders no records and rejects --dns-to', () => {
  const [fleet, names] = [repository(), repository({}, emptyFolder('dns-workspaces'))];
  sources.change('platforms/staging.ts', (text) =>
    text.replace(/dns: \{[^}]*\}/, "dns: { zone: 'staging.example.com', none: 'wildcard' }"),
  );
  const refused = deliver('--platform', 'staging', '--to', fleet.root, '--dns-to', names.root, '--json');
  expect(JSON.parse(refused.stdout)).toMatchObject({
    targets: [{ repository: 'fleet' }],
    problems: [
      {
        code: 'TARGET-PATH',
        message: expect.stringContaining('"staging" has no DNS workspace; its host names come from wildcard'),
      },
    ],
  });
  expect(deliver('--platform', 'staging', '--to', fleet.root, '--write')).toMatchObject({ status: 0, stderr: '' });
  const status = sources.run('status', '--offline', '--platform', 'staging', '--dns-to', names.root);
  expect(status).toMatchObject({ status: 1, stderr: expect.stringContaining('has no DNS workspace') });
  // The other platform has one in the same repository.
  const both = sources.run('status', '--offline', '--to', fleet.root, '--dns-to', names.root);
  expect(both.stderr).toBe('');
  expect(both.stdout).not.toContain('staging-workspace');
});

test('a problem of one platform does not block the delivery of another', () => {
  sources.change('platforms/test-cluster.ts', (text) => text.replace('isSample: false', 'isSample: true'));
  const target = repository();
  expect(deliver('--platform', 'test-cluster', '--to', target.root, '--write')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('SEAL-SAMPLE'),
  });
  expect(deliver('--platform', 'staging', '--to', target.root, '--write')).toMatchObject({ status: 0, stderr: '' });
});

test('moving secrets to a store lists the entries it must have, and removes the sealed ones', () => {
  const target = repository();
  const to = ['--platform', 'staging', '--to', target.root];
  expect(deliver(...to, '--write')).toMatchObject({ status: 0 });
  target.commit();
  keepSecretsElsewhere(
    sources.root,
    'staging',
    "{ kind: 'external', store: { name: 'vault' }, key: 'mcp/{server}/{name}' }",
  );
  sources.change('platforms/staging.ts', (text) => text);
  const { status, stdout, stderr } = deliver(...to, '--write');
  expect([status, stderr]).toEqual([
    0,
    expect.stringMatching(/^! SECRET-MOVED {2}"reference" gets its Secret from an Ext/m),
  ]);
  expect(stderr).toContain('ClusterSecretStore vault is ready and has mcp/reference/ARCADE_WORKER_SECRET; then');
  expect(stderr).toContain('SEAL-UNUSED');
  expect(stdout).toMatch(/-.*encryptedData:\n-\s+ARCADE_WORKER_SECRET: \(sealed value\)/);
  expect(stdout).toContain('+        key: mcp/reference/ARCADE_WORKER_SECRET');
  expect(target.git('status', '--porcelain', '--untracked-files=all').split('\n').sort().slice(1)).toEqual([
    ' D staging/apps/mcp/reference/sealedsecret.yaml',
    ' M staging/apps/mcp/reference/server.yaml',
    '?? staging/apps/mcp/reference/externalsecret.yaml',
  ]);
});
