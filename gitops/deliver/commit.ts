import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../cli/shell-word';
import { Problem } from '../../model/problem';
import { git } from '../git/git';
import type { Checkout } from './checkout';
import type { FileChange } from './plan';

/** A commit that was made, on a branch of its own that is checked out now. */
export interface Committed {
  readonly branch: string;
  readonly commit: string;
  /** The branch it started from. @default - the head was detached */
  readonly from?: string | undefined;
}

/**
 * What stands in the way of a commit, to be asked before anything is written: TARGET-GIT when git does not know in whose
 * name, TARGET-BRANCH when a branch has the name that ours begin with, since git keeps `a` and `a/b` as a file and a folder.
 */
export function commitProblems(
  { root }: Pick<Checkout, 'root'>,
  { tool }: { readonly tool: string },
): readonly Problem[] {
  const problems: Problem[] = [];
  try {
    // The environment may name one of them alone, and git makes no commit without the other.
    for (const person of ['GIT_COMMITTER_IDENT', 'GIT_AUTHOR_IDENT']) git(root, ['var', person]);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problems.push(error);
  }
  if (branchesAt(root, tool).includes(tool)) {
    const message = `Cannot commit in ${root}: its branch "${tool}" leaves no room for the branches "${tool}/…"`;
    const fix = `give it another name: git -C ${shellWord(root)} branch -m ${tool} <name>; or use --write and commit by hand`;
    problems.push(new Problem('TARGET-BRANCH', message, { file: root, fix }));
  }
  return problems;
}

/** The branches of a name, and those that have it as a folder. */
function branchesAt(root: string, name: string): readonly string[] {
  return git(root, ['for-each-ref', '--format=%(refname:lstrip=2)', `refs/heads/${name}`])
    .split('\n')
    .filter(Boolean);
}

/**
 * Makes a branch with one commit that holds the given paths as they lie on the disk, and checks it out. Nothing else of the
 * working tree or of the index changes; no hook runs, nothing is pushed. The head moves last, so that an interrupted run
 * is completed by the next one.
 * @param summary the commit's message; the branch is named after it
 * @returns nothing when the last commit holds the paths like this already
 */
export function commit(
  checkout: Checkout,
  paths: readonly string[],
  { tool, summary }: { tool: string; summary: string },
): Committed | undefined {
  const { root, head, branch: from } = checkout;
  const tree = treeWith(checkout, paths);
  if (head !== undefined && tree === answer(root, ['rev-parse', `${head}^{tree}`])) return undefined;
  const { branch, existing } = freeBranch(checkout, `${tool}/${slugOf(summary)}`, tree);
  const made = existing ?? newCommit(checkout, tree, summary);
  if (existing === undefined) {
    git(root, ['update-ref', '-m', `${tool}: ${summary}`, `refs/heads/${branch}`, made, ''], { mayLock: true });
  }
  updateIndex(root, paths);
  git(root, ['symbolic-ref', '-m', `${tool}: move to ${branch}`, 'HEAD', `refs/heads/${branch}`], { mayLock: true });
  return { branch, commit: made, from };
}

/** The last commit's tree with the paths as they lie on the disk, made in an index of its own. */
function treeWith({ root, gitDir, head }: Checkout, paths: readonly string[]): string {
  const index = join(gitDir, `index.deliver-${process.pid}`);
  try {
    git(root, head === undefined ? ['read-tree', '--empty'] : ['read-tree', head], { index, mayLock: true });
    updateIndex(root, paths, index);
    return answer(root, ['write-tree'], index);
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }
}

function updateIndex(root: string, paths: readonly string[], index?: string): void {
  const input = paths.map((path) => `${path}\0`).join('');
  git(root, ['update-index', '-z', '--add', '--remove', '--stdin'], { input, mayLock: true, index });
}

/** commit-tree asks neither hooks nor an editor; signing is the one custom of the user that it has to be told about. */
function newCommit({ root, head }: Checkout, tree: string, summary: string): string {
  const [signs] = git(root, ['config', '--type=bool', '--get', 'commit.gpgSign'], { answers: [0, 1] }).split('\n');
  const parent = head === undefined ? [] : ['-p', head];
  const args = ['commit-tree', ...(signs === 'true' ? ['-S'] : []), ...parent, '-F', '-', tree];
  return git(root, args, { input: `${summary}\n`, mayLock: true }).trim();
}

/** The first name that is free, or a branch that an interrupted run has made for the very same tree. */
function freeBranch({ root, head }: Checkout, name: string, tree: string): { branch: string; existing?: string } {
  for (let attempt = 1; ; attempt += 1) {
    const branch = attempt === 1 ? name : `${name}-${attempt}`;
    const taken = branchesAt(root, branch);
    if (taken.length === 0) return { branch };
    if (!taken.includes(branch)) continue;
    const tip = answer(root, ['rev-parse', `refs/heads/${branch}`]);
    const [itsTree, ...parents] = answer(root, ['rev-parse', `${tip}^{tree}`, `${tip}^@`]).split('\n');
    if (itsTree === tree && parents.join() === (head ?? '')) return { branch, existing: tip };
  }
}

/** A part of a branch name: lower-case letters, digits and dashes, at most 60. */
function slugOf(summary: string): string {
  const slug = summary.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return slug.slice(0, 60).replace(/^-+|-+$/g, '');
}

function answer(root: string, args: readonly string[], index?: string): string {
  return git(root, args, { answers: [0, 1], index, mayLock: index !== undefined }).trim();
}

/**
 * What a delivery does, in one line of at most 72 characters: `Add a and b; remove c`. Counts stand for names that do not
 * fit. A server is added when all of its files are new, and removed when all of them go.
 * @param where stands in front: the platform, where there are several. @default - nothing
 */
export function summaryOf(changes: readonly FileChange[], where = ''): string {
  const states = new Map<string, Set<FileChange['state']>>();
  for (const { server = 'the workspace', state } of changes) {
    states.set(server, (states.get(server) ?? new Set()).add(state));
  }
  const servers = [...states]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([server, found]) => ({ server, verb: verbFor(found) }));
  const sentence = (list: (servers: readonly string[]) => string) => {
    const parts = ['add', 'update', 'remove'].flatMap((verb) => {
      const named = servers.filter((entry) => entry.verb === verb).map(({ server }) => server);
      return named.length === 0 ? [] : [`${verb} ${list(named)}`];
    });
    return `${where}${parts.join('; ').replace(/^./, (letter) => letter.toUpperCase())}`;
  };
  const named = sentence((servers) => servers.join(', ').replace(/, ([^,]*)$/, ' and $1'));
  if (named.length <= 72) return named;
  return sentence((servers) => (servers.length === 1 ? servers.join() : `${servers.length} servers`));
}

/** What happens to a server whose files have these states; nothing when all of them stay. */
function verbFor(states: ReadonlySet<FileChange['state']>): string | undefined {
  const [state, ...others] = states;
  if (others.length > 0 || state === 'changed') return 'update';
  return state === 'new' ? 'add' : state === 'removed' ? 'remove' : undefined;
}
