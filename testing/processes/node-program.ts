import { join } from 'node:path';
import { cacheFolder, npmInstall } from './cache-folder';
import { run } from './program';

/**
 * A Node of another version than the one that runs this, out of the registry: packages named after the platform hold its
 * binary and nothing else. (The package `node` fetches it by a script; without scripts, as this repository installs,
 * whoever asks npx for a Node gets the one on the PATH and is not told.)
 * @param version such as `24`, or to the patch
 * @returns the path of the program
 * @throws Problem TOOL-MISSING when it cannot be installed
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
