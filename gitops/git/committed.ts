import { Problem } from '../../model/problem';
import { git } from './git';

/** Whether the last commit has a file. It has none without git, without a repository, and before the first commit. */
export function isCommitted(root: string, path: string): boolean {
  try {
    // 128: no repository, or no commit. The path is relative to `root`, which may be a subfolder of the repository.
    return git(root, ['ls-tree', '--name-only', 'HEAD', path], { exitCodes: [0, 128] }) !== '';
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}
