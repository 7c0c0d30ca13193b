import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { emptyFolder, type Project, project, projectAt } from '../../testing/temp-repository';

/** Replaces the slow scripts of the product; `npm test` fails if the release has the file `model/fails`. */
const scripts = (text: string) => {
  const packages = JSON.parse(text);
  packages.scripts.check = 'node -e "process.exit(0)"';
  packages.scripts.test = `node -e "process.exit(require('fs').existsSync('model/fails') ? 1 : 0)"`;
  return `${JSON.stringify(packages, null, 2)}\n`;
};

/** A first release, a team's clone of it, and a function that makes the next release. */
function releases() {
  const first = project();
  first.write('package.json', scripts(first.read('package.json')));
  first.git('rm', '-rq', '--cached', 'node_modules');
  // node_modules is a link here, which the .gitignore of the product does not match.
  first.write('.git/info/exclude', 'node_modules\n');
  first.commit();
  const team = cloned(first);
  const next = (write: (product: Project) => void) => {
    write(first);
    first.commit();
    return first.git('rev-parse', 'HEAD').trim();
  };
  return { first, team, next };
}

function cloned(product: Project): Project {
  const folder = join(emptyFolder('team'), 'mcp-servers');
  product.git('clone', '--quiet', product.root, folder);
  // A real folder, as npm creates it.
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')))
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  const team = projectAt(folder);
  team.git('config', 'user.name', 'Team');
  team.git('config', 'user.email', 'team@example.com');
  return team;
}

test('upgrades the product in one commit, twice, and keeps the files of the team', () => {
  const { first, team, next } = releases();
  team.change('servers/reference/server.ts', (text) => text.replace(/team: '.*?'/, "team: 'other'"));
  const before = team.read('servers/reference/server.ts');
  const release = next(({ write, git }) => {
    write('model/new-fact.ts', 'export const fact = 1;\n');
    write('CHANGELOG.md', '# Changelog\n\n## [1.1.0] - 2026-03-01\n\n### Added\n\n- New facts.\n');
    // The folder of the team on a case-insensitive file system.
    write('Servers/reference/server.ts', '');
    git('rm', '--quiet', 'cdktf.json');
  });
  const { status, stdout, stderr } = team.run('upgrade', first.root);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('npm test …') });
  expect(stdout).toContain('[1.1.0] - 2026-03-01\n### Added\n\n- New facts.');
  expect(stdout).toMatch(/written +model\/new-fact\.ts\nremoved +cdktf\.json/);
  expect(team.git('log', '-1', '--format=%B').trim()).toBe(
    `Upgrade to ${release.slice(0, 12)}\n\nUpgraded-To: ${release}`,
  );
  expect(team.git('diff', '--name-status', 'HEAD~1', 'HEAD').trim().split('\n')).toEqual([
    'A\tCHANGELOG.md',
    'D\tcdktf.json',
    'A\tmodel/new-fact.ts',
  ]);
  expect(team.read('servers/reference/server.ts')).toBe(before);

  next(({ write }) => write('model/new-fact.ts', 'export const fact = 2;\n'));
  expect(team.run('upgrade', first.root, '--json')).toMatchObject({ status: 0 });
  expect(team.read('model/new-fact.ts')).toContain('2');
  expect(team.run('upgrade', first.root)).toMatchObject({ status: 0, stdout: expect.stringContaining('already at') });
});

test('rejects a file that both sides changed before writing anything, and suggests a diff', () => {
  const { first, team, next } = releases();
  team.change('model/sorted.ts', (text) => `${text}// Ours.\n`);
  team.change('model/nearest.ts', (text) => `${text}// Ours as well.\n`);
  next(({ write, read }) => write('model/sorted.ts', `${read('model/sorted.ts')}// Theirs.\n`));
  const { status, stderr } = team.run('upgrade', first.root);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('UPGRADE-CHANGED') });
  expect(stderr).toMatch(/see git diff \w{12} HEAD -- model\/sorted\.ts/);
  expect(stderr).not.toContain('nearest.ts');
  team.git('revert', '--no-edit', 'HEAD~1');
  expect(team.run('upgrade', first.root, '--dry-run').stdout).toMatch(/kept, changed here +model\/nearest\.ts/);
});

