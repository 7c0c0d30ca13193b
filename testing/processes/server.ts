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
  /** The name for messages. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** The environment for a port, in addition to PATH and an empty HOME. */
  environment(port: number): Readonly<Record<string, string>>;
  /** A path that answers, with any status, as soon as the server is ready. @default - `/worker/health` */
  readonly readyPath?: string;
  /** Where its standard output goes, such as a file descriptor. @default - shown if it does not start */
  readonly stdout?: 'ignore' | number;
}

/** A server that is ready. */
export interface RunningServer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** The time from starting the process to the first response, in milliseconds. */
  readonly startMs: number;
  /** Sends SIGTERM, as Kubernetes does. Resolves with the exit code; null if a signal ended it. */
  stop(): Promise<number | null>;
  /** Sends SIGKILL. A no-op if the process has exited. */
  kill(): Promise<void>;
}

const startLimitMs = 600_000;

/**
 * Starts a server on 127.0.0.1 and waits for its first response.
 * @param port @default - a free port
 * @throws Problem TOOL-MISSING if its program is missing, Error with its last output if it is not ready within ten minutes
 */
export async function startServer(recipe: Recipe, port?: number): Promise<RunningServer> {
  const { name, command, readyPath = '/worker/health', stdout = 'pipe' } = recipe;
  const listening = port ?? (await freePort());
  const home = mkdtempSync(join(tmpdir(), 'server-'));
  const [program = '', ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, {
    // Debian installs nginx in a folder that may not be on the PATH.
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
    child.once('exit', (code, signal) => reject(new Error(`it exited with ${code ?? signal}`)));
  });
  // It may reject after the server is ready, when nothing awaits it.
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
