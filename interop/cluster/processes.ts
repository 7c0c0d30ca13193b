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
  /** Variables in addition to PATH and HOME. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /** A URL that answers 200 as soon as the part is ready. */
  readonly ready: string;
  /** The fix when it does not start. @default - to read its log */
  readonly fix?: string;
}

const startLimitMs = 120_000;

/**
 * Starts a part and waits until it is ready. Its output goes to `<name>.log` in the folder, which is also its HOME.
 * @param started receives the process before it is ready
 * @throws Problem TOOL-MISSING when its program is missing, its port is taken, or it ends or is not ready after two minutes;
 * with the tail of its log
 */
export async function startPart(part: Part, folder: string, started: (part: ProcessId) => void): Promise<void> {
  const { name, command, environment = {}, ready, fix } = part;
  const [program = '', ...args] = command;
  // Another program's response would be mistaken for its own.
  if (await answers(ready)) {
    const found = `Cannot start a cluster: another program already answers at ${ready}, the address of ${name}`;
    throw new Problem('TOOL-MISSING', found, { fix: 'run it again: each run picks free ports' });
  }
  const file = join(folder, `${name}.log`);
  const log = openSync(file, 'a');
  // A separate process group: Ctrl-C reaches only the supervisor, which then stops the parts in order.
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
  const reason = await Promise.race([failure, startFailure(child, ready)]);
  if (reason === undefined) return;
  const found = `${name} ${reason}\n${outputTail({ stdout: '', stderr: readFileSync(file, 'utf8') })}`;
  throw new Problem('TOOL-MISSING', `Cannot start a cluster: ${found}`, { fix: fix ?? `read the log: ${file}` });
}

/** Polls until the part is ready. @returns why it is not; undefined when it is */
async function startFailure(child: ChildProcess, ready: string): Promise<string | undefined> {
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
    // Some use self-signed certificates. The request carries no secret.
    const request = (isTls ? getHttps : getHttp)(url, { ...(isTls && { rejectUnauthorized: false }), timeout: 5000 });
    request.on('response', (response) => resolve(response.resume().statusCode === 200));
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

/**
 * Stops processes by id, in reverse order.
 * @param graceMs the time between SIGTERM and SIGKILL. The API server would take more than five seconds to notice that etcd is
 * gone (1.36), and its data is not needed.
 */
export async function stopAll(parts: readonly ProcessId[], graceMs = 1000): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const left = parts.filter(isAlive).reverse();
    for (const { pid } of left) send(pid, signal);
    // A process that a test stopped with SIGSTOP handles the signal only when it continues.
    for (const { pid } of left) send(pid, 'SIGCONT');
    const deadline = performance.now() + (signal === 'SIGTERM' ? graceMs : 10_000);
    while (left.some(isAlive) && performance.now() < deadline) await sleep(20);
  }
}

/** Sends a signal. A no-op when the process has ended. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
