import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../../model/problem';
import { git } from './git';

/** A working tree that may be delivered into. */
export interface Checkout {
  /** Its root, without symbolic links in the path. */
  readonly root: string;
  /** Where git keeps this working tree's state. */
  readonly gitDir: string;
  /** The commit that is checked out. @default - nothing has been committed yet */
  readonly head?: string;
  /** The branch that is checked out. @default - none, the head is detached */
  readonly branch?: string;
}

/**
 * Finds out whether a folder is the root of a git working tree that is at rest. Submodules and linked working trees are.
 * @param option the option the folder was given with, to tell where
 * @throws Problem TARGET-GIT or TARGET-PATH
 */
export function openCheckout(folder: string, option: string): Checkout {
  const refuse = (code: 'TARGET-GIT' | 'TARGET-PATH', reason: string, fix: string) =>
    new Problem(code, `Cannot deliver to ${option} ${folder}: ${reason}`, { file: folder, fix });
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw refuse('TARGET-PATH', 'there is no such folder', 'name a checkout of the target repository');
  }
  const root = realpathSync(resolve(folder));
  // In a bare repository the third question fails after the first two are answered.
  const asked = ['rev-parse', '--is-bare-repository', '--absolute-git-dir', '--show-toplevel'];
  const [isBare, gitDir = '', shown] = git(root, asked, { answers: [0, 128] }).split('\n');
  if (isBare === 'true') {
    throw refuse('TARGET-GIT', 'it is a bare repository', 'name a checkout with files: git worktree add <folder>');
  }
  if (!shown) throw refuse('TARGET-GIT', 'git finds no checkout there', `see what git says: git -C ${folder} status`);
  const top = realpathSync(shown);
  if (top !== root) throw refuse('TARGET-PATH', 'it is a folder inside a checkout', `name the checkout itself: ${top}`);
  const unfinished = states.find(([file]) => existsSync(join(gitDir, file)));
  if (unfinished !== undefined) {
    const [, state, fix] = unfinished;
    throw refuse('TARGET-GIT', state, fix);
  }
  const [head] = git(root, ['rev-parse', '--quiet', '--verify', 'HEAD'], { answers: [0, 1] }).split('\n');
  const [ref = ''] = git(root, ['symbolic-ref', '--quiet', 'HEAD'], { answers: [0, 1] }).split('\n');
  const branch = ref.replace(/^refs\/heads\//, '');
  return { root, gitDir, ...(head ? { head } : {}), ...(branch ? { branch } : {}) };
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
