import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addPlatform, addServer, declarationOf } from '../../testing/repository-copy';
import { confirmed, emptyFolder, project, repository } from '../../testing/temp-repository';

const declaration = 'servers/reference/server.ts';

test('follows a change from the declaration to the targets, with the next command at each step', () => {
  const sources = project();
  const [target, names] = [repository(), repository()];
  const args = ['--offline', '--to', target.root, '--dns-to', names.root];
  const status = (...more: string[]) => sources.run('status', ...args, ...more);
  const lineOf = (...cells: string[]) => expect.stringMatching(new RegExp(`^reference +${cells.join(' +')}$`, 'm'));

  // A stage that is not checked is not a difference.
  expect(sources.run('status', '--offline')).toMatchObject({
    status: 0,
    stdout: lineOf('1.0.1', 'yes', 'not checked', 'not checked'),
  });
  const first = status();
  expect(first).toMatchObject({ status: 1, stdout: lineOf('1.0.1', 'yes', 'no', 'not checked', 'deliver') });
  expect(first.stdout).toContain(`npm run deliver -- --to ${target.root} reference\n`);
  expect(first.stdout).toContain(`npm run deliver -- --dns-to ${names.root} reference\n`);
  sources.run('deliver', ...args.slice(1), '--write');
  expect(status()).toMatchObject({ status: 1, stdout: lineOf('1.0.1', 'yes', 'open', 'not checked', 'commit') });
  target.commit();
  names.commit();
  expect(status()).toMatchObject({ status: 0, stdout: lineOf('1.0.1', 'yes', '1.0.1', 'not checked') });

  sources.write(declaration, sources.read(declaration).replace('1.0.1', '1.0.2'));
  const stale = status();
  expect(stale).toMatchObject({ status: 1, stdout: lineOf('1.0.2', 'stale', '1.0.1', 'not checked', 'synth') });
  expect(stale.stdout).toContain(
    '! reference: dist/fleet/apps/mcp/reference/namespace.yaml and 2 more files are not up to date with the sources\n',
  );
  sources.run('synth');
  expect(status()).toMatchObject({ status: 1, stdout: lineOf('1.0.2', 'open', '1.0.1', 'not checked', 'commit') });
  sources.commit();
  expect(status()).toMatchObject({ status: 1, stdout: lineOf('1.0.2', 'yes', '1.0.1', 'not checked', 'deliver') });

  sources.run('deliver', '--to', target.root, '--commit');
  const open = status('--json');
  expect(open.status).toBe(1);
  expect(JSON.parse(open.stdout)).toMatchObject({
    ok: false,
    servers: [
      {
        server: 'reference',
        platform: 'test-cluster',
        declared: { image: 'registry.example.com/reference:1.0.2' },
        rendered: { state: 'same', files: [] },
        delivered: { state: 'unmerged', image: 'registry.example.com/reference:1.0.2' },
        dns: { state: 'same' },
        next: [{ word: 'merge', what: expect.stringContaining('mcp-servers/update-reference') }],
      },
    ],
  });
  const branch = target.git('branch', '--show-current').trim();
  target.git('switch', '--quiet', 'main');
  target.git('merge', '--quiet', branch);
  expect(status()).toMatchObject({ status: 0, stdout: lineOf('1.0.2', 'yes', '1.0.2', 'not checked') });

  target.write(
    'apps/mcp/reference/server.yaml',
    target.read('apps/mcp/reference/server.yaml').replace('1.0.2', '9.9.9'),
  );
  target.commit();
  const edited = status();
  expect(edited).toMatchObject({ status: 1, stdout: lineOf('1.0.2', 'yes', 'differs', 'not checked', 'deliver') });
  expect(edited.stdout).toContain('! reference: HAND-EDITED  Cannot overwrite');

  const sealed = 'servers/reference/sealed/test-cluster.json';
  const { ARCADE_WORKER_SECRET: value } = JSON.parse(sources.read(sealed));
  const rotating = { ARCADE_WORKER_SECRET: value, ARCADE_WORKER_SECRET_PREVIOUS: value };
  sources.write(sealed, JSON.stringify(rotating));
  expect(sources.run('status', '--offline').stdout).toContain(
    '- reference: a rotation of its worker secret is under way',
  );
});

