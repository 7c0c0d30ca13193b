import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { root } from '../../cli/root';
import { recordedServer } from '../exchanges/recorded';

/** The worker with the recorded tools, bundled into a folder as the image runs it. @returns the bundle's path */
export async function bundledWorker(folder: string): Promise<string> {
  const bundle = join(folder, 'worker.cjs');
  await promisify(execFile)(process.execPath, [join(root, 'worker', 'build.mjs'), join(root, recordedServer), bundle]);
  return bundle;
}

/**
 * Starts it in a process of its own, on a free port of 127.0.0.1.
 * @returns its address once it listens, and the way to end it
 */
export async function realWorker(bundle: string, secret: string, environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [bundle], {
    env: {
      PATH: process.env.PATH,
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_PORT: '0',
      WORKER_OPERATIONS_PORT: '0',
      WORKER_DRAIN_SECONDS: '0',
      ARCADE_WORKER_SECRET: secret,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return { url: await addressOf(child), close: async () => void child.kill('SIGKILL') };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Its log says where it listens. */
async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the worker has no output');
  for await (const line of createInterface({ input: stdout })) {
    const [, url] = /"url":"(http:[^"]+)"/.exec(line) ?? [];
    if (url !== undefined) {
      // What follows is not read, and must not fill the pipe.
      stdout.resume();
      return url;
    }
  }
  throw new Error('the worker ended before it listened');
}
