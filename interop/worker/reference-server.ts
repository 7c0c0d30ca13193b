import { environments, type ServerKind } from '../../testing/exchanges/vector';
import type { Recipe } from '../../testing/processes/server-process';
import { pythonFiles } from './python';

/** The real Python server of one kind. It reports nothing to its vendor and sees no login of this machine. */
export function referenceServer(interpreter: string, kind: ServerKind): Recipe {
  return {
    name: `the Python server (${kind})`,
    command: [interpreter, '-B', pythonFiles.referenceServer, kind],
    environment: (port) => ({
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '127.0.0.1',
      ARCADE_SERVER_PORT: String(port),
      ARCADE_USAGE_TRACKING: '0',
      ...environments[kind],
    }),
  };
}
