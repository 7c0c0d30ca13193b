import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addition, addServer, addTool, declarationOf, emptyRepository } from '../../testing/repository';
import { type Repository, repository } from '../../testing/temp-repository';

// The real command on real histories.
let made: Repository;
beforeEach(() => {
  const folder = emptyRepository();
  addTool(folder, 'sums', 'add', addition);
  made = repository({}, folder);
  rendered();
  made.git('switch', '--quiet', '--create', 'change');
});
afterEach(() => rmSync(made.root, { recursive: true }));

const wholeNumbers = addition.replaceAll('z.number().describe', 'z.int().describe');
const threeNumbers = addition.replace(
  'b: z.number()',
  "c: z.number().default(0).describe('The third.'), b: z.number()",
);

test('nothing has changed', () => {
  expect(check('main')).toMatchObject({ status: 0, stdout: expect.stringContaining('no tool has changed since main') });
});

test('a tool that breaks its callers is refused until the version says so', () => {
  addTool(made.root, 'sums', 'add', wholeNumbers);
  rendered();
  const { status, stdout, stderr } = check('main');
  expect(status).toBe(1);
  expect(stdout).toMatch(/sums +1\.0\.0 +Add +input\.a +is integer instead of number +breaking/);
  expect(stderr).toMatch(/TOOL-BREAKING.*sums 1\.0\.0.*\n +Add input\.a is integer instead of number\n/);
  expect(stderr).toContain("write version: '2.0.0'");
  rendered('1.9.9');
  expect(check('main').stderr).toContain('TOOL-BREAKING');
  rendered('2.0.0');
  expect(check('main')).toMatchObject({ status: 0, stdout: expect.stringMatching(/1\.0\.0 → 2\.0\.0 +Add/) });
});

test('what is added wants the second number, and other words want none', () => {
  addTool(made.root, 'sums', 'add', threeNumbers);
  rendered('1.0.1');
  expect(check('main').stderr).toMatch(/TOOL-ADDED.*\n +Add input\.c is new\n(.*\n)*.*version: '1\.1\.0'/);
  rendered('1.1.0');
  expect(check('main').status).toBe(0);
  addTool(made.root, 'sums', 'add', addition.replace('Add two', 'Sum two'));
  rendered();
  expect(check('main')).toMatchObject({ status: 0, stdout: expect.stringMatching(/has another description +wording/) });
});

test('below 1.0.0 the second number is enough for everything', () => {
  rendered('0.3.1');
  made.git('branch', '--force', 'main');
  addTool(made.root, 'sums', 'add', wholeNumbers);
  rendered('0.3.2');
  expect(check('main').stderr).toMatch(/TOOL-BREAKING(.*\n)*.*version: '0\.4\.0'/);
  rendered('0.4.0');
  expect(check('main').status).toBe(0);
});

test('a server that is gone or new is told with all of its tools, for machines too', () => {
  rmSync(join(made.root, 'servers/sums'), { recursive: true });
  addTool(made.root, 'more', 'add', addition);
  rendered('1.0.0', 'more');
  const { status, stdout } = check('main', '--json');
  expect([status, JSON.parse(stdout).changes]).toEqual([
    0,
    [
      { server: 'more', after: '1.0.0', changes: [{ tool: 'Add', path: '', what: 'is new', level: 'addition' }] },
      { server: 'sums', before: '1.0.0', changes: [{ tool: 'Add', path: '', what: 'is gone', level: 'breaking' }] },
    ],
  ]);
});

test("what has happened on the other branch meanwhile is not this branch's doing", () => {
  made.git('switch', '--quiet', 'main');
  addTool(made.root, 'sums', 'less', addition);
  rendered('1.1.0');
  made.git('switch', '--quiet', 'change');
  expect(check('main')).toMatchObject({ status: 0, stdout: expect.stringContaining('no tool has changed') });
});

test('before tools were written down there is nothing to compare with, and a damaged file is told', () => {
  const first = made.git('rev-list', '--max-parents=0', 'HEAD').trim();
  expect(check(first).stdout).toMatch(/sums +new → 1\.0\.0 +Add +is new/);
  made.write('dist/tools/sums.json', '{');
  made.commit();
  made.git('tag', 'damaged');
  rendered();
  expect(check('damaged').stderr).toMatch(/SINCE-REF.*dist\/tools\/sums\.json cannot be read/);
});

test.each(['no-such-branch', '--help', 'HEAD:dist', ''])(
  '"%s" is no commit, and the message says what to do',
  (ref) => {
    expect(check(ref).stderr).toMatch(/SINCE-REF.*no such commit is here\n +fix +git fetch origin/);
  },
);

test('histories without a commit in common are told', () => {
  made.git('switch', '--quiet', '--orphan', 'other');
  made.git('commit', '--quiet', '--allow-empty', '--message', 'Other');
  made.git('switch', '--quiet', 'change');
  expect(check('other').stderr).toMatch(/SINCE-REF.*no commit in common/);
});

test('a shallow clone is told apart from a name that is wrong, with the command that ends it', () => {
  made.git('commit', '--quiet', '--allow-empty', '--message', 'Later');
  const clone = emptyRepository();
  const { git } = repository({}, clone);
  git('remote', 'add', 'origin', `file://${made.root}`);
  git('fetch', '--quiet', '--depth=1', 'origin', 'change');
  git('reset', '--quiet', '--hard', 'FETCH_HEAD');
  expect(check('main~1', clone).stderr).toMatch(/SINCE-REF.*shallow.*\n +fix +git fetch --unshallow/);
  git('fetch', '--quiet', '--depth=1', 'origin', 'main:refs/remotes/origin/main');
  expect(check('origin/main', clone).stderr).toMatch(/SINCE-REF.*shallow: its history is cut/);
  git('fetch', '--quiet', '--unshallow', 'origin');
  expect(check('origin/main', clone)).toMatchObject({ status: 0 });
  rmSync(clone, { recursive: true });
});

/** Renders and commits, with another version when one is given. */
function rendered(version?: string, server = 'sums'): void {
  const fields = `description: 'Adds.', version: '${version}',`;
  if (version !== undefined) addServer(made.root, server, declarationOf(server, fields));
  expect(command(made.root, 'synth')).toMatchObject({ status: 0 });
  made.commit();
}

function check(ref: string, folder = made.root) {
  const json = folder === '--json' ? ['--json'] : [];
  return command(json.length > 0 ? made.root : folder, 'check', `--since=${ref}`, ...json);
}

function command(root: string, name: string, ...args: readonly string[]) {
  const run = [join(root, 'cli/run.mjs'), `gitops/${name}/${name}.command.ts`, ...args];
  return spawnSync(process.execPath, run, { cwd: root, env: { PATH: process.env.PATH }, encoding: 'utf8' });
}
