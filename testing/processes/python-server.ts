import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedToolkit } from '../exchanges/recorded';
import { environments, type ServerKind } from '../exchanges/vector';
import type { Recipe } from './server';
import { virtualEnvironment } from './virtual-environment';

const here = join(root, 'testing/processes/python');

/** The program that loads answers with the real package's own models. */
export const checkCatalogue = join(here, 'check_catalogue.py');

/** The program that writes the table of an engine's words. */
export const engineWords = join(here, 'engine_words.py');

/** The releases of the reference: the recorded one, and the newest of 2026-11-25, by their lists of packages. */
const releases = { '1.26.1': 'requirements.txt', '1.32.1': 'requirements-1.32.txt' } as const;

export type ReferenceRelease = keyof typeof releases;

/** A Python that has the real `arcade-mcp-server`. @param release @default - the recorded one @see virtualEnvironment */
export function pythonWithReference(release: ReferenceRelease = '1.26.1'): Promise<string> {
  return virtualEnvironment('arcade-mcp-server', join(here, releases[release]));
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
