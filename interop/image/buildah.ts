import { root } from '../../cli/root';
import { run } from '../../testing/processes/programs';

/**
 * Runs Debian's buildah and gives what it prints. Storage without an overlay works in any container.
 * @throws Problem TOOL-MISSING when it is not installed, INTEROP-FAILED when it fails
 */
export function buildah(...args: readonly string[]): string {
  return run('buildah', ['--storage-driver', 'vfs', ...args], { cwd: root }).trim();
}
