import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stamped } from '../../model/marker';
import { addition, addTool } from '../../testing/repository-copy';
import { emptyFolder, project, projectAt, type Repository, repository } from '../../testing/temp-repository';

const sources = project();
const apps = 'apps/mcp/reference';
const record = 'workspace/reference.tf.json';
const declaration = 'servers/reference/server.ts';

/** A target with the current rendered files, committed. */
function delivered(): Repository {
  const target = repository({ 'README.md': 'theirs' });
  expect(deliver(target, '--write').status).toBe(0);
  target.commit();
  return target;
}

const deliver = (target: Repository, ...args: string[]) => sources.run('deliver', '--to', target.root, ...args);

test('shows a first delivery, writes it with --write, and finds no differences afterwards', () => {
  const [target, names] = [repository(), repository({}, emptyFolder('dns-workspaces'))];
  const args = ['--to', target.root, '--dns-to', names.root];
  const shown = sources.run('deliver', ...args);
  expect(shown).toMatchObject({ status: 2, stderr: '' });
  expect(shown.stdout).toContain(`+++ b/${apps}/server.yaml`);
  expect(shown.stdout).toContain(`+++ b/${record}`);
  expect(shown.stdout).toMatch(/\nNothing written yet: .*--write.*--commit.*\n$/);
  expect(existsSync(join(target.root, 'apps'))).toBe(false);

  const written = sources.run('deliver', ...args, '--write');
  expect(written).toMatchObject({ status: 0, stderr: '' });
  const there = relative(sources.root, target.root);
  expect(written.stdout).toContain(`✓ fleet in ${there}: 3 files written\n  git -C ${there} status\n`);
  expect(readdirSync(join(target.root, apps))).toEqual(['namespace.yaml', 'sealedsecret.yaml', 'server.yaml']);
  expect(target.read(`${apps}/server.yaml`)).toBe(stamped(sources.read(`dist/fleet/${apps}/server.yaml`)));
  expect(names.read(record)).toBe(stamped(sources.read(`dist/dns-workspaces/${record}`)));
  const again = sources.run('deliver', ...args);
  expect(again.status).toBe(0);
  expect(again.stdout).not.toContain('Nothing written yet');
});

