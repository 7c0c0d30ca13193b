import { git } from '../git/git';
import type { Access } from './access';
import { type Forge, forge, type Pull } from './forge';
import { addressOf, branchProblem, type RemoteState, remoteGit, remoteState, repositoryAt } from './remote';

/** The commits of a checkout to propose on one branch, in one pull request. */
export interface Proposal {
  /** The checkout with the commits. */
  readonly root: string;
  readonly repository: string;
  readonly branch: string;
  /**
   * The commit of the branch when the run began, empty for no branch. A branch that has moved since is rejected.
   * @default - its current commit
   */
  readonly seen?: string | undefined;
  /** The text of the pull request below the list of commits. */
  readonly origin: string;
}

/** The result of a proposal. */
export interface Proposed {
  readonly state: 'opened' | 'updated' | 'unchanged' | 'closed' | 'nothing';
  readonly pull?: Pull | undefined;
}

/**
 * Pushes the commits of a checkout to a branch, and opens or updates its one pull request. Without commits, closes an open pull
 * request.
 * @throws Problem FORGE-TOKEN, FORGE-ANSWER or FORGE-BRANCH
 */
export async function propose(proposal: Proposal, access: Access): Promise<Proposed> {
  const { root, repository, branch, origin } = proposal;
  const state = remoteState(root, access, repository, branch);
  const base = fetchBranch(root, access, repository, state.base);
  const subjects = git(root, ['log', '--reverse', '--format=%s', `${base}..HEAD`])
    .split('\n')
    .filter(Boolean);
  const requests = forge(access, repository);
  try {
    const pull = await requests.find(branch);
    if (subjects.length === 0) return await withdraw(requests, pull);
    const isPushed = push(proposal, access, { ...state, base });
    const title = subjects.at(-1) ?? branch;
    const body = [...subjects.map((subject) => `- ${subject}`), '', origin].join('\n');
    const opened = pull ?? (await requests.open({ title, body, head: branch, base: state.base }));
    if (pull === undefined && opened !== undefined) return { state: 'opened', pull: opened };
    const open = opened ?? (await requests.find(branch));
    if (open === undefined) return { state: 'nothing' };
    if (open.title === title && !isPushed) return { state: 'unchanged', pull: open };
    return { state: 'updated', pull: await requests.change(open, { title, body }) };
  } finally {
    requests.close();
  }
}

/**
 * Fetches a branch with an open pull request to `refs/proposed/<branch>`; without an open pull request, deletes that ref.
 * @returns the commit of the branch, with or without a pull request; empty without a branch
 */
export async function fetchProposed(root: string, repository: string, branch: string, access: Access): Promise<string> {
  const { tip } = remoteState(root, access, repository, branch);
  const requests = forge(access, repository);
  try {
    const pull = await requests.find(branch);
    const ref = `refs/proposed/${branch}`;
    if (tip === undefined || pull === undefined) {
      git(root, ['update-ref', '-d', ref], { mayLock: true });
      return tip ?? '';
    }
    const args = ['fetch', '--quiet', '--no-tags', addressOf(access, repository), `+refs/heads/${branch}:${ref}`];
    remoteGit(root, args, access, repository);
    return git(root, ['rev-parse', ref]).trim();
  } finally {
    requests.close();
  }
}

/** The `<owner>/<name>` of a checkout's origin. */
export function repositoryOf(root: string): string {
  return repositoryAt(git(root, ['config', '--get', 'remote.origin.url'], { exitCodes: [0, 1] }));
}

async function withdraw(requests: Forge, pull: Pull | undefined): Promise<Proposed> {
  if (pull === undefined) return { state: 'nothing' };
  return { state: 'closed', pull: await requests.change(pull, { state: 'closed' }) };
}

/** Pushes unless the branch is up to date. Never overwrites commits of another committer. @returns whether it pushed */
function push(proposal: Proposal, access: Access, { tip, base }: RemoteState): boolean {
  const { root, repository, branch, seen = tip ?? '' } = proposal;
  if (tip !== undefined) {
    const remote = fetchBranch(root, access, repository, branch);
    const own = committer(git(root, ['var', 'GIT_COMMITTER_IDENT']));
    const commits = git(root, ['log', '--format=%T,%P,%cn <%ce>', `${base}..${remote}`])
      .split('\n')
      .filter(Boolean);
    const foreign = commits.find((commit) => committer(commit) !== own && !isCleanMerge(root, commit));
    if (foreign !== undefined) {
      const fix = `merge or close the pull request of ${branch} and delete the branch, then run this again`;
      throw branchProblem(repository, `"${branch}" has commits of ${foreign.replace(/^[^,]*,[^,]*,/, '')}`, fix);
    }
    const [before, after] = [remote, 'HEAD'].map((commit) => git(root, ['rev-parse', `${commit}^{tree}`]));
    if (before === after && seen === tip) return false;
  }
  const lease = `--force-with-lease=refs/heads/${branch}:${seen}`;
  const args = ['push', '--quiet', lease, addressOf(access, repository), `HEAD:refs/heads/${branch}`];
  remoteGit(root, args, access, repository);
  return true;
}

/** Whether a commit is an automatic merge of its two parents without manual changes (git 2.38). */
function isCleanMerge(root: string, commit: string): boolean {
  const [tree, parents = ''] = commit.split(',');
  const [first, second, ...more] = parents.split(' ');
  if (first === undefined || second === undefined || more.length > 0) return false;
  // An older git, a conflict and unrelated histories print something else.
  return git(root, ['merge-tree', '--write-tree', first, second], { exitCodes: [0, 1, 128, 129] }) === `${tree}\n`;
}

/** Fetches a branch from the forge and returns its commit. */
function fetchBranch(root: string, access: Access, repository: string, branch: string): string {
  const args = ['fetch', '--quiet', '--no-tags', addressOf(access, repository), `refs/heads/${branch}`];
  remoteGit(root, args, access, repository);
  return git(root, ['rev-parse', 'FETCH_HEAD']).trim();
}

/** The email address in `name <address> …`. */
function committer(identity: string): string | undefined {
  return /<(.*)>/.exec(identity)?.[1];
}
