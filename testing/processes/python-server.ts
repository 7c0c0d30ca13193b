import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedToolkit } from '../exchanges/recorded';
import { environments, type ServerKind } from '../exchanges/vector';
import { cacheFolder } from './cache-folder';
import { install } from './program';
import type { Recipe } from './server';

const here = join(root, 'testing/processes/python');

/** The program that loads answers with the real package's own models. */
export const checkCatalogue = join(here, 'check_catalogue.py');

/**
 * A Python that has the real `arcade-mcp-server`, at the versions of requirements.txt, in an ignored virtual environment.
 * @returns the path of the interpreter
 * @throws Problem TOOL-MISSING when Python, its venv module or the packages cannot be had
 */
export async function pythonWithReference(): Promise<string> {
  const requirements = join(here, 'requirements.txt');
  const folder = await cacheFolder('arcade-mcp-server', readFileSync(requirements, 'utf8'), async (empty) => {
    const interpreter = join(empty, 'bin', 'python');
    const isNewEnough = 'import sys; assert sys.version_info >= (3, 10), sys.version';
    await install({ what: 'Python 3.10 or later', fix: 'install it as python3' }, 'python3', ['-c', isNewEnough]);
    const fix = 'on Debian: apt-get install python3-venv';
    await install({ what: 'a virtual environment', fix }, 'python3', ['-m', 'venv', empty]);
    await install(
      { what: 'the packages of requirements.txt', fix: 'allow pip to reach a package index that has these versions' },
      interpreter,
      ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements],
    );
    // Or the first start would compile them, and be measured with it.
    const compiled = { what: 'the packages in compiled form', fix: 'remove the folder .cache/ and run again' };
    await install(compiled, interpreter, ['-m', 'compileall', '-q', join(empty, 'lib')]);
  });
  return join(folder, 'bin', 'python');
}

/** The real Python server of one kind. It reports nothing to its vendor and sees no login of this machine. */
export function pythonServer(interpreter: string, kind: ServerKind): Recipe {
  return {
    name: `the Python server (${kind})`,
    command: [
      interpreter,
      '-B',
      join(here, 'reference_server.py'),
      kind,
      recordedToolkit.name,
      recordedToolkit.description,
    ],
    environment: (port) => ({
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '127.0.0.1',
      ARCADE_SERVER_PORT: String(port),
      ARCADE_USAGE_TRACKING: '0',
      ...environments[kind],
    }),
  };
}
