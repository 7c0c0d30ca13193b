import { join } from 'node:path';
import { Problem } from '../../servers/problem';
import { environments, repositoryRoot, type ServerKind } from '../../worker/vectors/vector';
import { failureOf } from './cache-folder';
import type { Recipe } from './server-process';

/**
 * Our worker of one kind, as a process of its own: the very file that the image runs, or for `fixtures` a main with
 * further tools.
 * @throws Problem USAGE when the worker cannot be built
 */
export function ourWorker(kind: ServerKind): Recipe {
  const root = repositoryRoot();
  const program =
    kind === 'fixtures' ? [join(root, 'cli', 'run.mjs'), 'interop/worker/fixtures.main.ts'] : [builtWorker(root)];
  return {
    name: `our worker (${kind})`,
    command: [process.execPath, ...program],
    environment: (port) => ({
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '127.0.0.1',
      ARCADE_SERVER_PORT: String(port),
      // Any free one: the probes and metrics of several workers must not meet.
      WORKER_OPERATIONS_PORT: '0',
      ...environments[kind],
    }),
  };
}

function builtWorker(root: string): string {
  const outfile = join(root, 'build', 'worker-as-in-the-image.cjs');
  const failure = failureOf(process.execPath, [join(root, 'worker', 'build.mjs'), outfile]);
  if (failure === undefined) return outfile;
  throw new Problem('USAGE', `Cannot start our worker: it does not build\n${failure}`, {
    fix: 'node worker/build.mjs',
  });
}
