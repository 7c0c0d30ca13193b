import { join } from 'node:path';
import { Problem } from '../../model/problem';
import { cacheFolder, failureOf } from './cache-folder';

/**
 * A Node of another version than the one that runs this, out of the registry: packages named after the platform hold its
 * binary and nothing else. (The package `node` fetches it by a script; without scripts, as this repository installs,
 * whoever asks npx for a Node gets the one on the PATH and is not told.)
 * @param version such as `24`, or to the patch
 * @returns the path of the program
 * @throws Problem TOOL-MISSING when it cannot be had, or does not run here
 */
export function nodeProgram(version: string): string {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = cacheFolder('node', `${name}@${version}`, (empty) => {
    const options = ['--prefix', empty, '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
    const failure = failureOf('npm', ['install', ...options, `${name}@${version}`], { cwd: empty });
    if (failure !== undefined) throw missing(version, failure);
  });
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  const failure = failureOf(program, ['--version']);
  if (failure !== undefined) throw missing(version, failure);
  return program;
}

function missing(version: string, failure: string): Problem {
  return new Problem('TOOL-MISSING', `Cannot run on Node ${version}: it cannot be had\n${failure}`, {
    fix: 'allow npm to reach a registry that has it, remove the folder .cache/, then run again',
  });
}
