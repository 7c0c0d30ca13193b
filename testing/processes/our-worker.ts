import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { recordedServer } from '../exchanges/recorded';
import { environments, type ServerKind } from '../exchanges/vector';
import { run } from './program';
import type { Recipe } from './server';

/** How to start a worker. */
export interface WorkerParts {
  /** The bundle to run. */
  readonly file: string;
  /** Node options before the file. @default - none */
  readonly switches?: readonly string[];
  /** Environment variables in addition to the address. */
  readonly environment: Readonly<Record<string, string>>;
  /** See `Recipe`. @default - that of `Recipe` */
  readonly stdout?: NonNullable<Recipe['stdout']>;
}

/** A worker in a separate process. Its operations port, for probes and metrics, is a free one unless set in `environment`. */
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
 * Our counterpart of the recorded server of one kind: the bundle and the Node options of the image; for `fixtures` and
 * `resources`, a main with additional tools and resources.
 * @throws Error if it cannot be built
 */
export async function ourWorker(kind: ServerKind): Promise<Recipe> {
  const environment = environments[kind];
  if (kind === 'fixtures' || kind === 'resources') return workerWith(kind, environment);
  return worker({ file: await recordedWorker(), switches: switchesOfTheImage(), environment });
}

/** The worker with fixture tools and resources, which no image contains. */
export function workerWith(
  fixtures: 'fixtures' | 'resources' | 'conformance' | 'alert-triggers',
  environment: WorkerParts['environment'] = {},
): Recipe {
  const main = ['testing/worker/fixtures/fixtures.main.ts', fixtures];
  const { command, ...recipe } = worker({ file: join(root, 'cli/run.mjs'), environment });
  return { ...recipe, command: [...command, ...main] };
}

/** Bundles the recorded server. @returns the path of the bundle */
export async function recordedWorker(file = join(root, 'build/recorded-server.cjs')): Promise<string> {
  await run(process.execPath, [join(root, 'worker/build.mjs'), join(root, recordedServer), file]);
  return file;
}

/** The Node options in the ENTRYPOINT of the image. */
function switchesOfTheImage(): readonly string[] {
  const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? [];
  const [program, ...rest]: unknown[] = JSON.parse(entrypoint);
  if (program === 'node' && rest.length > 0) return rest.slice(0, -1).map(String);
  throw new Error(
    'Cannot start our worker as the image does: the ENTRYPOINT of the Dockerfile is not `node [options] <file>`',
  );
}