test('changes nothing if the tests of the release fail, and names the failed command', () => {
  const { first, team, next } = releases();
  next(({ write }) => write('model/fails', ''));
  const head = team.git('rev-parse', 'HEAD');
  const { status, stderr } = team.run('upgrade', first.root);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/UPGRADE-FAILED .*npm test fails/) });
  expect([
    team.git('rev-parse', 'HEAD'),
    team.git('status', '--porcelain'),
    existsSync(join(team.root, 'model/fails')),
  ]).toEqual([head, '', false]);
  expect(team.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
});

test('Ctrl-C during the tests of a release changes nothing, leaves nothing behind, and ends without a message', () => {
  const { first, team, next } = releases();
  next(({ read, write }) => {
    const packages = JSON.parse(read('package.json'));
    // A terminal signals the whole group: npm fails, and its parent, the upgrade, gets the signal too.
    packages.scripts.test = 'kill -INT $(ps -o ppid= -p $PPID); exit 1';
    write('package.json', JSON.stringify(packages));
  });
  const [head, temporary] = [team.git('rev-parse', 'HEAD'), readdirSync(tmpdir())];
  const { status, stderr } = team.run('upgrade', first.root);
  expect(status).toBe(null);
  expect(stderr).toMatch(/npm test …\n$/);
  expect([team.git('rev-parse', 'HEAD'), team.git('status', '--porcelain')]).toEqual([head, '']);
  expect(team.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('upgrade-') && !temporary.includes(name))).toEqual([]);
});

test('keeps added packages, and rejects any other change in package.json', () => {
  const { first, team, next } = releases();
  const add = (product: Project, kind: string, name: string, value: string) => {
    const packages = JSON.parse(product.read('package.json'));
    packages[kind][name] = value;
    product.write('package.json', `${JSON.stringify(packages, null, 2)}\n`);
  };
  add(team, 'dependencies', 'a-package', '1.0.0');
  team.commit();
  next((product) => add(product, 'dependencies', 'another-package', '2.0.0'));
  expect(team.run('upgrade', first.root)).toMatchObject({ status: 0 });
  expect(JSON.parse(team.read('package.json')).dependencies).toMatchObject({
    'a-package': '1.0.0',
    'another-package': '2.0.0',
  });
  add(team, 'dependencies', 'zod', '3.0.0');
  team.commit();
  next((product) => add(product, 'dependencies', 'zod', '9.0.0'));
  expect(team.run('upgrade', first.root)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('UPGRADE-CHANGED'),
  });
});

test('rejects a missing release, uncommitted changes, unrelated histories and invalid refs, each with a fix', () => {
  const { first, team } = releases();
  team.write('model/sorted.ts', '');
  expect(team.run('upgrade').stderr).toContain('npm run upgrade -- <path or address>');
  expect(team.run('upgrade', first.root).stderr).toContain('TARGET-DIRTY');
  const other = releases();
  expect(other.team.run('upgrade', first.root).stderr).toMatch(/UPGRADE-BASE[\s\S]*--from <commit>/);
  for (const from of ['--output=stolen', 'nobody', 'HEAD:model'])
    expect(other.team.run('upgrade', first.root, `--from=${from}`).stderr).toMatch(/UPGRADE-BASE[\s\S]*no such commit/);
  expect(existsSync(join(other.team.root, 'stolen'))).toBe(false);
  const heads = other.team.git('for-each-ref');
  for (const ref of ['HEAD:refs/heads/main', '+HEAD:refs/heads/new', 'refs/heads/*'])
    expect(other.team.run('upgrade', other.first.root, '--ref', ref).stderr).toContain('not one branch, tag or commit');
  expect(other.team.git('for-each-ref')).toBe(heads);
});
