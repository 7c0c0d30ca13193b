import { resolve } from 'node:path';
import { firstForm, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { usageText } from '../../cli/usage';
import { RepositoryName } from '../../model/fields';
import { readPlatforms } from '../../model/platforms';
import { Problem } from '../../model/problem';
import { accessFrom } from './access';
import { fetchProposed, type Proposed, propose, repositoryOf } from './propose';
import { addressOf, remoteGit } from './remote';
import { deliveryTargets } from './targets';

const usage = usageText({
  forms: {
    'npm run propose -- targets': 'lists where servers are delivered to, and the secret with the token for each',
    'npm run propose -- clone <repository> <folder>': 'clones a target of the same owner',
    'npm run propose -- fetch --branch <name>':
      'fetches what the open pull request of a branch proposes into refs/proposed/<name>, and prints the commit of the branch',
    'npm run propose -- open --branch <name>':
      'pushes the commits of a checkout, and opens or updates the pull request of the branch',
  },
  flags: {
    '--branch <name>': 'the branch of the pull request',
    '--in <checkout>': 'the checkout; without it, this repository',
    '--seen <commit>': 'refuses when the branch is at another commit; empty: no branch',
  },
  notes: [
    'Workflows use it to turn commits into pull requests. It never merges.',
    'PROPOSE_TOKEN is the token, PROPOSE_TOKEN_NAME the name of its secret. GITHUB_REPOSITORY, GITHUB_SERVER_URL and GITHUB_API_URL name the forge, as on every runner.',
  ],
  examples: ['npm run propose -- targets', 'npm run propose -- open --branch mcp-servers/bump --in ../fleet'],
});

runCommand({
  usage,
  options: { branch: { type: 'string' }, in: { type: 'string' }, seen: { type: 'string' } },
  async run({ branch, in: checkout, seen, json }, [verb, ...names]) {
    const [first, second, ...more] = names;
    if (verb === 'targets' && names.length === 0) return printTargets(json);
    if (verb === 'clone' && first !== undefined && second !== undefined && more.length === 0) {
      return clone(first, second);
    }
    const folder = checkout === undefined ? root : resolve(checkout);
    if (branch === undefined || names.length > 0 || !['fetch', 'open'].includes(verb ?? '')) {
      throw new Problem('USAGE', 'Cannot propose: the command line is incomplete', { fix: firstForm(usage) });
    }
    const repository = repositoryOf(folder);
    const access = accessFrom(process.env, repository);
    if (verb === 'fetch') {
      console.log(await fetchProposed(folder, repository, branch, access));
      return 0;
    }
    const done = await propose({ root: folder, repository, branch, seen, origin: originOf(process.env) }, access);
    console.log(json ? JSON.stringify({ repository, branch, ...done }) : describe(repository, done));
    return 0;
  },
});

function printTargets(json: boolean | undefined): number {
  const targets = readPlatforms(root).flatMap(deliveryTargets);
  const rows = targets.map(({ platform, option, repository, secret }) => [platform, option, repository, secret]);
  console.log(
    json ? JSON.stringify({ include: targets }) : table(['platform', 'option', 'repository', 'secret'], rows),
  );
  return 0;
}

/** Clones a target. It has the same owner as this repository, so a name with a path is rejected. */
function clone(name: string, folder: string): number {
  const { error } = RepositoryName.safeParse(name);
  if (error)
    throw new Problem('USAGE', `Cannot clone "${name}": it ${error.issues[0]?.message}`, { fix: firstForm(usage) });
  const [owner = ''] = (process.env.GITHUB_REPOSITORY ?? '').split('/');
  const repository = `${owner}/${name}`;
  const access = accessFrom(process.env, repository);
  remoteGit(
    root,
    ['clone', '--quiet', '--no-tags', addressOf(access, repository), resolve(folder)],
    access,
    repository,
  );
  return 0;
}

/** The last paragraph of a pull request: its source, and how it is updated. */
function originOf({
  GITHUB_SERVER_URL,
  GITHUB_REPOSITORY,
  GITHUB_SHA,
}: Readonly<Record<string, string | undefined>>): string {
  const source = GITHUB_SHA ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/commit/${GITHUB_SHA}` : 'a checkout';
  return `From ${source}. The next run updates this branch, unless someone else has committed to it.`;
}

function describe(repository: string, { state, pull }: Proposed): string {
  const what = pull === undefined ? '' : ` pull request #${pull.number} ${pull.html_url}`;
  return state === 'nothing' ? `${repository}: nothing to propose` : `${repository}: ${state}${what}`;
}
