import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedServer } from '../exchanges/recorded';
import { environments, type ServerKind } from '../exchanges/vector';
import { run } from './program';
import type { Recipe } from './server';

/** How a worker is started. */
export interface WorkerParts {
  /** The bundle that it is. */
  readonly file: string;
  /** What Node gets before the file. @default - nothing */
  readonly switches?: readonly string[];
  /** Beside its address. */
  readonly environment: Readonly<Record<string, string>>;
  /** @default - as of every server */
  readonly stdout?: NonNullable<Recipe['stdout']>;
}

/** A worker as a process of its own. Its probes and metrics are on any free port, if nothing else is said. */
export function worker({ file, switches = [], environment, ...more }: WorkerParts): Recipe {
  return {
    ...more,
    name: 'our worker',
    command: [process.execPath, ...switches, file],
    environment: (port) => ({
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '127.0.0.1',
      ARCADE_SERVER_PORT: String(port),
      WORKER_OPERATIONS_PORT: '0',
      WORKER_DRAIN_SECONDS: '0',
      ...environment,
    }),
  };
}

/**
 * The worker that answers as the recorded server of one kind: the very file that the image runs, with the same switches
 * of Node, or for `fixtures` and `resources` a main that has more.
 * @throws Error when it cannot be built
 */
export async function ourWorker(kind: ServerKind): Promise<Recipe> {
  const environment = environments[kind];
  if (kind === 'fixtures' || kind === 'resources') return workerWith(kind, environment);
  return worker({ file: await recordedWorker(), switches: switchesOfTheImage(), environment });
}

/** The worker with further tools and resources, which are never in an image. */
export function workerWith(
  fixtures: 'fixtures' | 'resources' | 'conformance' | 'alert-triggers',
  environment: WorkerParts['environment'] = {},
): Recipe {
  const main = ['testing/worker/fixtures/fixtures.main.ts', fixtures];
  const { command, ...recipe } = worker({ file: join(root, 'cli/run.mjs'), environment });
  return { ...recipe, command: [...command, ...main] };
}

/** Bundles the recorded server. @returns the bundle's path */
export async function recordedWorker(file = join(root, 'build/recorded-server.cjs')): Promise<string> {
  await run(process.execPath, [join(root, 'worker/build.mjs'), join(root, recordedServer), file]);
  return file;
}

/** What stands between `node` and the program in the image's ENTRYPOINT. */
function switchesOfTheImage(): readonly string[] {
  const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  const [program, ...rest]: unknown[] = JSON.parse(entrypoint);
  if (program === 'node' && rest.length > 0) return rest.slice(0, -1).map(String);
  throw new Error(
    'Cannot start our worker as the image does: the ENTRYPOINT of the Dockerfile is not node and a program',
  );
}
