import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { actionlint } from '../../testing/processes/go-programs';
import { endingOf } from '../../testing/processes/program';
import { shellcheck } from '../../testing/processes/shellcheck';
import { addPlatform, addServer, declarationOf } from '../../testing/repository-copy';
import { type Project, project } from '../../testing/temp-repository';
import { seen } from '../seen';
import { type Cluster, loopbackCluster } from './cluster';
import { Company, repositories } from './company';
import { byAPerson, merged, standing } from './person';

const bumps = 'bump/images';
const [staging, production] = ['mcp-servers/deliver-staging', 'mcp-servers/deliver-test-cluster'];
const declaration = 'servers/weather/server.ts';

const running: { close(): Promise<unknown> }[] = [];
afterEach(() => Promise.all(running.splice(0).map((each) => each.close())));

async function companyOf(sources: Project): Promise<Company> {
  const company = await Company.of(sources);
  running.push(company.forge);
  return company;
}

/** The clusters of both platforms, behind the hosts of the servers. */
async function clusterOf({ fleet }: Company): Promise<Cluster> {
  const release = (path: string) => () => fleet.git('show', `main:${path}/server.yaml`);
  const cluster = await loopbackCluster({
    'weather.example.com': release('apps/mcp/weather'),
    'legacy.example.com': release('apps/mcp/legacy'),
    'weather.staging.example.com': release('staging/apps/mcp/weather'),
  });
  running.push(cluster);
  return cluster;
}

test('actionlint and ShellCheck find nothing in the workflows', async () => {
  const folder = join(root, '.github/workflows');
  const files = readdirSync(folder).map((file) => join(folder, file));
  const args = ['-shellcheck', await shellcheck(), '-pyflakes', '', ...files];
  const { code, stdout, stderr } = await endingOf(await actionlint(), args, { cwd: root });
  expect(files.length).toBeGreaterThan(2);
  expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
});

test('a changed tool travels to staging, is promoted, and is taken back, in pull requests alone', async () => {
  const sources = prepared();
  const company = await companyOf(sources);
  const { servers, fleet, forge } = company;
  const release = (folder: string) => fleet.git('show', `main:${folder}/mcp/weather/server.yaml`);

  // What is declared goes out for the first time: a branch for each platform in each of the two repositories.
  const first = await company.deliver();
  expect(Object.entries(first).map(([job, { result, said }]) => [job, result === 'success' ? result : said])).toEqual(
    ['staging --to', 'staging --dns-to', 'test-cluster --to', 'test-cluster --dns-to'].map((job) => [job, 'success']),
  );
  expect(merged(company, 'fleet')).toEqual([
    `staging: Add weather to ${staging}`,
    `test-cluster: Add legacy and weather to ${production}`,
  ]);
  expect(merged(company, 'dns')).toEqual([
    `staging: Add weather to ${staging}-dns`,
    `test-cluster: Add legacy and weather to ${production}-dns`,
  ]);
  const cluster = await clusterOf(company);
  const standsAs = async (status: number, legacy: string, inStaging: string, inProduction: string) => {
    const lines = [
      `legacy on test-cluster: ${legacy}`,
      `weather on staging: ${inStaging}`,
      `weather on test-cluster: ${inProduction}`,
    ];
    expect(await standing(company, sources, cluster.flags)).toEqual({ status, lines });
  };
  for (const server of ['legacy', 'weather']) await cluster.build(sources.root, server, '1.0.0');
  await standsAs(0, '1.0.0 same 1.0.0 same', '1.0.0 same 1.0.0 same', '1.0.0 same 1.0.0 same');
  const before = servers.git('rev-parse', 'main').trim();

  // A tool changes: its images are built, one for each registry, and those of the other server fail.
  servers.commit({ [tool('weather')]: toolText('Changed.'), [tool('legacy')]: toolText('Changed.') });
  const build = await company.build(before, ['legacy']);
  expect(build.servers).toEqual(['legacy', 'weather', 'weather']);
  expect(await build.propose()).toMatchObject({
    result: 'success',
    said: expect.stringContaining('opened pull request #1'),
  });
  expect(company.open('servers')).toMatchObject([{ head: bumps, title: 'Run weather 1.0.1', base: 'main' }]);
  expect(servers.git('diff', '--name-only', 'main', bumps, '--', 'servers')).toBe(`${declaration}\n`);

  // The next run builds both again, since the last one did not succeed, and updates the same pull request.
  const second = await company.build(before);
  expect(await second.propose()).toMatchObject({
    result: 'success',
    said: expect.stringContaining('updated pull request #1'),
  });
  expect(await second.propose()).toMatchObject({ result: 'success', said: expect.stringContaining('unchanged') });
  expect(merged(company, 'servers')).toEqual([`Run legacy 1.0.2 and weather 1.0.2 to ${bumps}`]);
  expect(await second.propose()).toMatchObject({
    result: 'success',
    said: expect.stringContaining('nothing to propose'),
  });

  // Staging follows the builds, production has an image of its own. The names do not change.
  await company.deliver();
  expect(company.open('dns')).toEqual([]);
  expect(merged(company, 'fleet')).toEqual([
    `staging: Update weather to ${staging}`,
    `test-cluster: Update legacy to ${production}`,
  ]);
  expect(release('staging/apps')).toContain('tag: 1.0.2');
  expect(release('apps')).toContain('tag: 1.0.0');
  for (const server of ['legacy', 'weather']) await cluster.build(sources.root, server, '1.0.2');
  const now = '1.0.2 same 1.0.2 same';
  await standsAs(0, now, now, '1.0.0 same 1.0.0 differs promote');

  byAPerson(company, sources, ['bump', 'weather', '--from', 'staging', '--to', 'test-cluster', '--commit']);
  await standsAs(1, now, now, '1.0.2 same 1.0.0 differs deliver');
  await company.deliver();
  expect(merged(company, 'fleet')).toEqual([`test-cluster: Update weather to ${production}`]);
  expect(release('apps')).toContain('tag: 1.0.2');
  await standsAs(0, now, now, now);

  byAPerson(company, sources, ['rollback', 'weather', '--platform', 'test-cluster', '--commit']);
  await company.deliver();
  expect(merged(company, 'fleet')).toEqual([`test-cluster: Update weather to ${production}`]);
  await standsAs(0, now, now, '1.0.0 same 1.0.0 differs promote');
  seen(`${forge.pulls(repositories.fleet).list.length} pull requests in one target, each merged by a person`);
});

