import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { actionlint } from '../../testing/processes/go-programs';
import { endingOf } from '../../testing/processes/program';
import { shellcheck } from '../../testing/processes/shellcheck';
import { addServer, declarationOf } from '../../testing/repository';
import { type Project, project } from '../../testing/temp-repository';
import { seen } from '../seen';
import { Company, repositories } from './company';

const bumps = 'bump/images';
const deliveries = 'mcp-servers/deliver-test-cluster';
const declaration = 'servers/weather/server.ts';

const running: Company[] = [];
afterEach(() => Promise.all(running.splice(0).map(({ forge }) => forge.close())));

async function companyOf(sources: Project): Promise<Company> {
  const company = await Company.of(sources);
  running.push(company);
  return company;
}

test('actionlint and ShellCheck find nothing in the workflows', async () => {
  const folder = join(root, '.github/workflows');
  const files = readdirSync(folder).map((file) => join(folder, file));
  const args = ['-shellcheck', await shellcheck(), '-pyflakes', '', ...files];
  const { code, stdout, stderr } = await endingOf(await actionlint(), args, { cwd: root });
  expect(files.length).toBeGreaterThan(2);
  expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 0, said: '' });
});

test('a changed tool travels to both repositories in pull requests, and back again', async () => {
  const sources = prepared();
  const company = await companyOf(sources);
  const { servers, fleet, dns, forge } = company;
  const open = (repository: string) => forge.pulls(repository).list.filter(({ state }) => state === 'open');
  const release = (name: string) => fleet.git('show', `main:apps/mcp/${name}/server.yaml`);

  // What is declared goes out for the first time: a branch in each of the two.
  const first = await company.deliver();
  expect(Object.values(first).map(({ result, said }) => [result, said])).toEqual(
    Array(2).fill(['success', expect.anything()]),
  );
  expect(open(repositories.fleet)).toMatchObject([{ head: deliveries, title: 'Add legacy and weather' }]);
  expect(open(repositories.dns)).toMatchObject([{ head: `${deliveries}-dns`, title: 'Add legacy and weather' }]);
  fleet.merge(deliveries);
  dns.merge(`${deliveries}-dns`);
  for (const pull of [...open(repositories.fleet), ...open(repositories.dns)]) pull.state = 'closed';
  const before = servers.git('rev-parse', 'main').trim();
  expect(release('weather')).toContain('tag: 1.0.0');

  // A tool changes: its image is built, and the other one's build fails.
  servers.commit({ [tool('weather')]: toolText('Changed.'), [tool('legacy')]: toolText('Changed.') });
  const build = await company.build(before, ['legacy']);
  expect(build.servers).toEqual(['legacy', 'weather']);
  expect(await build.propose()).toMatchObject({
    result: 'success',
    said: expect.stringContaining('opened pull request #1'),
  });
  expect(open(repositories.servers)).toMatchObject([{ head: bumps, title: 'Run weather 1.0.1', base: 'main' }]);
  expect(servers.git('show', `${bumps}:${declaration}`)).toContain("image: '1.0.1',");
  expect(servers.git('diff', '--name-only', 'main', bumps, '--', 'servers')).toBe(`${declaration}\n`);

  // The next run builds both again, since the last one did not succeed, and updates the same pull request.
  const second = await company.build(before);
  const proposed = await second.propose();
  expect(proposed).toMatchObject({ result: 'success', said: expect.stringContaining('updated pull request #1') });
  expect(open(repositories.servers)).toMatchObject([{ number: 1, title: 'Run legacy 1.0.2 and weather 1.0.2' }]);
  expect(await second.propose()).toMatchObject({ result: 'success', said: expect.stringContaining('unchanged') });
  servers.merge(bumps);
  for (const pull of open(repositories.servers)) pull.state = 'closed';
  expect(await second.propose()).toMatchObject({
    result: 'success',
    said: expect.stringContaining('nothing to propose'),
  });

  // It is merged here: the image changes there, and the names do not.
  await company.deliver();
  expect(open(repositories.fleet)).toMatchObject([{ number: 2, title: 'Update legacy and weather' }]);
  expect(open(repositories.dns)).toEqual([]);
  expect(fleet.git('show', `${deliveries}:apps/mcp/weather/server.yaml`)).toContain('tag: 1.0.2');
  await company.deliver();
  expect(forge.pulls(repositories.fleet).list).toHaveLength(2);

  // A rollback before that is merged leaves nothing of it to merge.
  sources.git('fetch', '--quiet', join(company.folder, `${repositories.servers}.git`), 'main');
  sources.git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
  for (const name of ['weather', 'legacy']) {
    expect(sources.run('rollback', name, '--commit')).toMatchObject({ status: 0 });
  }
  sources.git('push', '--quiet', join(company.folder, `${repositories.servers}.git`), 'HEAD:main');
  await company.deliver();
  expect(open(repositories.fleet)).toEqual([]);
  expect(release('weather')).toContain('tag: 1.0.0');
  seen(`${forge.pulls(repositories.fleet).list.length + 2} pull requests, none of them twice`);
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

/** Two servers with tools, rendered and committed, and nothing else. */
function prepared(): Project {
  const sources = project();
  sources.git('rm', '-r', '--quiet', 'servers/reference');
  for (const name of ['weather', 'legacy']) {
    const fields = "image: '1.0.0', description: 'Says something.', version: '1.0.0',";
    addServer(
      sources.root,
      name,
      declarationOf(name).replace(/image: .*/, fields.replace(', description', ',\n  description')),
    );
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
