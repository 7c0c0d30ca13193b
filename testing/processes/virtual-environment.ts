import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import { install } from './program';

/**
 * A Python with the packages of a requirements file, in a virtual environment under `.cache/`.
 * @param name the name of its contents, for people who browse `.cache/`
 * @param requirements the path of a requirements file with every package pinned; nothing else is installed
 * @returns the path of the interpreter
 * @throws Problem TOOL-MISSING if Python or its venv module is missing, or the packages cannot be installed
 */
export async function virtualEnvironment(name: string, requirements: string): Promise<string> {
  const folder = await cacheFolder(name, readFileSync(requirements, 'utf8'), async (empty) => {
    const interpreter = join(empty, 'bin', 'python');
    const isNewEnough = 'import sys; assert sys.version_info >= (3, 10), sys.version';
    await install({ what: 'Python 3.10 or later', fix: 'install it as python3' }, 'python3', ['-c', isNewEnough]);
    const fix = 'on Debian: apt-get install python3-venv';
    await install({ what: 'a virtual environment', fix }, 'python3', ['-m', 'venv', empty]);
    await install(
      { what: `the packages of ${requirements}`, fix: 'allow pip to reach a package index that has these versions' },
      interpreter,
      ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements],
    );
    // Otherwise the first start would compile them and distort measurements.
    const compiled = { what: 'the packages in compiled form', fix: 'remove the folder .cache/ and run again' };
    await install(compiled, interpreter, ['-m', 'compileall', '-q', join(empty, 'lib')]);
  });
  return join(folder, 'bin', 'python');
}
