import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../model/problem';
import { systemCode } from './system-error';

/**
 * Does some work while nobody else does the same: a lock file, made only if there is none. The work takes milliseconds,
 * so another holder is waited for; one whose process has ended is not.
 * @param path where the lock file is; removed at the end
 * @param shown the same for people, from the repository's root
 * @throws Problem SEAL-BUSY when the lock is not free in time
 */
export async function withLock<T>(path: string, shown: string, work: () => T, { waitMs = 10_000 } = {}): Promise<T> {
  const mine = `${process.pid} ${hostname()} ${randomBytes(8).toString('hex')}\n`;
  const deadline = Date.now() + waitMs;
  while (!take(path, mine)) {
    if (Date.now() >= deadline) throw busy(shown);
    await sleep(20 + Math.random() * 30);
  }
  try {
    return work();
  } finally {
    if (contentOf(path) === mine) rmSync(path, { force: true });
  }
}

function take(path: string, mine: string): boolean {
  try {
    writeFileSync(path, mine, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const holder = contentOf(path);
  if (holder !== undefined && isGone(holder, path)) takeAway(path, holder);
  return false;
}

/** Moving is what only one of several can do; whoever finds that it moved a live lock puts it back. */
function takeAway(path: string, holder: string): void {
  const aside = `${path}-${randomBytes(6).toString('hex')}`;
  try {
    renameSync(path, aside);
    if (contentOf(aside) !== holder) renameSync(aside, path);
    else rmSync(aside);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** Whether the process that made the lock has ended. Only this machine's processes can be asked. */
function isGone(holder: string, path: string): boolean {
  // Made and never written: its process was stopped between the two.
  if (holder === '') return ageMs(path) > 5000;
  const [pid = '', host] = holder.trim().split(' ');
  if (host !== hostname() || !/^\d+$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It went away between two looks, which is what was hoped for.
    return undefined;
  }
}

function ageMs(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function busy(shown: string): Problem {
  return new Problem(
    'SEAL-BUSY',
    'Cannot write the sealed values: another command has been writing them for too long',
    {
      file: shown,
      fix: `wait for it and run again; if none is running, delete ${shown}`,
    },
  );
}
