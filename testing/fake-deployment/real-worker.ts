import { join } from 'node:path';
import { recordedWorker, worker } from '../processes/our-worker';
import { startServer } from '../processes/server';

/** The worker with the recorded tools, bundled into a folder as the image runs it. @returns the bundle's path */
export async function bundledWorker(folder: string): Promise<string> {
  return recordedWorker(join(folder, 'worker.cjs'));
}

/**
 * Starts it in a process of its own, on a free port of 127.0.0.1.
 * @returns its address once it answers, and the way to end it
 */
export async function realWorker(file: string, secret: string, environment: Readonly<Record<string, string>> = {}) {
  const { url, kill } = await startServer(
    worker({ file, environment: { ARCADE_WORKER_SECRET: secret, ...environment } }),
  );
  return { url, close: kill };
}
