import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Repository, repository } from '../temp-repository';

/** A bare repository of the forge. */
export interface ForgeRepository {
  /** Runs git in it. */
  git(...args: string[]): string;
  /** Merges a branch, as the button of a pull request does. @param into @default - main */
  merge(branch: string, into?: string): void;
  /** Commits files to a branch, like another user. */
  commit(files: Readonly<Record<string, string>>, branch?: string): void;
}

/**
 * Adds a bare repository to a forge.
 * @param folder the folder of the forge
 * @param name `<owner>/<name>`
 * @param made the repository to clone. @default - one with a README
 */
export function forgeRepository(folder: string, name: string, made: Repository = repository({ 'README.md': name })) {
  const path = join(folder, `${name}.git`);
  mkdirSync(dirname(path), { recursive: true });
  made.git('clone', '--quiet', '--bare', '.', path);
  const inWork = (branch: string, work: () => void) => {
    made.git('fetch', '--quiet', path, branch);
    made.git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
    work();
    made.git('push', '--quiet', path, `HEAD:refs/heads/${branch}`);
  };
  const bare: ForgeRepository = {
    git: (...args) => made.git('--git-dir', path, ...args),
    merge: (branch, into = 'main') =>
      inWork(into, () => {
        made.git('fetch', '--quiet', path, branch);
        made.git('merge', '--quiet', '--no-ff', '-m', `Merge ${branch}`, 'FETCH_HEAD');
      }),
    commit: (files, branch = 'main') =>
      inWork(branch, () => {
        for (const [file, text] of Object.entries(files)) made.write(file, text);
        made.commit();
      }),
  };
  return bare;
}
