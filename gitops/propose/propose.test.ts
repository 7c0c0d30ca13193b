import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { type FakeForge, fakeForge } from '../../testing/fake-forge/forge';
import { type ForgeRepository, forgeRepository } from '../../testing/fake-forge/forge-repository';
import { testPlatform, wildcardPlatform } from '../../testing/fixtures';
import { endingOf } from '../../testing/processes/program';
import { deliveryTargets } from './targets';

const branch = 'ours/deliver-staging';
const repository = 'acme/fleet';
let forge: FakeForge;
let bare: ForgeRepository;
let checkout: string;

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forge-'));
  bare = forgeRepository(folder, repository);
  forge = await fakeForge(folder);
  forge.rights.set('good', { [repository]: { contents: 'write', pulls: true } });
  checkout = join(mkdtempSync(join(tmpdir(), 'checkout-')), 'fleet');
});

afterEach(() => forge.close());

test('each delivery target has a branch, and a secret named after its repository', () => {
  expect(deliveryTargets(testPlatform)).toEqual([
    {
      platform: 'test-cluster',
      option: '--to',
      repository: 'fleet',
      branch: 'mcp-servers/deliver-test-cluster',
      secret: 'DELIVER_TOKEN_FLEET',
    },
    expect.objectContaining({ option: '--dns-to', secret: 'DELIVER_TOKEN_DNS_WORKSPACES' }),
  ]);
  expect(deliveryTargets(wildcardPlatform).map(({ option }) => option)).toEqual(['--to']);
});

test('opens one pull request, updates it on the next run, and closes it when there are no commits left', async () => {
  await clone();
  expect(await open()).toMatchObject({ state: 'nothing' });
  expect(bare.git('branch', '--list', branch)).toBe('');

  await commit('Update weather');
  expect(await open()).toMatchObject({ state: 'opened', pull: { number: 1, title: 'Update weather' } });
  expect(bare.git('log', '--format=%s', `main..${branch}`)).toBe('Update weather\n');
  expect(await open()).toMatchObject({ state: 'unchanged', pull: { number: 1 } });

  await git('reset', '--quiet', '--hard', 'origin/main');
  await commit('Update weather and legacy');
  expect(await open()).toMatchObject({ state: 'updated', pull: { number: 1 } });
  expect(bare.git('log', '--format=%s', `main..${branch}`)).toBe('Update weather and legacy\n');
  expect(forge.pulls(repository).list).toMatchObject([
    { title: 'Update weather and legacy', state: 'open', head: branch, base: 'main' },
  ]);
  expect(forge.pulls(repository).list[0]?.body).toMatch(/^- Update weather and legacy\n\nFrom a checkout/);

  await git('reset', '--quiet', '--hard', 'origin/main');
  expect(await open()).toMatchObject({ state: 'closed', pull: { number: 1 } });
  expect(await open()).toMatchObject({ state: 'nothing' });
  await commit('Update weather again');
  expect(await open()).toMatchObject({ state: 'opened', pull: { number: 2 } });
});

test('rejects a branch that has moved since --seen, and the next run continues from it', async () => {
  await clone();
  expect(await fetchProposed()).toBe('');
  await commit('Mine');
  const [theirs] = await anotherRun('Theirs');
  const refused = await run(['open', '--in', checkout, '--branch', branch, '--seen', '']);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('✗ FORGE-BRANCH') });
  expect(bare.git('log', '--format=%s', `main..${branch}`)).toBe('Theirs\n');

  expect(await fetchProposed()).toBe(theirs);
  expect(await git('log', '-1', '--format=%s', `refs/proposed/${branch}`)).toBe('Theirs\n');
  expect(await open('--seen', theirs ?? '')).toMatchObject({ state: 'updated', pull: { number: 1, title: 'Mine' } });
  // A branch whose pull request was closed proposes nothing.
  for (const pull of forge.pulls(repository).list) pull.state = 'closed';
  expect(await fetchProposed()).toMatch(/^[0-9a-f]{40}$/);
  const { code } = await endingOf('git', ['rev-parse', '--verify', '--quiet', `refs/proposed/${branch}`], {
    cwd: checkout,
  });
  expect(code).toBe(1);
});

test('never overwrites commits of a person, except clean merges of main', async () => {
  await clone();
  await commit('Update weather');
  await open();
  bare.commit({ 'theirs.txt': 'x' });
  bare.merge('main', branch);
  await commit('Update legacy');
  expect(await open()).toMatchObject({ state: 'updated' });

  bare.commit({ 'by-hand.txt': 'x' }, branch);
  const byHand = bare.git('rev-parse', branch).trim();
  const person = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com'];
  const parents = ['-p', `${byHand}~1`, '-p', 'main'];
  const merge = bare.git(...person, 'commit-tree', `${byHand}^{tree}`, ...parents, '-m', 'Merge main').trim();
  await commit('Update both');
  for (const work of [byHand, merge]) {
    bare.git('update-ref', `refs/heads/${branch}`, work);
    const { code, stderr } = await run(['open', '--in', checkout, '--branch', branch]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/✗ FORGE-BRANCH .*has commits of Tester <tester@example\.com>/);
    expect(bare.git('rev-parse', branch).trim()).toBe(work);
  }
});

