import { git } from '../git/git';
import type { Access } from './access';
import { type Forge, forge, type Pull } from './forge';
import { addressOf, branchProblem, type RemoteState, remoteGit, remoteState, repositoryAt } from './remote';

/** What is proposed: the commits of a checkout, on one branch, in one pull request. */
export interface Proposal {
  /** The checkout whose commits are proposed. */
  readonly root: string;
  readonly repository: string;
  readonly branch: string;
  /**
   * The commit of the branch that the proposal was made from, empty for none: a branch that has moved since is refused.
   * @default - where it is now
   */
  readonly seen?: string | undefined;
  /** What the pull request says below the list of commits. */
  readonly origin: string;
}

/** What became of a proposal. */
export interface Proposed {
  readonly state: 'opened' | 'updated' | 'unchanged' | 'closed' | 'nothing';
  readonly pull?: Pull | undefined;
}

/**
 * Pushes the commits of a checkout to a branch and sees that one pull request is open for it. Without commits, one that is
 * open has nothing left to propose and is closed.
 * @throws Problem FORGE-TOKEN, FORGE-ANSWER or FORGE-BRANCH
 */
export async function propose(proposal: Proposal, access: Access): Promise<Proposed> {
  const { root, repository, branch, origin } = proposal;
  const state = remoteState(root, access, repository, branch);
  const base = fetched(root, access, repository, state.base);
  const subjects = git(root, ['log', '--reverse', '--format=%s', `${base}..HEAD`])
    .split('\n')
    .filter(Boolean);
  const requests = forge(access, repository);
  try {
    const pull = await requests.find(branch);
    if (subjects.length === 0) return await withdrawn(requests, pull);
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
 * Fetches what the open pull request of a branch proposes, to `refs/proposed/<branch>`; without one the ref goes.
 * @returns the commit of the branch, whether a pull request is open or not; empty when there is no such branch
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

/** The `<owner>/<name>` of the repository that a checkout is of. */
export function repositoryOf(root: string): string {
  return repositoryAt(git(root, ['config', '--get', 'remote.origin.url'], { answers: [0, 1] }));
}

async function withdrawn(requests: Forge, pull: Pull | undefined): Promise<Proposed> {
  if (pull === undefined) return { state: 'nothing' };
  return { state: 'closed', pull: await requests.change(pull, { state: 'closed' }) };
}

/** Whether anything had to be pushed. What a person has committed to the branch is never overwritten. */
function push(proposal: Proposal, access: Access, { tip, base }: RemoteState): boolean {
  const { root, repository, branch, seen = tip ?? '' } = proposal;
  if (tip !== undefined) {
    const there = fetched(root, access, repository, branch);
    const own = committer(git(root, ['var', 'GIT_COMMITTER_IDENT']));
    const commits = git(root, ['log', '--format=%T,%P,%cn <%ce>', `${base}..${there}`])
      .split('\n')
      .filter(Boolean);
    const somebody = commits.find((commit) => committer(commit) !== own && !isBareMerge(root, commit));
    if (somebody !== undefined) {
      const fix = `merge or close the pull request of ${branch} and delete the branch, then run this again`;
      throw branchProblem(repository, `"${branch}" has commits of ${somebody.replace(/^[^,]*,[^,]*,/, '')}`, fix);
    }
    const [before, after] = [there, 'HEAD'].map((commit) => git(root, ['rev-parse', `${commit}^{tree}`]));
    if (before === after && seen === tip) return false;
  }
  const lease = `--force-with-lease=refs/heads/${branch}:${seen}`;
  const args = ['push', '--quiet', lease, addressOf(access, repository), `HEAD:refs/heads/${branch}`];
  remoteGit(root, args, access, repository);
  return true;
}

/** Whether a commit is what git makes of its two parents by itself, with no work of a person in it (git 2.38). */
function isBareMerge(root: string, commit: string): boolean {
  const [tree, parents = ''] = commit.split(',');
  const [first, second, ...more] = parents.split(' ');
  if (first === undefined || second === undefined || more.length > 0) return false;
  // An older git, a conflict and histories without a common commit say something else.
  return git(root, ['merge-tree', '--write-tree', first, second], { answers: [0, 1, 128, 129] }) === `${tree}\n`;
}

/** The commit of a branch at the forge, fetched. */
function fetched(root: string, access: Access, repository: string, branch: string): string {
  const args = ['fetch', '--quiet', '--no-tags', addressOf(access, repository), `refs/heads/${branch}`];
  remoteGit(root, args, access, repository);
  return git(root, ['rev-parse', 'FETCH_HEAD']).trim();
}

/** The address in `name <address> …`. */
function committer(identity: string): string | undefined {
  return /<(.*)>/.exec(identity)?.[1];
}
