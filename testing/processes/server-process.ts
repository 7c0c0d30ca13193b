import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from '../exchanges/exchange';
import { freePort } from '../free-port';

/** How to start one server. */
export interface Recipe {
  /** What it is, for messages. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  /** Given the port it shall listen on. Nothing else but PATH and an empty HOME is handed down. */
  environment(port: number): Readonly<Record<string, string>>;
  /** What answers as soon as the server is up, with any status. @default - `/worker/health` */
  readonly readyPath?: string;
  /** @default - kept, to be shown when the server does not start */
  readonly output?: 'discard';
}

/** A server that answers. */
export interface RunningServer {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process to the first answer, in milliseconds. */
  readonly startMs: number;
  /** Ends the process at once. Harmless when it has already ended. */
  stop(): Promise<void>;
}

const startLimitMs = 60_000;

/**
 * Starts a server on a free loopback port and waits for its first answer.
 * @throws Error with its last output when it ends, or does not answer within a minute
 */
export async function startServer(recipe: Recipe): Promise<RunningServer> {
  const port = await freePort();
  const home = mkdtempSync(join(tmpdir(), 'peer-'));
  const [program, ...args] = recipe.command;
  const started = performance.now();
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, HOME: home, ...recipe.environment(port) },
    stdio: ['ignore', recipe.output === 'discard' ? 'ignore' : 'pipe', recipe.output === 'discard' ? 'ignore' : 'pipe'],
  });
  const tail = tailOf(child);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(home, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await firstAnswer(child, `${recipe.readyPath ?? '/worker/health'}`, url);
    return { name: recipe.name, url, pid: pidOf(child), startMs: performance.now() - started, stop };
  } catch (error) {
    await stop();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${recipe.name} does not start: ${reason}\n${tail()}`, { cause: error });
  }
}

async function firstAnswer(child: ChildProcess, path: string, url: string): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${code ?? signal}`)));
  });
  // Still pending, or rejected long after the server has been up: nobody waits for it then.
  failed.catch(() => undefined);
  const deadline = performance.now() + startLimitMs;
  while (performance.now() < deadline) {
    const answered = exchange(url, { method: 'GET', path, headers: {} }).then(
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
