import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedToolkit } from '../exchanges/recorded';
import { environments, type ServerKind } from '../exchanges/vector';
import type { Recipe } from './server';
import { virtualEnvironment } from './virtual-environment';

const here = join(root, 'testing/processes/python');

/** The program that loads answers with the real package's own models. */
export const checkCatalogue = join(here, 'check_catalogue.py');

/** A Python that has the real `arcade-mcp-server`, at the versions of requirements.txt. @see virtualEnvironment */
export function pythonWithReference(): Promise<string> {
  return virtualEnvironment('arcade-mcp-server', join(here, 'requirements.txt'));
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
