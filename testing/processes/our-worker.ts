import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { environments, type ServerKind } from '../exchanges/vector';
import { failureOf } from './cache-folder';
import type { Recipe } from './server-process';

/**
 * Our worker of one kind, as a process of its own: the very file that the image runs, with the same switches of
 * Node, or for `fixtures` a main with further tools.
 * @throws Problem USAGE when the worker cannot be built
 */
export function ourWorker(kind: ServerKind): Recipe {
  const program =
    kind === 'fixtures'
      ? [join(root, 'cli', 'run.mjs'), 'interop/worker/fixtures.main.ts']
      : [...switchesOfTheImage(), builtWorker()];
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

function builtWorker(): string {
  const outfile = join(root, 'build', 'worker-as-in-the-image.cjs');
  const failure = failureOf(process.execPath, [join(root, 'worker', 'build.mjs'), outfile]);
  if (failure === undefined) return outfile;
  throw new Problem('USAGE', `Cannot start our worker: it does not build\n${failure}`, {
    fix: 'node worker/build.mjs',
  });
}

/** What stands between `node` and the program in the image's ENTRYPOINT. */
function switchesOfTheImage(): readonly string[] {
  const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  const [program, ...rest] = z.array(z.string()).parse(JSON.parse(entrypoint));
  if (program === 'node' && rest.length > 0) return rest.slice(0, -1);
  throw new Problem('USAGE', 'Cannot start our worker as the image does: its ENTRYPOINT is not node and a program', {
    file: 'Dockerfile',
    fix: 'write it as ENTRYPOINT ["node", …switches, "/app/worker.cjs"]',
  });
}
