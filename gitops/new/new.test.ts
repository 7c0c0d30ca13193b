import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverList } from '../../model/servers';
import { externalSecrets, namedPlatform, stagingPlatform, storePlatform, testPlatform } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { addPlatform, addServer, emptyRepository } from '../../testing/repository-copy';
import { emptyFolder, repository } from '../../testing/temp-repository';
import { runExample } from '../../worker/catalog/example';
import { loadCatalog } from '../../worker/catalog/load';
import { isToolName as isToolNameOfWorker } from '../../worker/catalog/names';
import { ejectSample } from './eject-sample';
import { writeNew } from './files';
import { newServer } from './server';
import daysBetween from './templates/days_between';
import tool from './templates/tool';
import { afterEdits, isToolName, newResource, newTool } from './tool';

const root = emptyRepository();
const built = { team: 'infra', image: '1.0.0', description: 'Says something.', version: '1.0.0' };
const foreign = { team: 'infra', image: 'other.example.com/foreign:1.0.0' };
test('every template passes its own examples', async () => {
  const toolkit = { name: 'any', version: '1.0.0', description: 'Any.' };
  const { tools } = loadCatalog(toolkit, new Map([['days_between', daysBetween] as const, ['tool', tool] as const]));
  for (const each of tools) {
    for (const example of each.definition.examples) {
      const { expected, received } = await runExample(each, example);
      expect(received).toEqual(expected);
    }
  }
});

test('derives a server from its name, or from the given team and description', () => {
  const { files } = newServer(root, 'two-words', {}, [], [testPlatform]);
  expect([...files.keys()]).toEqual(['servers/two-words/server.ts', 'servers/two-words/tools/days_between.ts']);
  expect(files.get('servers/two-words/server.ts')).toContain("description: 'Tools for two words.',\n");
  const description = `Says "it's" $` + '{so}.';
  const { added } = newServer(root, 'a', { team: 'ops', description }, [], [testPlatform]);
  expect(added).toMatchObject([{ team: 'ops', toolkit: { description } }]);
});

test('reports every problem of a new server together, with a fix for the name', () => {
  const wrong = (name: string, facts = {}) => problemsOf(() => newServer(root, name, facts, [], [testPlatform]));
  expect(wrong('Bad Name', { team: 'My Team', description: '' })).toMatchObject([
    { code: 'NAME', fix: 'choose another name' },
    { code: 'SERVER-FIELD', path: 'team' },
    { code: 'SERVER-FIELD', path: 'description' },
  ]);
  for (const name of ['a--b', '../x', 'default', 'build', '']) expect(wrong(name)[0]).toMatchObject({ code: 'NAME' });
  mkdirSync(join(root, 'servers/taken'));
  expect(wrong('taken')).toMatchObject([{ code: 'NAME-TAKEN', file: 'servers/taken' }]);
});

test('rejects a server with the toolkit name or the host of another', () => {
  const declared = [
    { name: 'my-tools', entry: built, tools: ['say'] },
    { name: 'foreign', entry: { ...foreign, host: 'weather.example.com' } },
  ];
  const { servers } = serverList(declared, [testPlatform]);
  const wrong = (name: string) => problemsOf(() => newServer(root, name, {}, servers, [testPlatform]));
  expect(wrong('mytools')).toMatchObject([{ code: 'TOOLKIT-DUPLICATE', fix: 'choose another name' }]);
  expect(wrong('weather')).toMatchObject([{ code: 'DNS-DUPLICATE', fix: 'choose another name' }]);
});

test.each(['a', 'find_2', 'a__b', '_a', 'a_', 'A', 'a-b', '2a', 'a b', '', 'é'])(
  '"%s" is a tool name here if and only if it is one for the worker',
  (name) => {
    expect(isToolName(name)).toBe(isToolNameOfWorker(name));
  },
);

test.each([
  ['word-count', 'write word_count'],
  ['Word Count', 'write word_count'],
  ['wordCount', 'write word_count'],
  ['word - count', 'write word_count'],
  ['2-words', 'choose a name such as find_runbooks'],
  ['-', 'choose a name such as find_runbooks'],
])('says how to write the name "%s"', (name, fix) => {
  const list = serverList([{ name: 'echo', entry: built, tools: ['say'] }], [testPlatform]);
  for (const create of [newTool, newResource])
    expect(problemsOf(() => create(root, 'echo', name, list))).toMatchObject([{ code: 'NAME', fix }]);
});

