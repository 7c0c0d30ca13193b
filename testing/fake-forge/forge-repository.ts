import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Repository, repository } from '../temp-repository';

/** A bare repository of the forge. */
export interface ForgeRepository {
  /** Runs git in it. */
  git(...args: string[]): string;
  /** Merges a branch, like the merge button of a pull request. @param into @default - main */
  merge(branch: string, into?: string): void;
  /** Commits files to a branch, like another user. */
  commit(files: Readonly<Record<string, string>>, branch?: string): void;
}

/**
 * Adds a bare repository to a forge.
 * @param folder the folder of the forge
 * @param name `<owner>/<name>`
 * @param source the repository to clone. @default - one with a README
 */
export function forgeRepository(folder: string, name: string, source: Repository = repository({ 'README.md': name })) {
  const path = join(folder, `${name}.git`);
  mkdirSync(dirname(path), { recursive: true });
  source.git('clone', '--quiet', '--bare', '.', path);
  const onBranch = (branch: string, work: () => void) => {
    source.git('fetch', '--quiet', path, branch);
    source.git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
    work();
    source.git('push', '--quiet', path, `HEAD:refs/heads/${branch}`);
  };
  const bare: ForgeRepository = {
    git: (...args) => source.git('--git-dir', path, ...args),
    merge: (branch, into = 'main') =>
      onBranch(into, () => {
        source.git('fetch', '--quiet', path, branch);
        source.git('merge', '--quiet', '--no-ff', '-m', `Merge ${branch}`, 'FETCH_HEAD');
      }),
    commit: (files, branch = 'main') =>
      onBranch(branch, () => {
        for (const [file, text] of Object.entries(files)) source.write(file, text);
        source.commit();
      }),
  };
  return bare;
}