test('reports a removed server, one of another platform, and a checkout of another repository', () => {
  const sources = project();
  const target = repository();
  sources.run('deliver', '--to', target.root, '--write');
  target.commit();
  rmSync(join(sources.root, 'servers/reference'), { recursive: true });
  addPlatform(sources.root, 'staging');
  sources.change('platforms/staging.ts', (text) => text);
  const args = ['--offline', '--to', target.root];
  const gone = sources.run('status', ...args);
  expect(gone.status).toBe(1);
  expect(gone.stdout).toMatch(/^reference +test-cluster +- +yes +differs +- +deliver$/m);
  expect(gone.stdout).toContain(`npm run deliver -- --platform test-cluster --to ${target.root} reference`);
  expect(sources.run('status', ...args, '--platform', 'staging')).toMatchObject({ status: 0 });
  const elsewhere = sources.run('status', '--offline', 'reference');
  expect(elsewhere).toMatchObject({ status: 1, stderr: expect.stringContaining('✗ SERVER-UNKNOWN') });
  target.git('remote', 'add', 'origin', 'https://git.example.com/acme/another.git');
  expect(sources.run('status', ...args).stderr).toMatch(/✗ TARGET-PATH .*its origin is "another"/);
});

test('tells checkouts without remotes apart by their folders, and refuses one that could be either', () => {
  const sources = project();
  const staging = 'platforms/staging.ts';
  addPlatform(sources.root, 'staging');
  sources.write(declaration, declarationOf('reference', 'platforms: { "test-cluster": {}, staging: { replicas: 2 } }'));
  addServer(sources.root, 'reference', sources.read(declaration), ['test-cluster', 'staging']);
  sources.change(staging, (text) =>
    confirmed(text).replace('staging/apps/mcp', 'apps/mcp').replace("'fleet'", "'fleet-staging'"),
  );
  const [production, other] = [repository(), repository({}, emptyFolder('fleet-staging'))];
  for (const [platform, { root, commit }] of [
    ['test-cluster', production],
    ['staging', other],
  ] as const) {
    expect(sources.run('deliver', '--platform', platform, '--to', root, '--write')).toMatchObject({ stderr: '' });
    commit();
  }
  const targets = ['--to', production.root, '--to', other.root];
  expect(sources.run('status', '--offline', ...targets)).toMatchObject({ status: 0, stderr: '' });
  // Like deliver, it warns of a name that it does not know, and prefers one that it knows.
  const one = sources.run('status', '--offline', ...targets, '--platform', 'staging');
  expect(one).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^! TARGET-PATH .*of "fleet-staging": it has no remote/),
  });
  const unknown = repository({}, emptyFolder('clone'));
  const either = sources.run('status', '--offline', '--to', unknown.root, '--json');
  expect(either.status).toBe(1);
  expect(JSON.parse(either.stdout)).toMatchObject({
    problems: [{ code: 'TARGET-PATH', message: expect.stringContaining('a checkout of "fleet-staging" or "fleet"') }],
  });
});

test('says merge only of the servers that the branch of a delivery has alone', () => {
  const sources = project();
  const target = repository();
  addServer(sources.root, 'billing');
  sources.change('servers/billing/server.ts', (text) => text);
  sources.run('deliver', '--to', target.root, '--write');
  target.commit();
  sources.change('servers/billing/server.ts', (text) => text.replace('1.0.1', '1.0.2'));
  sources.run('deliver', '--to', target.root, '--commit');
  const { status, stdout } = sources.run('status', '--offline', '--to', target.root);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^billing +1\.0\.2 +yes +branch +not checked +merge$/m);
  expect(stdout).toMatch(/^reference +1\.0\.1 +yes +1\.0\.1 +not checked *$/m);
  expect(stdout.match(/only on the branch/g)).toHaveLength(1);
});
