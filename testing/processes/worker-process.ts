import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { contract } from '../../worker/contract';
import { exchange } from '../exchanges/exchange';
import { recordedName } from '../exchanges/recorded';

export const secret = 'a-secret-of-the-reliability-suite';

/** A worker out of the bundle, in a process of its own. */
export interface WorkerProcess {
  readonly url: string;
  readonly operationsUrl: string;
  readonly pid: number;
  /** Asks it to stop, as Kubernetes does. Resolves with the exit code. */
  stop(): Promise<number | null>;
  kill(): void;
}

/** A heap this small is collected often, so that what grows in spite of that is held on to. */
const heapMiB = 64;

/**
 * Starts a worker and waits until it is ready.
 * @param stdout where its log goes. @default - nowhere
 * @throws Error when it is not ready within 20 s
 */
export async function startWorker(
  bundle: string,
  port: number,
  { drainSeconds = 0, stdout = 'ignore' }: { readonly drainSeconds?: number; readonly stdout?: 'ignore' | number } = {},
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMiB}`, bundle], {
    env: {
      ARCADE_SERVER_TRANSPORT: 'http',
      ARCADE_SERVER_HOST: '127.0.0.1',
      ARCADE_SERVER_PORT: String(port),
      ARCADE_WORKER_SECRET: secret,
      WORKER_OPERATIONS_PORT: String(port + 1),
      WORKER_DRAIN_SECONDS: String(drainSeconds),
    },
    stdio: ['ignore', stdout, 'inherit'],
  });
  const operationsUrl = `http://127.0.0.1:${port + 1}`;
  await ready(operationsUrl, child);
  return {
    url: `http://127.0.0.1:${port}`,
    operationsUrl,
    pid: child.pid ?? 0,
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      // A worker that does not stop fails its part instead of holding it up.
      const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
      const [code] = await exit;
      clearTimeout(late);
      return code;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400 && child.exitCode === null; attempt += 1) {
    const answer = await exchange(url, { method: 'GET', path: '/ready', headers: {} }).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The worker at ${url} is not ready within 20 s`);
}

/** The body of one call of Echo, as the engine sends it. */
export function echoBody(message: string): Buffer {
  return Buffer.from(JSON.stringify({ tool: { name: 'Echo', toolkit: recordedName }, inputs: { message } }));
}

export const invokePath = contract.paths.invoke;
