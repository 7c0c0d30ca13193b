import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Problem } from '../../model/problem';
import type { Secret } from './secret';
import { writeReason } from './system-error';

/**
 * Decides, before anything is sealed, that a path may receive plaintext: nothing is there yet, and git will not take it.
 * @returns the real path, its folder's symbolic links resolved
 * @throws Problem SECRET-OUTPUT
 */
export function checkPlaintextPath(path: string): string {
  const folder = realFolder(path);
  const real = join(folder, basename(path));
  if (existsSync(real)) throw refused(real, 'something is there already', 'name a new file, or remove that one first');
  if (!isOutOfGit(real)) {
    throw refused(
      real,
      'git would take it into a commit',
      'choose a name that git ignores, such as one ending in .plaintext',
    );
  }
  return real;
}

/** Writes plaintext to a new file that only its owner can read. @throws Problem SECRET-OUTPUT */
export function writePlaintext(path: string, secret: Secret): void {
  try {
    // `wx`: never through a link that was put there in the meantime, and the mode is right from the first byte.
    const descriptor = openSync(path, 'wx', 0o600);
    try {
      const bytes = secret.reveal();
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw refused(path, writeReason(error), 'name another file', error);
  }
}

/** Whether git will not take a path: it is outside of every work tree, or ignored in its own. */
export function isOutOfGit(path: string): boolean {
  // Looked for by hand: git also says "not a repository" of one that it does not trust.
  if (!ancestors(dirname(path)).some((folder) => existsSync(join(folder, '.git')))) return true;
  // Nothing else of the environment: it could point git elsewhere, and it may hold the very secret.
  const { PATH, HOME } = process.env;
  const { status, error } = spawnSync('git', ['check-ignore', '--quiet', '--', path], {
    cwd: dirname(path),
    env: { PATH, HOME },
    stdio: 'ignore',
  });
  if (error === undefined) return status === 0;
  throw new Problem('TOOL-MISSING', 'Cannot ask git whether it ignores the file: git cannot be run', {
    fix: 'install git, or name a file outside of the repository',
    cause: error,
  });
}

function realFolder(path: string): string {
  try {
    return realpathSync(dirname(resolve(path)));
  } catch (error) {
    throw refused(resolve(path), 'its folder is not there', 'make the folder first', error);
  }
}

function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}

function refused(path: string, reason: string, fix: string, cause?: unknown): Problem {
  return new Problem('SECRET-OUTPUT', `Cannot write the value to the file ${path}: ${reason}`, { fix, cause });
}
