import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { shellWord } from '../../cli/shell-word';
import { Problem, type ProblemCode } from '../../model/problem';
import { git, zeroSeparated } from '../git/git';

/** A working tree that may be delivered into. */
export interface Checkout {
  /** Its root, without symbolic links in the path. */
  readonly root: string;
  /** Where git keeps this working tree's state. */
  readonly gitDir: string;
  /** The commit that is checked out. @default - nothing has been committed yet */
  readonly head?: string | undefined;
  /** The branch that is checked out. @default - none, the head is detached */
  readonly branch?: string | undefined;
  /** Whether a remote, or the folder where there is none, has the name of the repository that it should be a checkout of. */
  readonly isNamed: boolean;
}

/** One of the two places that files are delivered to, as the command line names it. */
export interface Target {
  /** The option that it was given with. */
  readonly option: '--to' | '--dns-to';
  readonly folder: string;
  /** The name of the repository that it should be a checkout of. */
  readonly repository: string;
  /** The folder in it that holds our files. */
  readonly base: string;
}

/**
 * Finds out whether a folder is the root of a git working tree of the right repository, with nothing under way in it.
 * Submodules and linked working trees are. One folder may be both targets as far as its remotes fit both.
 * @param own the root of this repository
 * @throws Problem TARGET-GIT or TARGET-PATH
 */
export function openCheckout(named: Target, own: string): Checkout {
  const { folder } = named;
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw refusal('TARGET-PATH', named, 'there is no such folder', 'name a checkout of the target repository');
  }
  const root = realpathSync(resolve(folder));
  const [isBare, gitDir = ''] = git(root, ['rev-parse', '--is-bare-repository', '--absolute-git-dir']).split('\n');
  if (isBare === 'true') {
    throw refusal('TARGET-GIT', named, 'it is a bare repository', 'name one with files: git worktree add <folder>');
  }
  const top = realpathSync(git(root, ['rev-parse', '--show-toplevel']).trimEnd());
  if (top !== root) {
    throw refusal(
      'TARGET-PATH',
      named,
      'it is a folder inside a checkout',
      `name the checkout itself: ${shellWord(top)}`,
    );
  }
  const unfinished = states.find(([file]) => existsSync(join(gitDir, file)));
  if (unfinished !== undefined) throw refusal('TARGET-GIT', named, unfinished[1], unfinished[2]);
  if (root === realpathSync(own)) {
    const fix = `name a checkout of ${named.repository}`;
    throw refusal('TARGET-PATH', named, 'that is this repository itself', fix);
  }
  return { root, gitDir, ...headOf(root), isNamed: isRightRepository(root, named) };
}

/** This repository itself, as a commit of its own files needs it. @throws Problem TARGET-GIT where there is no git */
export function ownCheckout(root: string): Checkout {
  return { root, gitDir: git(root, ['rev-parse', '--absolute-git-dir']).trim(), ...headOf(root), isNamed: true };
}

function headOf(root: string): Pick<Checkout, 'head' | 'branch'> {
  const [head] = git(root, ['rev-parse', '--quiet', '--verify', 'HEAD'], { answers: [0, 1] }).split('\n');
  const [ref = ''] = git(root, ['symbolic-ref', '--quiet', 'HEAD'], { answers: [0, 1] }).split('\n');
  return { head: head || undefined, branch: ref.replace(/^refs\/heads\//, '') || undefined };
}

/**
 * Whether a checkout is known to be of a repository: by the name of a remote, or where it has none by that of its folder.
 * @throws Problem TARGET-PATH when all of its remotes have other names
 */
function isRightRepository(root: string, named: Target): boolean {
  const { repository } = named;
  const isIt = (name: string | undefined) => name?.toLowerCase() === repository.toLowerCase();
  const found = zeroSeparated(git(root, ['config', '-z', '--get-regexp', '^remote\\..*\\.url$'], { answers: [0, 1] }));
  const remotes = found.flatMap((entry) => {
    const [key = '', url = ''] = entry.split('\n');
    const name = nameOf(url);
    return name === undefined ? [] : [{ remote: key.slice('remote.'.length, -'.url'.length), name }];
  });
  if (remotes.length === 0) return isIt(basename(root));
  if (remotes.some(({ name }) => isIt(name))) return true;
  const [{ remote, name } = { remote: '', name: '' }] = [...remotes].sort((a) => (a.remote === 'origin' ? -1 : 0));
  const fix = `name a checkout of ${repository}; if "${name}" is its name now, write that in the file of the platform`;
  throw refusal('TARGET-PATH', named, `its ${remote} is "${name}", not "${repository}"`, fix);
}

/** The last part of an address or a path, as `git clone` names the folder. Nothing else of it is ever shown. */
function nameOf(url: string): string | undefined {
  const address = url.replace(/[\\/]+$/, '').replace(/[\\/]?\.git$/, '');
  return address.split(/[\\/:]/).at(-1) || undefined;
}

function refusal(code: ProblemCode, { option, folder }: Target, reason: string, fix: string): Problem {
  return new Problem(code, `Cannot deliver to ${option} ${folder}: ${reason}`, { file: folder, fix });
}

/** What git keeps in its folder while something is under way (git 2.39). */
const states: readonly [file: string, state: string, fix: string][] = [
  ['MERGE_HEAD', 'a merge is under way', 'git merge --continue, or --abort'],
  ['rebase-merge', 'a rebase is under way', 'git rebase --continue, or --abort'],
  ['rebase-apply', 'a rebase or a series of patches is under way', 'git rebase --continue, or git am --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick is under way', 'git cherry-pick --continue, or --abort'],
  ['REVERT_HEAD', 'a revert is under way', 'git revert --continue, or --abort'],
  ['BISECT_LOG', 'a bisection is under way', 'git bisect reset'],
  ['index.lock', 'another git command holds its index', 'let that command end; when none runs, remove index.lock'],
];
