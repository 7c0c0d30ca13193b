import { root } from '../../cli/root';
import { run } from '../../testing/processes/program';

/**
 * Runs Debian's buildah and resolves with its output. Requires root. The vfs storage driver works in any container.
 * @throws Problem TOOL-MISSING when it is not installed, Error when it fails
 */
export async function buildah(...args: readonly string[]): Promise<string> {
  return (await run('buildah', ['--storage-driver', 'vfs', ...args], { cwd: root })).trim();
}
