import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Problem } from '../../model/problem';
import { systemReason } from '../../model/system-error';
import { git } from '../git/git';
import { removingOnError, writeNewFile } from './new-file';
import type { SealWorld } from './seal-world';
import type { Secret } from './secret';

/** Where a person will find a generated value. */
export interface Outlet {
  /** The new file. Undefined when the value is shown on the terminal. */
  readonly path: string | undefined;
  /** In words, for the steps that follow. */
  readonly words: string;
}

/**
 * Decides, before anything is sealed, where a generated value goes: to the named file, or to a terminal that a person reads.
 * @throws Problem SECRET-OUTPUT when neither will do
 */
export function outletFor(path: string | undefined, { isTerminal, isJson }: SealWorld): Outlet {
  if (path !== undefined) return { path: checkPlaintextPath(path), words: `in ${path}; delete it afterwards` };
  if (isTerminal && !isJson) return { path, words: 'shown above, this once' };
  const message = 'Cannot show a new value here: standard output is not a terminal, and logs keep it';
  const fix = 'name a new file that git ignores: --plaintext-out <name>.plaintext';
  throw new Problem('SECRET-OUTPUT', message, { fix });
}

/** Hands out a generated value while `seal` seals it, so that it is never sealed and lost, nor kept in a file and not sealed. */
export function handOut(secret: Secret, { path }: Outlet, world: SealWorld, seal: () => void): void {
  if (path === undefined) {
    seal();
    world.show(secret);
    return;
  }
  writePlaintext(path, secret);
  removingOnError(path, seal);
}

/**
 * Checks that a path may receive plaintext: nothing is there yet, and git will not take it.
 * @returns the real path, its folder's symbolic links resolved
 * @throws Problem SECRET-OUTPUT
 */
export function checkPlaintextPath(path: string): string {
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) throw refused(resolve(path), 'its folder is not there', 'make the folder first');
  const real = join(realpathSync(folder), basename(path));
  if (existsSync(real)) throw refused(real, 'something is there already', 'name a new file, or remove that one first');
  if (isOutOfGit(real)) return real;
  const fix = 'choose a name that git ignores, such as one ending in .plaintext';
  throw refused(real, 'git would take it into a commit', fix);
}

/** Writes plaintext to a new file that only its owner can read. @throws Problem SECRET-OUTPUT */
export function writePlaintext(path: string, secret: Secret): void {
  try {
    writeNewFile(path, secret.reveal(), 0o600);
  } catch (error) {
    throw refused(path, systemReason(error), 'name another file', error);
  }
}

/** Whether git will not take a path: it is outside of every work tree, or ignored in its own. @throws Problem TOOL-MISSING */
export function isOutOfGit(path: string): boolean {
  if (!isBelowGit(dirname(path))) return true;
  // Nothing else of the environment: it may hold the very secret.
  const { PATH, HOME } = process.env;
  const options = { environment: { PATH, HOME }, answers: [0, 1, 128] };
  try {
    return git(dirname(path), ['check-ignore', '--', path], options) !== '';
  } catch (cause) {
    const fix = 'install git, or name a file outside of the repository';
    const message = 'Cannot ask git whether it ignores the file: git cannot be run';
    throw new Problem('TOOL-MISSING', message, { fix, cause });
  }
}

/** Whether a folder lies in a work tree. Looked for by hand: git also says "not a repository" of one that it does not trust. */
export function isBelowGit(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true;
  return dirname(folder) !== folder && isBelowGit(dirname(folder));
}

function refused(path: string, reason: string, fix: string, cause?: unknown): Problem {
  return new Problem('SECRET-OUTPUT', `Cannot write the value to the file ${path}: ${reason}`, { fix, cause });
}
