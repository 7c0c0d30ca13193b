import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { addition, addServer, addTool, declarationOf, emptyRepository } from '../../testing/repository-copy';
import { type Repository, repository } from '../../testing/temp-repository';
import type { Published } from '../tools/published';
import { toolsFiles } from '../tools/tools-file';
import { changesSince } from './since';

// Real git histories that contain only the output of synth.
let origin: Repository;
beforeEach(() => {
  origin = repository();
  commit({ sums: sums('1.0.0') });
  origin.git('switch', '--quiet', '--create', 'change');
});
afterEach(() => rmSync(origin.root, { recursive: true }));

/** The tools of a server: one for each name, with a parameter of this type. */
function sums(version: string, tools: Readonly<Record<string, object>> = { Add: { type: 'number' } }): Published {
  return {
    toolkit: { name: 'Sums', version, description: 'Adds.' },
    tools: Object.entries(tools).map(([name, a]) => ({
      name,
      engine: { name, description: `${name}.` },
      mcp: { name: `Sums_${name}`, inputSchema: { type: 'object', properties: { a } } },
    })),
  };
}

function commit(servers: Readonly<Record<string, Published>>, { write, commit: commitAll, root } = origin): void {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  for (const { path, text } of toolsFiles(new Map(Object.entries(servers)))) write(`dist/${path}`, text);
  commitAll();
}

function since(ref: string, now: Readonly<Record<string, Published>> = { sums: sums('1.0.0') }, { root } = origin) {
  return changesSince(root, ref, new Map(Object.entries(now)));
}

const whole = { Add: { type: 'integer' } };
const more = { Add: { type: 'number' }, Less: { type: 'number' } };
const otherWording = { Add: { type: 'number', description: 'The first.' } };

test.each<[string, string, string, Readonly<Record<string, object>>, string | undefined, RegExp]>([
  ['a break', '1.0.0', '1.0.0', whole, 'TOOL-BREAKING', /version: '2\.0\.0'/],
  ['a break', '1.0.0', '1.9.9', whole, 'TOOL-BREAKING', /version: '2\.0\.0'/],
  ['a break', '1.0.0', '2.0.0', whole, undefined, /^$/],
  ['a break', '1.9.0', '10.0.0', whole, undefined, /^$/],
  ['a break', '0.3.1', '0.3.2', whole, 'TOOL-BREAKING', /version: '0\.4\.0'/],
  ['a break', '0.3.1', '0.4.0', whole, undefined, /^$/],
  ['a break', '0.3.1', '1.0.0', whole, undefined, /^$/],
  ['an addition', '1.0.3', '1.0.4', more, 'TOOL-ADDED', /version: '1\.1\.0'/],
  ['an addition', '1.0.3', '1.1.0', more, undefined, /^$/],
  ['an addition', '0.1.0', '0.1.1', more, 'TOOL-ADDED', /version: '0\.2\.0'/],
  ['an addition', '1.10.0', '1.9.0', more, 'TOOL-ADDED', /version: '1\.11\.0'/],
  ['other wording', '1.0.0', '1.0.0', otherWording, undefined, /^$/],
  ['a removed tool', '1.0.0', '1.1.0', {}, 'TOOL-BREAKING', /version: '2\.0\.0'/],
])('requires a high enough version for %s, from %s to %s', (_what, before, after, tools, code, fix) => {
  commit({ sums: sums(before) });
  const { problems, servers } = since('HEAD', { sums: sums(after, tools) });
  expect(servers).toMatchObject([{ server: 'sums', before, after }]);
  expect(problems.map((problem) => problem.code)).toEqual(code === undefined ? [] : [code]);
  expect(problems.map((problem) => problem.fix).join()).toMatch(fix);
});

test('lists up to five reasons, and exempts new and removed servers', () => {
  const many = Object.fromEntries('abcdefg'.split('').map((name) => [name, { type: 'number' }]));
  commit({ sums: sums('1.0.0', many), removed: sums('1.0.0') });
  const { problems, servers } = since('HEAD', { sums: sums('1.0.0', {}), fresh: sums('1.0.0') });
  expect(problems.map(({ message }) => message)).toEqual([
    [
      'Cannot publish sums 1.0.0: it breaks callers of 1.0.0:',
      ...'abcde'.split('').map((name) => `${name} was removed`),
    ]
      .concat('… and 2 more')
      .join('\n'),
  ]);
  expect(servers.map(({ server, before, after }) => [server, before, after])).toEqual([
    ['fresh', undefined, '1.0.0'],
    ['removed', '1.0.0', undefined],
    ['sums', '1.0.0', '1.0.0'],
  ]);
});

