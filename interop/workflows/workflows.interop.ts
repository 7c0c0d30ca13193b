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
import { mergeAll, runByUser, statusOf } from './person';

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
  expect({ code, output: `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
});

test('a changed tool is delivered to staging, promoted and rolled back, only through pull requests', async () => {
  const sources = sourcesOfTwoServers();
  const company = await companyOf(sources);
  const { servers, fleet, forge } = company;
  const release = (folder: string) => fleet.git('show', `main:${folder}/mcp/weather/server.yaml`);

  // The first delivery: one branch per platform in each of the two repositories.
  const first = await company.deliver();
  expect(Object.entries(first).map(([job, { result, log }]) => [job, result === 'success' ? result : log])).toEqual(
    ['staging --to', 'staging --dns-to', 'test-cluster --to', 'test-cluster --dns-to'].map((job) => [job, 'success']),
  );
  expect(mergeAll(company, 'fleet')).toEqual([
    `staging: Add weather to ${staging}`,
    `test-cluster: Add legacy and weather to ${production}`,
  ]);
  expect(mergeAll(company, 'dns')).toEqual([
    `staging: Add weather to ${staging}-dns`,
    `test-cluster: Add legacy and weather to ${production}-dns`,
  ]);
  const cluster = await clusterOf(company);
  const expectStatus = async (status: number, legacy: string, inStaging: string, inProduction: string) => {
    const lines = [
      `legacy on test-cluster: ${legacy}`,
      `weather on staging: ${inStaging}`,
      `weather on test-cluster: ${inProduction}`,
    ];
    expect(await statusOf(company, sources, cluster.flags)).toEqual({ status, lines });
  };
  for (const server of ['legacy', 'weather']) await cluster.build(sources.root, server, '1.0.0');
  await expectStatus(0, '1.0.0 same 1.0.0 same', '1.0.0 same 1.0.0 same', '1.0.0 same 1.0.0 same');
  const before = servers.git('rev-parse', 'main').trim();

  // Both tools change: weather's images are built, one per registry, and legacy's build fails.
  servers.commit({ [tool('weather')]: toolText('Changed.'), [tool('legacy')]: toolText('Changed.') });
  const build = await company.build(before, ['legacy']);
  expect(build.servers).toEqual(['legacy', 'weather', 'weather']);
  expect(await build.propose()).toMatchObject({
    result: 'success',
    log: expect.stringContaining('opened pull request #1'),
  });
  expect(company.open('servers')).toMatchObject([{ head: bumps, title: 'Run weather 1.0.1', base: 'main' }]);
  expect(servers.git('diff', '--name-only', 'main', bumps, '--', 'servers')).toBe(`${declaration}\n`);

  // The last run failed, so the next one builds both servers again and updates the same pull request.
  const second = await company.build(before);
  expect(await second.propose()).toMatchObject({
    result: 'success',
    log: expect.stringContaining('updated pull request #1'),
  });
  expect(await second.propose()).toMatchObject({ result: 'success', log: expect.stringContaining('unchanged') });
  expect(mergeAll(company, 'servers')).toEqual([`Run legacy 1.0.2 and weather 1.0.2 to ${bumps}`]);
  expect(await second.propose()).toMatchObject({
    result: 'success',
    log: expect.stringContaining('nothing to propose'),
  });

  // Staging follows the builds; production of weather pins its image. The DNS records do not change.
  await company.deliver();
  expect(company.open('dns')).toEqual([]);
  expect(mergeAll(company, 'fleet')).toEqual([
    `staging: Update weather to ${staging}`,
    `test-cluster: Update legacy to ${production}`,
  ]);
  expect(release('staging/apps')).toContain('tag: 1.0.2');
  expect(release('apps')).toContain('tag: 1.0.0');
  for (const server of ['legacy', 'weather']) await cluster.build(sources.root, server, '1.0.2');
  const now = '1.0.2 same 1.0.2 same';
  await expectStatus(0, now, now, '1.0.0 same 1.0.0 differs promote');

  runByUser(company, sources, ['bump', 'weather', '--from', 'staging', '--to', 'test-cluster', '--commit']);
  await expectStatus(1, now, now, '1.0.2 same 1.0.0 differs deliver');
  await company.deliver();
  expect(mergeAll(company, 'fleet')).toEqual([`test-cluster: Update weather to ${production}`]);
  expect(release('apps')).toContain('tag: 1.0.2');
  await expectStatus(0, now, now, now);

  runByUser(company, sources, ['rollback', 'weather', '--platform', 'test-cluster', '--commit']);
  await company.deliver();
  expect(mergeAll(company, 'fleet')).toEqual([`test-cluster: Update weather to ${production}`]);
  await expectStatus(0, now, now, '1.0.0 same 1.0.0 differs promote');
  seen(`${forge.pulls(repositories.fleet).list.length} pull requests in one target`);
});

test('a job names a token that lacks a permission, and the other repository is still delivered to', async () => {
  const company = await companyOf(sourcesOfTwoServers());
  const { forge, secrets, servers } = company;
  forge.rights.set('fleet-token', { [repositories.fleet]: { contents: 'read', pulls: true } });
  const jobs = await company.deliver();
  expect(jobs['test-cluster --dns-to']).toMatchObject({ result: 'success' });
  const { result, log = '' } = jobs['test-cluster --to'] ?? {};
  expect(result).toBe('failure');
  expect(log).toMatch(/FORGE-TOKEN .*DELIVER_TOKEN_FLEET for acme\/fleet: .*403/);
  expect(log).toContain('"Contents: read and write"');
  expect(log).not.toContain('fleet-token');
  delete secrets.DELIVER_TOKEN_FLEET;
  expect((await company.deliver())['test-cluster --to']?.log).toMatch(
    /DELIVER_TOKEN_FLEET for acme\/fleet: it is not set/,
  );
  // The repository's settings do not allow workflows to open pull requests.
  forge.rights.set('workflow-token', { [repositories.servers]: { contents: 'write' } });
  servers.commit({ [tool('weather')]: toolText('Changed.') });
  const build = await company.build(servers.git('rev-parse', 'main~1').trim());
  expect(await build.propose()).toMatchObject({
    result: 'failure',
    log: expect.stringMatching(/GITHUB_TOKEN for acme\/servers/),
  });
  expect(servers.git('branch', '--list', bumps)).toBe('');
});

/** Two servers with tools and two platforms. One server runs on both, with a pinned image in production. */
function sourcesOfTwoServers(): Project {
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
  output: z.string().describe('The text.'),
  examples: [{ input: {}, output: 'a' }],
  run: () => 'a',
});
`;
}
