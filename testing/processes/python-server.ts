import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedToolkit } from '../exchanges/recorded';
import { environments, type ServerKind } from '../exchanges/vector';
import type { Recipe } from './server';
import { virtualEnvironment } from './virtual-environment';

const here = join(root, 'testing/processes/python');

/** The script that validates our responses with the models of the real package. */
export const checkCatalogue = join(here, 'check_catalogue.py');

/** The script that generates worker/catalog/engine-words.ts. */
export const engineWords = join(here, 'engine_words.py');

/** The requirements files of the reference's releases: the recorded one, and the latest on 2026-11-25. */
const releases = { '1.26.1': 'requirements.txt', '1.32.1': 'requirements-1.32.txt' } as const;

/** A release of the reference. */
export type ReferenceRelease = keyof typeof releases;

/** A Python with the real `arcade-mcp-server`. @param release @default - the recorded one @see virtualEnvironment */
export function pythonWithReference(release: ReferenceRelease = '1.26.1'): Promise<string> {
  return virtualEnvironment('arcade-mcp-server', join(here, releases[release]));
}

/** The real Python server of one kind, without telemetry and without this machine's logins. */
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
