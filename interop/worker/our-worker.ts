import { join } from 'node:path';
import { environments, repositoryRoot, type ServerKind } from '../../worker/vectors/vector';
import type { Recipe } from './server-process';

/** Our worker of one kind, as a process of its own through its main; `fixtures` through a main with further tools. */
export function ourWorker(kind: ServerKind): Recipe {
  const main = kind === 'fixtures' ? 'interop/worker/fixtures.main.ts' : 'worker/main.ts';
  return {
    name: `our worker (${kind})`,
    command: [process.execPath, join(repositoryRoot(), 'cli', 'run.mjs'), main],
    environment: (port) => ({
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '127.0.0.1',
      ARCADE_SERVER_PORT: String(port),
      ...environments[kind],
    }),
  };
}
