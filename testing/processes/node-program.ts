import { join } from 'node:path';
import { cacheFolder, npmInstall } from './cache-folder';
import { run } from './program';

/**
 * Installs another version of Node from npm, from the packages that contain only the binary for a platform. The package
 * `node` needs an install script, which this repository disables; npx would then silently run the Node on the PATH.
 * @param version such as `24`, or a full version
 * @returns the path of the program
 * @throws Problem TOOL-MISSING if it cannot be installed
 */
export async function nodeProgram(version: string): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = await cacheFolder('node', `${name}@${version}`, (empty) =>
    npmInstall(empty, 'install', '--no-package-lock', `${name}@${version}`),
  );
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  await run(program, ['--version']);
  return program;
}