test('delivers from a shallow clone that converts line endings', () => {
  const target = delivered();
  sources.change(declaration, (text) => text.replace(/:1\.0\.\d'/, ":1.0.9'"));
  const clone = projectAt(join(emptyFolder('clones'), 'one'));
  const [from, to] = [`file://${sources.root}`, clone.root];
  sources.git('clone', '--quiet', '--depth', '1', '--config', 'core.autocrlf=true', from, to);
  expect(clone.run('synth').stdout).toMatch(/\n\d+ unchanged[^,]*$/);
  expect(clone.git('status', '--porcelain')).toBe('');
  const shown = clone.run('deliver', '--to', target.root);
  expect(shown).toMatchObject({ status: 2, stderr: '', stdout: expect.stringContaining('3 changed') });
});

test('shows a change as a unified diff without ciphertext', () => {
  const target = delivered();
  const sealed = JSON.parse(sources.read('servers/reference/sealed/test-cluster.json')).ARCADE_WORKER_SECRET;
  // Without the private key, a changed last byte is indistinguishable from another valid ciphertext.
  const another = Buffer.from(sealed.ciphertext, 'base64');
  another[another.length - 1] = (another.at(-1) ?? 0) ^ 1;
  const fresh = another.toString('base64');
  sources.change('servers/reference/sealed/test-cluster.json', (text) => text.replace(sealed.ciphertext, fresh));
  for (const args of [[], ['--json']]) {
    const { status, stdout } = deliver(target, ...args);
    expect(status).toBe(2);
    expect(stdout).toMatch(
      /\+ {4}ARCADE_WORKER_SECRET: sealed value changed \(ARCADE_WORKER_SECRET, certificate [0-9a-f]{16}…, \d{4}-\d\d-\d\d\)/,
    );
    expect(stdout).not.toContain(fresh.slice(0, 40));
    expect(stdout).not.toContain(sealed.ciphertext.slice(0, 40));
  }
  expect(deliver(target, '--write').status).toBe(0);
  expect(target.read(`${apps}/sealedsecret.yaml`)).toContain(fresh);
});

test('--commit makes one commit on a new branch and keeps the rest of the index', () => {
  const target = delivered();
  target.write('README.md', 'staged by a colleague');
  target.git('add', 'README.md');
  target.write('notes.txt', 'not tracked');
  const head = target.git('rev-parse', 'HEAD');
  target.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
  target.git('config', 'core.hooksPath', '.git/hooks');
  sources.change(declaration, (text) =>
    text.replace(/image: '.*:[^:]*'/, "image: 'registry.example.com/reference:1.0.2'"),
  );

  const done = deliver(target, '--commit');
  expect(done).toMatchObject({ status: 0, stderr: '' });
  expect(done.stdout).toMatch(/ on mcp-servers\/update-reference, from branch main\n/);
  expect(target.git('symbolic-ref', '--short', 'HEAD').trim()).toBe('mcp-servers/update-reference');
  expect(target.git('log', '--format=%s%n%P', '-1')).toBe(`Update reference\n${head}`);
  const files = target.git('show', '--name-only', '--format=', 'HEAD').trim().split('\n');
  expect(files).toEqual(['namespace.yaml', 'sealedsecret.yaml', 'server.yaml'].map((name) => `${apps}/${name}`));
  expect(target.git('status', '--porcelain')).toBe('M  README.md\n?? notes.txt\n');
  expect(target.git('rev-parse', 'main')).toBe(head);

  expect(deliver(target, '--commit').stdout).toContain('nothing to commit');
  expect(target.git('rev-list', '--count', 'main..HEAD').trim()).toBe('1');
});

test('warns when a commit builds on the branch of an earlier delivery', () => {
  const target = repository();
  expect(deliver(target, '--commit').status).toBe(0);
  sources.change(declaration, (text) => text.replace(/:1\.0\.\d'/, ":1.0.5'"));
  const second = deliver(target, '--commit');
  expect(second.status).toBe(0);
  expect(second.stderr).toMatch(/! TARGET-BRANCH .*"mcp-servers\/add-reference"/);
  expect(second.stdout).toContain('from branch mcp-servers/add-reference\n');
  expect(target.git('rev-list', '--count', 'main..HEAD').trim()).toBe('2');

  target.git('checkout', '--quiet', '--detach', 'main');
  const detached = deliver(target, '--commit');
  expect(detached).toMatchObject({ status: 0, stderr: '' });
  expect(detached.stdout).toContain('on mcp-servers/add-reference-2, from a detached HEAD\n');
});

test('accepts one checkout as both targets', () => {
  const target = repository();
  const { status } = sources.run('deliver', '--to', target.root, '--dns-to', target.root, '--commit');
  expect(status).toBe(0);
  expect(target.git('rev-list', '--count', 'main..HEAD').trim()).toBe('2');
  expect(target.git('status', '--porcelain')).toBe('');
});

test('keeps a file that was edited by hand until --discard names it', () => {
  const target = delivered();
  const path = `${apps}/server.yaml`;
  const edited = target.read(path).replace('replicaCount: 1', 'replicaCount: 3');
  expect(edited).toContain('replicaCount: 3');
  target.write(path, edited);
  target.commit();
  for (const args of [[], ['--write'], ['--commit']]) {
    const refused = deliver(target, ...args);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain('-    replicaCount: 3');
    expect(refused.stderr).toContain('HAND-EDITED');
    expect(refused.stderr).toContain(`--discard ${path}`);
    expect(target.read(path)).toBe(edited);
  }
  expect(deliver(target, '--write', '--discard', path).status).toBe(0);
  expect(target.read(path)).not.toBe(edited);
});

test('rejects an uncommitted edit even with --discard', () => {
  const target = delivered();
  const path = `${apps}/server.yaml`;
  target.write(path, `${target.read(path)}# mine\n`);
  const { status, stdout } = deliver(target, '--json', '--write', '--discard', path);
  expect(status).toBe(1);
  expect(JSON.parse(stdout).problems).toEqual([expect.objectContaining({ code: 'TARGET-DIRTY', file: path })]);
});

test('never overwrites a file without our marker, even with --discard', () => {
  const target = repository({ [`${apps}/server.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' });
  const { status, stderr } = deliver(target, '--write', '--discard', `${apps}/server.yaml`);
  expect(status).toBe(1);
  expect(stderr).toContain('NOT-OURS');
  expect(target.git('status', '--porcelain')).toBe('');
});

test('removing a server removes its files, but its namespace only with --remove-namespace', () => {
  const target = delivered();
  target.write(`${apps}/notes.md`, 'theirs');
  target.commit();
  const [text, sealed] = [sources.read(declaration), sources.read('servers/reference/sealed/test-cluster.json')];
  sources.git('rm', '-r', '--quiet', 'servers/reference');
  sources.change('platforms/test-cluster.ts', (platform) => platform);
  try {
    const refused = deliver(target, '--commit');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('--remove-namespace reference');
    const misspelled = deliver(target, '--remove-namespace', 'referense');
    expect(misspelled.stderr).toMatch(/! USAGE .*referense has no effect.*\n.*write --remove-namespace reference/);
    const done = deliver(target, '--commit', '--remove-namespace', 'reference', 'reference');
    expect(done.status).toBe(0);
    expect(done.stdout).toMatch(/: 3 files removed, committed as /);
    expect(readdirSync(join(target.root, apps))).toEqual(['notes.md']);
    expect(target.git('log', '--format=%s', '-1')).toBe('Remove reference\n');
    expect(deliver(target)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('nothing of ours'),
    });
  } finally {
    sources.write(declaration, text);
    sources.write('servers/reference/sealed/test-cluster.json', sealed);
    sources.change('platforms/test-cluster.ts', (platform) => platform);
  }
});

test('recognizes its own uncommitted files, so a later version may overwrite them', () => {
  const target = repository();
  expect(deliver(target, '--write').status).toBe(0);
  sources.change(declaration, (text) => text.replace(/:1\.0\.\d'/, ":1.0.7'"));
  expect(deliver(target, '--write')).toMatchObject({ status: 0, stderr: '' });
  expect(target.read(`${apps}/server.yaml`)).toContain('tag: 1.0.7');
});

test('writes an uncommitted dist/ with a warning, and never commits it', () => {
  const target = repository();
  const text = sources.read(declaration);
  sources.write(declaration, text.replace(/:1\.0\.\d'/, ":1.0.8'"));
  expect(sources.run('synth').status).toBe(0);
  const refused = deliver(target, '--commit');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('✗ DIST-UNCOMMITTED');
  expect(target.git('status', '--porcelain')).toBe('');
  const { status, stderr } = deliver(target, '--write');
  expect(status).toBe(0);
  expect(stderr).toContain('! DIST-UNCOMMITTED');
  sources.change(declaration, () => text);
  expect(deliver(target, '--write')).toMatchObject({ status: 0, stderr: '' });
});

test('delivers nothing while dist/ is stale', () => {
  const target = repository();
  const text = sources.read(declaration);
  sources.write(declaration, text.replace("team: 'infra'", "team: 'other'"));
  try {
    const { status, stderr } = deliver(target, '--write');
    expect(status).toBe(1);
    expect(stderr.match(/DIST-STALE/g)).toHaveLength(1);
    expect(stderr).toContain(`dist/fleet/${apps}/namespace.yaml differs`);
    expect(existsSync(join(target.root, 'apps'))).toBe(false);
  } finally {
    sources.write(declaration, text);
  }
});

test('reports an edited file in dist/ as stale', () => {
  const path = `dist/fleet/${apps}/namespace.yaml`;
  const text = sources.read(path);
  sources.write(path, text.replace('infra', 'outfra'));
  try {
    const { stderr } = deliver(repository());
    expect(stderr).toMatch(/✗ DIST-STALE .*in 1 file:\n/);
    expect(stderr).toContain(`${path} differs`);
  } finally {
    sources.write(path, text);
  }
});

test('reports an unknown server with the nearest name, together with a missing folder', () => {
  const { status, stderr } = sources.run('deliver', '--to', repository().root, '--dns-to', '/nowhere', 'referense');
  expect(status).toBe(1);
  expect(stderr).toContain('write "reference"');
  expect(stderr).toContain('TARGET-PATH');
  expect(sources.run('deliver').stderr).toContain('USAGE');
});

test('rejects unconfirmed platform facts and values sealed with the sample certificate', () => {
  const fresh = project();
  fresh.change('platforms/test-cluster.ts', (text) =>
    text
      .replace('isSample: false', 'isSample: true')
      .replace("name: 'chart-source'", "name: 'confirm-chart-source'")
      .replace("workspace: 'workspace'", "workspace: 'confirm-workspace'"),
  );
  const names = repository({}, emptyFolder('dns-workspaces'));
  const { status, stdout } = fresh.run('deliver', '--to', repository().root, '--dns-to', names.root, '--json');
  expect(status).toBe(1);
  const codes = JSON.parse(stdout).problems.map(({ code }: { code: string }) => code);
  expect(codes).toEqual(['SOURCE-UNSET', 'DNS-ZONE-UNSET', 'SEAL-SAMPLE']);
  expect(fresh.run('deliver', '--dns-to', names.root).stderr).toMatch(/! SOURCE-UNSET/);
});

test('notices a certificate that was replaced after the previous delivery', () => {
  const fresh = project();
  const target = repository();
  expect(fresh.run('deliver', '--to', target.root).status).toBe(2);
  const pem = 'platforms/certificates/sample.pem';
  const text = fresh.read(pem);
  fresh.write(pem, `${text}\n`);
  expect(fresh.run('deliver', '--to', target.root).status).toBe(2);
  fresh.write(pem, text.replaceAll('CERTIFICATE', 'NOTHING'));
  const refused = fresh.run('deliver', '--to', target.root);
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('CERT-NONE') });
});

test('warns about files that no program could build, and rejects an unattended commit of them', () => {
  const target = repository({ 'apps/mcp/theirs.yaml': 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n' });
  const { PATH, CI } = process.env;
  process.env.PATH = folderWith('git');
  try {
    process.env.CI = 'true';
    const refused = deliver(target, '--commit');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('✗ FLUX-UNCHECKED') });
    expect(target.git('status', '--porcelain')).toBe('');
    delete process.env.CI;
    const done = deliver(target, '--commit');
    expect(done).toMatchObject({ status: 0, stderr: expect.stringContaining('! FLUX-UNCHECKED') });
  } finally {
    process.env.PATH = PATH;
    if (CI !== undefined) process.env.CI = CI;
  }
});

/** A folder for PATH with links to the given programs only. */
function folderWith(...programs: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'programs-'));
  for (const program of programs) {
    const found = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    symlinkSync(found, join(folder, program));
  }
  return folder;
}

test('does not deliver tool contracts, and notices a tool that changed since synth', () => {
  addTool(sources.root, 'reference', 'add', addition);
  sources.change(declaration, (text) => text);
  const target = repository();
  expect(deliver(target, '--write').status).toBe(0);
  expect(sources.read('dist/tools/reference.json')).toContain('Reference_Add');
  expect(sources.read('dist/registry/test-cluster/reference.json')).toContain('com.example.reference/reference');
  expect(readdirSync(target.root).sort()).toEqual(['.git', 'apps']);
  sources.write('servers/reference/tools/add.ts', addition.replace('Add two', 'Sum two'));
  expect(deliver(target)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/DIST-STALE(.*\n)*.*dist\/tools\/reference\.json differs/),
  });
});