test.each([
  ['none', {}, 'it is not set'],
  ['an invalid one', { PROPOSE_TOKEN: 'unknown' }, '401|Authentication failed|could not read'],
  ['one for another repository', { PROPOSE_TOKEN: 'elsewhere' }, 'not found'],
  ['one without write permission', { PROPOSE_TOKEN: 'reader' }, '403'],
  ['one without permission for pull requests', { PROPOSE_TOKEN: 'pusher' }, 'answers 403: Resource not accessible'],
])('reports an insufficient token with the permissions it needs: %s', async (_kind, variables, reason) => {
  forge.rights.set('elsewhere', { 'acme/other': { contents: 'write', pulls: true } });
  forge.rights.set('reader', { [repository]: { contents: 'read', pulls: true } });
  forge.rights.set('pusher', { [repository]: { contents: 'write' } });
  await clone();
  await commit('Update weather');
  const env = { PROPOSE_TOKEN: '', PROPOSE_TOKEN_NAME: 'DELIVER_TOKEN_FLEET', ...variables };
  const { code, stderr, stdout } = await run(['open', '--in', checkout, '--branch', branch], env);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`✗ FORGE-TOKEN .*DELIVER_TOKEN_FLEET for ${repository}: .*(${reason})`));
  expect(stderr).toContain('"Contents: read and write" and "Pull requests: read and write"');
  expect(`${stdout}${stderr}`).not.toMatch(/\b(unknown|reader|pusher)\b/);
  expect(bare.git('branch', '--list', branch)).toBe('');
});

test('reports an unreachable forge, and an incomplete command line', async () => {
  await clone();
  await commit('Update weather');
  const nowhere = await run(['open', '--in', checkout, '--branch', branch], { GITHUB_API_URL: `${forge.url}/other` });
  expect(nowhere.stderr).toMatch(/✗ FORGE-(ANSWER|TOKEN)/);
  const gone = await run(['open', '--in', checkout, '--branch', branch], { GITHUB_SERVER_URL: 'http://127.0.0.1:1' });
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('✗ FORGE-ANSWER') });
  for (const args of [[], ['open'], ['clone', 'fleet'], ['opne', '--branch', branch]]) {
    expect((await run(args)).stderr).toContain('✗ USAGE');
  }
});

async function clone(): Promise<void> {
  expect(await run(['clone', 'fleet', checkout])).toEqual({ code: 0, stdout: '', stderr: '' });
}

async function open(...args: readonly string[]): Promise<unknown> {
  const { stdout, stderr } = await run(['open', '--in', checkout, '--branch', branch, '--json', ...args]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

async function fetchProposed(): Promise<string> {
  const { stdout, stderr } = await run(['fetch', '--in', checkout, '--branch', branch]);
  expect(stderr).toBe('');
  return stdout.trim();
}

/** Opens the pull request from another checkout. @returns the commit of the branch */
async function anotherRun(subject: string): Promise<readonly string[]> {
  const own = checkout;
  checkout = `${own}-other`;
  await run(['clone', 'fleet', checkout]);
  await commit(subject);
  expect(await open()).toMatchObject({ state: 'opened' });
  checkout = own;
  return [bare.git('rev-parse', branch).trim()];
}

async function commit(subject: string): Promise<void> {
  writeFileSync(join(checkout, 'delivered.txt'), subject);
  await git('add', '--all');
  await git('commit', '--quiet', '-m', subject);
}

async function git(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await endingOf('git', args, { cwd: checkout, env: environment() });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const command = [join(root, 'cli/run.mjs'), 'gitops/propose/propose.command.ts', ...args];
  return endingOf(process.execPath, command, { cwd: root, env: { ...environment(), ...variables } });
}

function environment(): Readonly<Record<string, string | undefined>> {
  const { PATH, HOME } = process.env;
  const person = { NAME: 'Workflow', EMAIL: 'workflow@example.com' };
  return {
    ...{ PATH, HOME, GITHUB_SERVER_URL: forge.url, GITHUB_API_URL: forge.api, GITHUB_REPOSITORY: 'acme/servers' },
    ...{ GIT_AUTHOR_NAME: person.NAME, GIT_AUTHOR_EMAIL: person.EMAIL },
    ...{ GIT_COMMITTER_NAME: person.NAME, GIT_COMMITTER_EMAIL: person.EMAIL, PROPOSE_TOKEN: 'good' },
  };
}
