import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { serverList } from '../../model/servers';
import { stagingPlatform, testPlatform } from '../../testing/fixtures';
import { problemsOf } from '../../testing/problems';
import { declarationOf, emptyRepository } from '../../testing/repository-copy';
import { repository } from '../../testing/temp-repository';
import { imagesOf, reasonToBuild } from './images';

const declared = [
  { name: 'weather', entry: built('Tells the weather.'), tools: ['forecast'] },
  { name: 'two-words', entry: built('Repeats two words.'), tools: ['say'] },
  { name: 'foreign', entry: { team: 'infra', image: 'other.example.com/foreign:1.0.0' } },
];
const { servers } = serverList(declared, [testPlatform]);

test('lists an image for every server with tools, with the fields a workflow needs to build it', () => {
  const platform = { ...testPlatform, registry: 'registry.example.com:5000/mcp' };
  expect(imagesOf(serverList(declared, [platform]).servers, [platform])).toEqual([
    {
      server: 'weather',
      platforms: ['test-cluster'],
      toolkit: 'weather',
      image: 'registry.example.com:5000/mcp/weather',
      registry: 'registry.example.com:5000',
      description: 'Tells the weather.',
      version: '1.2.3',
    },
    expect.objectContaining({ server: 'two-words', toolkit: 'two_words' }),
  ]);
});

test('lists one image for each distinct registry of the platforms of a server', () => {
  const other = { ...stagingPlatform, name: 'other', dns: { ...stagingPlatform.dns, zone: 'other.example.com' } };
  const platforms = [testPlatform, stagingPlatform, other];
  const all = serverList(declared, platforms);
  expect(all.problems).toEqual([]);
  const images = (chosen: typeof platforms) => imagesOf(all.servers, chosen, ['weather']).map(({ image }) => image);
  expect(images(platforms)).toEqual(['registry.example.com/weather', 'registry.staging.example.com/weather']);
  expect(images([stagingPlatform])).toEqual(['registry.staging.example.com/weather']);
  const pulling = imagesOf(all.servers, platforms, ['weather']).map((image) => image.platforms);
  expect(pulling).toEqual([['test-cluster'], ['staging', 'other']]);
});

test('selects images by server name', () => {
  expect(imagesOf(servers, [testPlatform], ['two-words']).map(({ server }) => server)).toEqual(['two-words']);
  const codeOf = (name: string) => problemsOf(() => imagesOf(servers, [testPlatform], [name]))[0]?.code;
  expect([codeOf('foreign'), codeOf('wether')]).toEqual(['IMAGE-FOREIGN', 'SERVER-UNKNOWN']);
});

test.each([
  ['servers/weather/tools/forecast.ts', ['weather']],
  ['servers/weather/lib/deep/open-meteo.json', ['weather']],
  ['servers/weather/resources/pages/card.html', ['weather']],
  ['worker/mcp/era.ts', ['weather', 'two-words']],
  ['package-lock.json', ['weather', 'two-words']],
  ['Dockerfile', ['weather', 'two-words']],
  ['servers/weather/server.ts', []],
  ['servers/weather/tools/forecast.test.ts', []],
  ['servers/weather/sealed/test-cluster.json', []],
  ['servers/weather-alerts/tools/forecast.ts', []],
  ['worker/mcp/era.test.ts', []],
  ['gitops/worker/x.ts', []],
  ['README.md', []],
])('a change in %s builds %j', (file, expected) => {
  expect(['weather', 'two-words'].filter((name) => reasonToBuild(name, ['.npmrc', file]) === file)).toEqual(expected);
});

test('--since lists exactly the images whose files changed after the commit', () => {
  const { write, commit, git, root } = repository({}, emptyRepository());
  for (const name of ['first', 'second', 'third']) {
    write(`servers/${name}/server.ts`, declarationOf(name, "description: 'Says something.', version: '1.0.0',"));
    write(`servers/${name}/tools/say.ts`, `// ${name}\n`);
  }
  write('servers/foreign/server.ts', declarationOf('foreign'));
  commit();
  const start = git('rev-parse', 'HEAD').trim();
  expect(images(root, '--since', start)).toEqual({ names: [], log: '' });
  expect(images(root, '--all').names).toEqual(['first', 'second', 'third']);
  // A declaration, a test and uncommitted changes build nothing.
  write('servers/first/server.ts', declarationOf('first', "description: 'Says more.', version: '1.0.1',"));
  write('servers/first/tools/say.test.ts', '');
  commit();
  write('servers/first/tools/say.ts', '// changed\n');
  expect(images(root, '--since', start).names).toEqual([]);
  git('checkout', '--quiet', '--', '.');
  // Moving a tool changes both servers; a deleted server has no image.
  git('mv', 'servers/first/tools/say.ts', 'servers/second/tools/moved.ts');
  write('servers/first/tools/other.ts', '');
  git('rm', '--quiet', '-r', 'servers/third');
  commit();
  expect(images(root, '--since', start).names).toEqual(['first', 'second']);
  const { stdout } = run(root, '--since', start);
  expect(stdout).toContain('registry.example.com/second');
  expect(stdout).toContain('servers/second/tools/moved.ts');
  for (const unknown of ['0'.repeat(40), 'f'.repeat(40), '']) {
    const { names, log } = images(root, '--since', unknown);
    expect(names).toEqual(['first', 'second']);
    expect(log).toContain('all images count as changed');
  }
});

test('requires exactly one selection, and reports a broken declaration', () => {
  const { write, root } = repository({}, emptyRepository());
  const codeOf = (...args: readonly string[]) => JSON.parse(run(root, ...args, '--json').stdout).problems?.[0]?.code;
  expect([codeOf(), codeOf('--all', 'weather'), codeOf('--all', '--since', 'HEAD')]).toEqual(Array(3).fill('USAGE'));
  expect(images(root, '--all').names).toEqual([]);
  write('servers/broken/server.ts', 'export default {};');
  expect(codeOf('--all')).toBe('SERVER-FIELD');
});

function built(description: string) {
  return { team: 'infra', image: '1.0.0', description, version: '1.2.3' };
}

function run(root: string, ...args: readonly string[]) {
  const command = [join(root, 'cli/run.mjs'), 'gitops/images/images.command.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

/** The servers of the matrix, and standard error. */
function images(root: string, ...args: readonly string[]): { names: readonly string[]; log: string } {
  const { stdout, stderr } = run(root, ...args, '--json');
  expect(stdout).toMatch(/^\{"include":\[.*\]\}\n$/);
  const { include }: { include: { server: string }[] } = JSON.parse(stdout);
  return { names: include.map(({ server }) => server), log: stderr };
}