test('a token that lacks a right is named by the job, and keeps nothing from the other repository', async () => {
  const company = await companyOf(prepared());
  const { forge, secrets, servers } = company;
  forge.rights.set('for-fleet', { [repositories.fleet]: { contents: 'read', pulls: true } });
  const refused = await company.deliver();
  expect(refused['test-cluster --dns-to']).toMatchObject({ result: 'success' });
  const { result, said = '' } = refused['test-cluster --to'] ?? {};
  expect(result).toBe('failure');
  expect(said).toMatch(/FORGE-TOKEN .*DELIVER_TOKEN_FLEET for acme\/fleet: .*403/);
  expect(said).toContain('"Contents: read and write"');
  expect(said).not.toContain('for-fleet');
  delete secrets.DELIVER_TOKEN_FLEET;
  expect((await company.deliver())['test-cluster --to']?.said).toMatch(
    /DELIVER_TOKEN_FLEET for acme\/fleet: it is not set/,
  );
  // The repository's settings allow no pull requests of workflows.
  forge.rights.set('of-the-run', { [repositories.servers]: { contents: 'write' } });
  servers.commit({ [tool('weather')]: toolText('Changed.') });
  const build = await company.build(servers.git('rev-parse', 'main~1').trim());
  expect(await build.propose()).toMatchObject({
    result: 'failure',
    said: expect.stringMatching(/GITHUB_TOKEN for acme\/servers/),
  });
  expect(servers.git('branch', '--list', bumps)).toBe('');
});

/** Two servers with tools and two platforms. One server runs on both, and has an image of its own in production. */
function prepared(): Project {
  const sources = project();
  sources.git('rm', '-r', '--quiet', 'servers/reference');
  addPlatform(sources.root, 'staging');
  const fields = (platforms: string) =>
    `image: '1.0.0',\n  description: 'Says something.',\n  version: '1.0.0',\n  platforms: ${platforms},`;
  const own = "{ staging: {}, 'test-cluster': { image: '1.0.0' } }";
  for (const [name, on, text] of [
    ['weather', ['test-cluster', 'staging'], own],
    ['legacy', ['test-cluster'], "['test-cluster']"],
  ] as const) {
    addServer(sources.root, name, declarationOf(name).replace(/image: .*/, fields(text)), on);
    sources.write(tool(name), toolText('Says something.'));
  }
  sources.change(declaration, (text) => text);
  return sources;
}

function tool(server: string): string {
  return `servers/${server}/tools/say.ts`;
}

function toolText(description: string): string {
  return `import { defineTool, z } from '#tool';

export default defineTool({
  description: '${description}',
  input: z.strictObject({}),
  output: z.string().describe('What it says.'),
  examples: [{ input: {}, output: 'a' }],
  run: () => 'a',
});
`;
}
