import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from '../../cli/shell-word';
import { Problem } from '../../model/problem';
import { git } from '../git/git';
import type { Checkout } from './checkout';
import type { FileChange } from './plan';

/** A new commit on a new branch, which is now checked out. */
export interface Committed {
  readonly branch: string;
  readonly commit: string;
  /** The branch it started from. @default - HEAD was detached */
  readonly from?: string | undefined;
}

/**
 * What would prevent a commit, checked before anything is written: TARGET-GIT when git has no author or committer,
 * TARGET-BRANCH when a branch is named like our prefix, because git cannot store branches `a` and `a/b` together.
 */
export function commitProblems(
  { root }: Pick<Checkout, 'root'>,
  { tool }: { readonly tool: string },
): readonly Problem[] {
  const problems: Problem[] = [];
  try {
    // The environment may set only one of them, and git needs both.
    for (const person of ['GIT_COMMITTER_IDENT', 'GIT_AUTHOR_IDENT']) git(root, ['var', person]);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problems.push(error);
  }
  if (branchesAt(root, tool).includes(tool)) {
    const message = `Cannot commit in ${root}: its branch "${tool}" conflicts with new branches "${tool}/…"`;
    const fix = `rename it: git -C ${shellWord(root)} branch -m ${tool} <name>; or use --write and commit by hand`;
    problems.push(new Problem('TARGET-BRANCH', message, { file: root, fix }));
  }
  return problems;
}

/** The branch of a name, and the branches below it. */
function branchesAt(root: string, name: string): readonly string[] {
  return git(root, ['for-each-ref', '--format=%(refname:lstrip=2)', `refs/heads/${name}`])
    .split('\n')
    .filter(Boolean);
}

/**
 * Creates a branch with one commit of the given paths as they are on disk, and checks it out. Nothing else in the working
 * tree or the index changes; no hook runs, nothing is pushed. HEAD moves last, so the next run completes an interrupted one.
 * @param summary the commit's message; the branch is named after it
 * @returns undefined when the last commit already has these paths with this content
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

/** The last commit's tree with the given paths as they are on disk, built in a temporary index. */
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

/** `commit-tree` runs no hooks and no editor; unlike `commit`, it also ignores `commit.gpgSign`. */
function newCommit({ root, head }: Checkout, tree: string, summary: string): string {
  const [signs] = git(root, ['config', '--type=bool', '--get', 'commit.gpgSign'], { exitCodes: [0, 1] }).split('\n');
  const parent = head === undefined ? [] : ['-p', head];
  const args = ['commit-tree', ...(signs === 'true' ? ['-S'] : []), ...parent, '-F', '-', tree];
  return git(root, args, { input: `${summary}\n`, mayLock: true }).trim();
}

/** The first free name, or the branch that an interrupted run made with the same tree and parent. */
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

/** A segment of a branch name: lower-case letters, digits and dashes, at most 60. */
function slugOf(summary: string): string {
  const slug = summary.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return slug.slice(0, 60).replace(/^-+|-+$/g, '');
}

function answer(root: string, args: readonly string[], index?: string): string {
  return git(root, args, { exitCodes: [0, 1], index, mayLock: index !== undefined }).trim();
}

/**
 * Summarises a delivery in one line of at most 72 characters: `Add a and b; remove c`. Counts replace names that do not
 * fit. A server is added when all its files are new, and removed when all are removed.
 * @param where a prefix: the platform, if there are several. @default - none
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

/** The verb for a server whose files have these states; undefined when all are unchanged. */
function verbFor(states: ReadonlySet<FileChange['state']>): string | undefined {
  const [state, ...others] = states;
  if (others.length > 0 || state === 'changed') return 'update';
  return state === 'new' ? 'add' : state === 'removed' ? 'remove' : undefined;
}
