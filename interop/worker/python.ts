import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { cacheFolder, failureOf } from '../../testing/processes/cache-folder';

const here = join(root, 'interop', 'worker');

/** The files of the Python side. */
export const pythonFiles = {
  referenceServer: join(here, 'reference_server.py'),
  checkCatalogue: join(here, 'check_catalogue.py'),
} as const;

/**
 * A Python that has the real `arcade-mcp-server`, at the versions of requirements.txt, in an ignored virtual environment.
 * The first call installs it from PyPI.
 * @returns the path of the interpreter
 * @throws Problem TOOL-MISSING when Python, its venv module or the packages cannot be had
 */
export function pythonWithReference(): string {
  const requirements = join(here, 'requirements.txt');
  const folder = cacheFolder('arcade-mcp-server', readFileSync(requirements, 'utf8'), (empty) => {
    need('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10), sys.version'], {
      what: 'python3, 3.10 or newer',
      fix: 'install Python 3.10 or newer as python3',
    });
    need('python3', ['-m', 'venv', empty], {
      what: "Python's venv module",
      fix: 'install it; on Debian: apt-get install python3-venv',
    });
    process.stderr.write('Installing the real arcade-mcp-server from PyPI …\n');
    const interpreter = join(empty, 'bin', 'python');
    need(interpreter, ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements], {
      what: 'the packages of interop/worker/requirements.txt from PyPI',
      fix: 'allow pip to reach a package index that has these versions, then run again',
    });
    need(interpreter, ['-m', 'compileall', '-q', join(empty, 'lib')], {
      what: 'the installed packages in compiled form',
      fix: 'remove the folder .cache/ and run again',
    });
  });
  return join(folder, 'bin', 'python');
}

function need(program: string, args: readonly string[], { what, fix }: { what: string; fix: string }): void {
  const failure = failureOf(program, args);
  if (failure === undefined) return;
  throw new Problem('TOOL-MISSING', `Cannot start the real Python server: it needs ${what}\n${failure}`, { fix });
}
