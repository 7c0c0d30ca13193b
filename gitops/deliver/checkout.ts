import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { shellWord } from '../../cli/shell-word';
import { Problem, type ProblemCode } from '../../model/problem';
import { git, zeroSeparated } from '../git/git';

/** A working tree that may be delivered into. */
export interface Checkout {
  /** Its root as a real path. */
  readonly root: string;
  /** Where git keeps this working tree's state. */
  readonly gitDir: string;
  /** The commit of HEAD. @default - the repository has no commit */
  readonly head?: string | undefined;
  /** The current branch. @default - HEAD is detached */
  readonly branch?: string | undefined;
  /** Whether a remote, or without remotes the folder, has the expected repository name. */
  readonly isNamed: boolean;
}

/** One of the two places that files are delivered to, as named on the command line. */
export interface Target {
  /** The option that names it. */
  readonly option: '--to' | '--dns-to';
  readonly folder: string;
  /** The name of the expected repository. */
  readonly repository: string;
  /** The folder in it that holds our files. */
  readonly base: string;
}

/**
 * Checks that a folder is the root of a git working tree of the right repository, with no unfinished git operation.
 * Submodules and linked working trees are accepted. One folder may be both targets if its remotes match both.
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
    throw refusal('TARGET-PATH', named, 'it is this repository itself', fix);
  }
  return { root, gitDir, ...headOf(root), isNamed: isRightRepository(root, named) };
}

/** This repository as a checkout, for commits of its own files. @throws Problem TARGET-GIT outside a git repository */
export function ownCheckout(root: string): Checkout {
  return { root, gitDir: git(root, ['rev-parse', '--absolute-git-dir']).trim(), ...headOf(root), isNamed: true };
}

function headOf(root: string): Pick<Checkout, 'head' | 'branch'> {
  const [head] = git(root, ['rev-parse', '--quiet', '--verify', 'HEAD'], { exitCodes: [0, 1] }).split('\n');
  const [ref = ''] = git(root, ['symbolic-ref', '--quiet', 'HEAD'], { exitCodes: [0, 1] }).split('\n');
  return { head: head || undefined, branch: ref.replace(/^refs\/heads\//, '') || undefined };
}

/**
 * Whether a remote of a checkout, or without remotes its folder, has the name of the expected repository.
 * @throws Problem TARGET-PATH when it has remotes and none matches
 */
function isRightRepository(root: string, named: Target): boolean {
  const { repository } = named;
  const isExpected = (name: string | undefined) => name?.toLowerCase() === repository.toLowerCase();
  const found = zeroSeparated(
    git(root, ['config', '-z', '--get-regexp', '^remote\\..*\\.url$'], { exitCodes: [0, 1] }),
  );
  const remotes = found.flatMap((entry) => {
    const [key = '', url = ''] = entry.split('\n');
    const name = nameOf(url);
    return name === undefined ? [] : [{ remote: key.slice('remote.'.length, -'.url'.length), name }];
  });
  if (remotes.length === 0) return isExpected(basename(root));
  if (remotes.some(({ name }) => isExpected(name))) return true;
  const [{ remote, name } = { remote: '', name: '' }] = [...remotes].sort((a) => (a.remote === 'origin' ? -1 : 0));
  const fix = `name a checkout of ${repository}; if the repository is now called "${name}", change that in the platform's file`;
  throw refusal('TARGET-PATH', named, `its ${remote} is "${name}", not "${repository}"`, fix);
}

/**
 * The problem of a checkout that is not `isNamed`. Level `delivery`: a person can see which folder it is, but an unattended run
 * must not write to an unidentified one.
 * @param repositories the names that it could have
 */
export function unnamed(
  { option, folder, repository }: Target,
  repositories: readonly string[] = [repository],
): Problem {
  const names = repositories.map((name) => `"${name}"`).join(' or ');
  const message = `Cannot tell whether ${option} ${folder} is a checkout of ${names}: it has no remote, and its folder has a different name`;
  const fix = `git -C ${shellWord(folder)} remote add origin <address of ${repositories.join(' or ')}>, or name another checkout`;
  return new Problem('TARGET-PATH', message, { file: folder, fix, level: 'delivery' });
}

/** The last segment of a URL or path, as `git clone` names the folder. The rest, which may hold credentials, is never shown. */
function nameOf(url: string): string | undefined {
  const address = url.replace(/[\\/]+$/, '').replace(/[\\/]?\.git$/, '');
  return address.split(/[\\/:]/).at(-1) || undefined;
}

function refusal(code: ProblemCode, { option, folder }: Target, reason: string, fix: string): Problem {
  return new Problem(code, `Cannot deliver to ${option} ${folder}: ${reason}`, { file: folder, fix });
}

/** The files in git's folder that reveal an unfinished operation (git 2.39). */
const states: readonly [file: string, state: string, fix: string][] = [
  ['MERGE_HEAD', 'a merge is under way', 'git merge --continue, or --abort'],
  ['rebase-merge', 'a rebase is under way', 'git rebase --continue, or --abort'],
  ['rebase-apply', 'a rebase or git am is under way', 'git rebase --continue, or git am --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick is under way', 'git cherry-pick --continue, or --abort'],
  ['REVERT_HEAD', 'a revert is under way', 'git revert --continue, or --abort'],
  ['BISECT_LOG', 'a bisection is under way', 'git bisect reset'],
  ['index.lock', 'another git command locks its index', 'wait for that command; if none is running, remove index.lock'],
];
