import { join } from 'node:path';
import { recordedWorker, worker } from '../processes/our-worker';
import { startServer } from '../processes/server';

/** Bundles the worker with the recorded tools, as in the image. @returns the path of the bundle */
export async function bundledWorker(folder: string): Promise<string> {
  return recordedWorker(join(folder, 'worker.cjs'));
}

/**
 * Starts the bundle in a separate process, on a free port of 127.0.0.1.
 * @returns its address once it responds, and a function that stops it
 */
export async function realWorker(file: string, secret: string, environment: Readonly<Record<string, string>> = {}) {
  const { url, kill } = await startServer(
    worker({ file, environment: { ARCADE_WORKER_SECRET: secret, ...environment } }),
  );
  return { url, close: kill };
}
