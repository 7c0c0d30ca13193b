import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../model/problem';
import { outputTail, toolMissing } from '../../testing/processes/program';
import { isAlive, type ProcessId, processOf } from './lock';

/** One program of the cluster. */
export interface Part {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Beside PATH and HOME. @default - nothing */
  readonly environment?: Readonly<Record<string, string>>;
  /** What answers 200 as soon as it is ready. */
  readonly ready: string;
  /** What to do when it does not start. @default - its own words have to do */
  readonly fix?: string;
}

const startLimitMs = 120_000;

/**
 * Starts a part and waits until it is ready. What it says goes to `<name>.log` in the folder, which is its home as well.
 * @param started is told of the process before it is ready
 * @throws Problem TOOL-MISSING without its program, or with its last words when its port is taken, it ends or is not ready
 * in two minutes
 */
export async function startPart(part: Part, folder: string, started: (part: ProcessId) => void): Promise<void> {
  const { name, command, environment = {}, ready, fix } = part;
  const [program = '', ...args] = command;
  // Somebody else's answer would be taken for its own.
  if (await answers(ready)) {
    const found = `Cannot start a cluster: somebody else answers at ${ready}, which is for ${name}`;
    throw new Problem('TOOL-MISSING', found, { fix: 'run it again: it takes ports that are free' });
  }
  const file = join(folder, `${name}.log`);
  const log = openSync(file, 'a');
  // A group of its own: what a terminal sends on Ctrl-C is for the owner, which then ends the parts in order.
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    env: { PATH: process.env.PATH, HOME: folder, ...environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const failure = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(toolMissing(program, error)));
  });
  failure.catch(() => undefined);
  const id = child.pid === undefined ? undefined : processOf(name, child.pid);
  if (id !== undefined) started(id);
  const reason = await Promise.race([failure, whatFails(child, ready)]);
  if (reason === undefined) return;
  const found = `${name} ${reason}\n${outputTail({ stdout: '', stderr: readFileSync(file, 'utf8') })}`;
  throw new Problem('TOOL-MISSING', `Cannot start a cluster: ${found}`, { fix: fix ?? `read all of ${file}` });
}

/** Asks until it is ready. @returns why it is not */
async function whatFails(child: ChildProcess, ready: string): Promise<string | undefined> {
  const deadline = performance.now() + startLimitMs;
  while (performance.now() < deadline) {
    if (await answers(ready)) return undefined;
    if (child.exitCode !== null || child.signalCode !== null) return `ended with ${child.exitCode ?? child.signalCode}`;
    await sleep(50);
  }
  return `is not ready after ${startLimitMs / 1000} s: ${ready}`;
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const isTls = url.startsWith('https:');
    // Some have made their certificates for themselves. Nothing is told to whoever answers.
    const request = (isTls ? getHttps : getHttp)(url, { ...(isTls && { rejectUnauthorized: false }), timeout: 5000 });
    request.on('response', (response) => resolve(response.resume().statusCode === 200));
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/**
 * Ends processes by their ids, the last one first.
 * @param graceMs how long they may take after they were asked; then they are not asked any more. The API server would take
 * more than five seconds to miss its store (1.36), and nobody needs what it has.
 */
export async function endAll(parts: readonly ProcessId[], graceMs = 1000): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const left = parts.filter(isAlive).reverse();
    for (const { pid } of left) send(pid, signal);
    // One that a proof has stopped does not hear before it goes on.
    for (const { pid } of left) send(pid, 'SIGCONT');
    const deadline = performance.now() + (signal === 'SIGTERM' ? graceMs : 10_000);
    while (left.some(isAlive) && performance.now() < deadline) await sleep(20);
  }
}

/** Sends a signal to a process that may have ended. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has.
  }
}
