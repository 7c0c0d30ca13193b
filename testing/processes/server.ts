import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from '../exchanges/exchange';
import { freePort } from '../free-port';
import { toolMissing } from './program';

/** How to start one server. */
export interface Recipe {
  /** What it is, for messages. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Given the port it shall listen on. Nothing else but PATH and an empty HOME is handed down. */
  environment(port: number): Readonly<Record<string, string>>;
  /** What answers as soon as the server is up, with any status. @default - `/worker/health` */
  readonly readyPath?: string;
  /** Where its standard output goes, such as a file descriptor. @default - kept, to be shown when it does not start */
  readonly stdout?: 'ignore' | number;
}

/** A server that answers. */
export interface RunningServer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first answer, in milliseconds. */
  readonly startMs: number;
  /** Asks it to end, as Kubernetes does. Resolves with the exit code; null when a signal ended it. */
  stop(): Promise<number | null>;
  /** Ends the process at once. Harmless when it has already ended. */
  kill(): Promise<void>;
}

const startLimitMs = 600_000;

/**
 * Starts a server on the loopback address and waits for its first answer.
 * @param port @default - a free one
 * @throws Problem TOOL-MISSING without its program, Error with its last output when it does not answer within ten minutes
 */
export async function startServer(recipe: Recipe, port?: number): Promise<RunningServer> {
  const { name, command, readyPath = '/worker/health', stdout = 'pipe' } = recipe;
  const listening = port ?? (await freePort());
  const home = mkdtempSync(join(tmpdir(), 'server-'));
  const [program = '', ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, {
    // Debian has nginx in a folder that not everybody's PATH names.
    env: { PATH: `${process.env.PATH}:/usr/sbin`, HOME: home, ...recipe.environment(listening) },
    stdio: ['ignore', stdout, 'pipe'],
  });
  const tail = tailOf(child);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    rmSync(home, { recursive: true, force: true });
    return child.exitCode;
  };
  const kill = async () => void (await stop('SIGKILL'));
  const url = `http://127.0.0.1:${listening}`;
  try {
    await firstAnswer(child, program, `${url}${readyPath}`);
    return { name, url, pid: pidOf(child), startMs: performance.now() - started, stop: () => stop(), kill };
  } catch (error) {
    await kill();
    if (child.pid === undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} does not start: ${reason}\n${tail()}`, { cause: error });
  }
}

async function firstAnswer(child: ChildProcess, program: string, url: string): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(toolMissing(program, error)));
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
  });
  // Still pending, or rejected long after the server has been up: nobody waits for it then.
  failed.catch(() => undefined);
  const { origin, pathname } = new URL(url);
  const deadline = performance.now() + startLimitMs;
  while (performance.now() < deadline) {
    const answered = exchange(origin, { method: 'GET', path: pathname, headers: {} }).then(
      () => true,
      () => false,
    );
    if (await Promise.race([answered, failed])) return;
    await sleep(2);
  }
  throw new Error(`no answer within ${startLimitMs / 1000} s`);
}

function tailOf(child: ChildProcess): () => string {
  let text = '';
  const keep = (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-4000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => text;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('it has no process id');
  return pid;
}