test('ignores later changes on the other branch', () => {
  origin.git('switch', '--quiet', 'main');
  commit({ sums: sums('1.1.0', more) });
  origin.git('switch', '--quiet', 'change');
  expect(since('main').servers).toEqual([]);
});

test('compares with nothing before dist/tools/ existed, and reports a damaged file', () => {
  const first = origin.git('rev-list', '--max-parents=0', 'HEAD').trim();
  expect(since(first).servers).toMatchObject([{ server: 'sums', changes: [{ what: 'is new' }] }]);
  origin.write('dist/tools/sums.json', '{');
  origin.commit();
  expect(problemsOf(() => since('HEAD'))).toMatchObject([
    { code: 'SINCE-REF', message: expect.stringContaining('dist/tools/sums.json cannot be read') },
  ]);
});

test.each(['no-such-branch', '--help', 'HEAD:dist', ''])('rejects "%s", which is not a commit', (ref) => {
  expect(problemsOf(() => since(ref))).toMatchObject([
    {
      code: 'SINCE-REF',
      message: expect.stringContaining('there is no such commit'),
      fix: expect.stringContaining('git fetch origin'),
    },
  ]);
});

test('reports histories without a common commit', () => {
  origin.git('switch', '--quiet', '--orphan', 'other');
  origin.git('commit', '--quiet', '--allow-empty', '--message', 'Other');
  origin.git('switch', '--quiet', 'change');
  expect(problemsOf(() => since('other'))).toMatchObject([
    { code: 'SINCE-REF', message: expect.stringContaining('no commit in common') },
  ]);
});

test('distinguishes a shallow clone from a wrong name, and says how to unshallow it', () => {
  origin.git('commit', '--quiet', '--allow-empty', '--message', 'Later');
  const clone = repository({}, mkdtempSync(join(tmpdir(), 'since-')));
  const problems = (ref: string) => problemsOf(() => since(ref, undefined, clone));
  clone.git('remote', 'add', 'origin', `file://${origin.root}`);
  clone.git('fetch', '--quiet', '--depth=1', 'origin', 'change');
  clone.git('reset', '--quiet', '--hard', 'FETCH_HEAD');
  const unshallow = { code: 'SINCE-REF', fix: 'git fetch --unshallow' };
  expect(problems('main~9')).toMatchObject([unshallow]);
  clone.git('fetch', '--quiet', '--depth=1', 'origin', 'main:refs/remotes/origin/main');
  expect(problems('origin/main')).toMatchObject([
    { ...unshallow, message: expect.stringContaining('ends before the merge base') },
  ]);
  clone.git('fetch', '--quiet', '--unshallow', 'origin');
  expect(since('origin/main', undefined, clone).servers).toEqual([]);
  rmSync(clone.root, { recursive: true });
});

test('the command shows each change and rejects a break without a new major version', () => {
  const folder = emptyRepository();
  addTool(folder, 'sums', 'add', addition);
  const { root, commit: commitAll } = repository({}, folder);
  expect(command(root, 'synth').status).toBe(0);
  commitAll();
  addTool(root, 'sums', 'add', addition.replaceAll('z.number().describe', 'z.int().describe'));
  command(root, 'synth');
  const { status, stdout, stderr } = command(root, 'check', '--rendered', '--since=HEAD');
  expect(status).toBe(1);
  expect(stdout).toMatch(/sums +1\.0\.0 +Add +input\.a +is integer instead of number +breaking/);
  expect(stderr).toMatch(/TOOL-BREAKING.*sums 1\.0\.0.*\n +Add input\.a is integer instead of number\n/);
  addServer(root, 'sums', declarationOf('sums', "description: 'Adds.', version: '2.0.0',"));
  command(root, 'synth');
  const { changes } = JSON.parse(command(root, 'check', '--rendered', '--since=HEAD', '--json').stdout);
  expect(changes).toMatchObject([
    { server: 'sums', before: '1.0.0', after: '2.0.0', changes: [{ level: 'breaking' }, {}] },
  ]);
  rmSync(root, { recursive: true });
});

function command(root: string, name: string, ...args: readonly string[]) {
  const run = [join(root, 'cli/run.mjs'), `gitops/${name}/${name}.command.ts`, ...args];
  return spawnSync(process.execPath, run, { cwd: root, env: { PATH: process.env.PATH }, encoding: 'utf8' });
}