test('creates a tool and its test, or reports every problem of its name and its server', () => {
  const wrong = (server: string, name: string, entry: object = built, tools?: readonly string[]) =>
    problemsOf(() => newTool(root, server, name, serverList([{ name: 'echo', entry, tools }], [testPlatform])));
  const list = serverList([{ name: 'echo', entry: built, tools: ['say', 'shout'] }], [testPlatform]);
  const files = newTool(root, 'echo', 'shout', list);
  expect([...files.keys()]).toEqual(['servers/echo/tools/shout.ts', 'servers/echo/tools/shout.test.ts']);
  expect(files.get('servers/echo/tools/shout.test.ts')).toContain("import tool from './shout';");
  expect(wrong('eco', 'Shout', built, ['say'])).toMatchObject([
    { code: 'SERVER-UNKNOWN', fix: 'write "echo"' },
    { code: 'NAME' },
  ]);
  expect(wrong('echo', 'say', built, ['say', 'say'])).toMatchObject([
    { code: 'NAME-TAKEN', file: 'servers/echo/tools/say.ts' },
  ]);
  expect(wrong('echo', 's_ay', built, ['say', 's_ay'])).toMatchObject([
    { code: 'NAME-TAKEN', file: 'servers/echo/tools/say.ts' },
  ]);
  expect(wrong('echo', 'say', foreign, ['say']).map(({ code }) => code)).toEqual([
    'SERVER-FIELD',
    'SERVER-FIELD',
    'IMAGE-FOREIGN',
  ]);
});

test('writes all files or none, and overwrites nothing', () => {
  mkdirSync(join(root, 'there'));
  writeFileSync(join(root, 'there/b'), 'old');
  const files = (name: string) =>
    new Map([
      [`there/${name}/a`, 'new'],
      ['there/b', 'new'],
    ]);
  expect(problemsOf(() => writeNew(root, files('x')))).toMatchObject([{ code: 'NAME-TAKEN', file: 'there/b' }]);
  expect(
    problemsOf(() =>
      writeNew(
        root,
        new Map([
          ['there/x/a', ''],
          ['there/b/c/d', ''],
        ]),
      ),
    ),
  ).toMatchObject([{ code: 'TARGET-WRITE', file: 'there/b/c/d' }]);
  expect([existsSync(join(root, 'there/x')), readFileSync(join(root, 'there/b'), 'utf8')]).toEqual([false, 'old']);
  const undo = writeNew(
    root,
    new Map([
      ['there/x/y/a', 'new'],
      ['there/c', 'new'],
    ]),
  );
  expect(readFileSync(join(root, 'there/x/y/a'), 'utf8')).toBe('new');
  undo();
  expect([existsSync(join(root, 'there/x')), existsSync(join(root, 'there/c'))]).toEqual([false, false]);
});

test('removes a sample platform that was given a store only with --force', () => {
  const copy = emptyRepository();
  writeFileSync(join(copy, 'sample.json'), '{ "servers": [], "platforms": ["test-cluster"] }');
  const platform = { ...testPlatform, ...storePlatform(externalSecrets) };
  expect(problemsOf(() => ejectSample(copy, [platform], false))).toMatchObject([
    { code: 'TARGET-DIRTY', message: expect.stringContaining('its secrets are external, unlike those of the sample') },
  ]);
  expect(ejectSample(copy, [platform], true)).toContain('platforms/test-cluster.ts');
});

test('keeps what a remaining platform shares with the sample', () => {
  const copy = emptyRepository();
  addPlatform(copy, 'staging');
  addServer(copy, 'initial', undefined, ['staging', 'test-cluster']);
  addServer(copy, 'ours', undefined, ['staging', 'test-cluster']);
  writeFileSync(join(copy, 'sample.json'), '{ "servers": ["initial"], "platforms": ["test-cluster"] }');
  const staging = { ...stagingPlatform, certificate: { ...testPlatform.certificate, isSample: false } };
  expect(ejectSample(copy, [staging, namedPlatform], true)).toEqual([
    'servers/initial',
    'platforms/test-cluster.ts',
    'servers/ours/sealed/test-cluster.json',
    'sample.json',
  ]);
  expect(existsSync(join(copy, 'servers/ours/sealed/staging.json'))).toBe(true);
});

test('asks to raise the version only of a server in the last commit', () => {
  const file = 'servers/weather/server.ts';
  const folder = emptyFolder('sources');
  const raise = `raise version in ${file}, then npm run synth`;
  expect(afterEdits(folder, 'weather')).toBe('npm run synth');
  const sources = repository({ [file]: '' }, folder);
  expect([afterEdits(sources.root, 'weather'), afterEdits(sources.root, 'other')]).toEqual([raise, 'npm run synth']);
  sources.git('rm', '--quiet', '--cached', file);
  sources.git('commit', '--quiet', '--message', 'Without it');
  expect(afterEdits(sources.root, 'weather')).toBe('npm run synth');
  // Before the first commit, and in a repository that has this one as a folder.
  sources.git('switch', '--quiet', '--orphan', 'new');
  expect(afterEdits(sources.root, 'weather')).toBe('npm run synth');
  const outer = repository({ [`inner/${file}`]: '' });
  expect(afterEdits(join(outer.root, 'inner'), 'weather')).toBe(raise);
});
