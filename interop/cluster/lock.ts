import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';

/** A process, and when it started in the kernel's ticks since boot: the kernel reuses process ids. */
export interface ProcessId {
  readonly name: string;
  readonly pid: number;
  readonly started: string;
}

/** The supervisor of a cluster, its processes and its kubeconfig. */
export interface Holder {
  readonly owner: ProcessId;
  readonly parts: readonly ProcessId[];
  readonly kubeconfig: string;
}

const stopCommand = 'npm run interop -- cluster --stop';

/** A lock file: one cluster at a time runs in a checkout. It lists the processes to stop after a crash. */
export class Lock {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'cluster.lock.json');
  }

  /** The holder of the lock. @returns undefined when it is free */
  holder(): Holder | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      // The file does not exist. An existing one is always complete.
      return undefined;
    }
  }

  /**
   * Takes the lock for this process.
   * @throws Problem USAGE when another run holds it or left processes behind, TOOL-MISSING when the folder is not writable
   */
  take(kubeconfig: string): void {
    const found = this.holder();
    const left = found?.parts.filter(isAlive) ?? [];
    if (found !== undefined && isAlive(found.owner)) {
      const fix = `wait for it to end, or stop it: ${stopCommand}`;
      throw refusal(`process ${found.owner.pid} is running one, kubeconfig ${found.kubeconfig}`, fix);
    }
    if (left.length > 0) {
      const names = left.map(({ name, pid }) => `${name} (${pid})`).join(', ');
      throw refusal(`an earlier run was killed and left ${names} running`, `stop them: ${stopCommand}`);
    }
    const owner = processOf('cluster', process.pid);
    if (owner === undefined) throw new Problem('TOOL-MISSING', 'Cannot read /proc', { fix: 'run on Linux' });
    this.#write({ owner, parts: [], kubeconfig }, (written) => {
      if (found !== undefined) this.#dropIf(found);
      // Fails when another run was faster.
      linkSync(written, this.#file);
    });
  }

  /** Records the processes that the cluster has so far. */
  note(parts: readonly ProcessId[]): void {
    const found = this.holder();
    if (found !== undefined) this.#write({ ...found, parts }, (written) => renameSync(written, this.#file));
  }

  /** Releases the lock, also one whose holder has ended. */
  drop(): void {
    rmSync(this.#file, { force: true });
  }

  /** Removes a stale lock, unless another run has replaced it in the meantime. */
  #dropIf(stale: Holder): void {
    const aside = `${this.#file}.${process.pid}.stale`;
    renameSync(this.#file, aside);
    if (textOf(JSON.parse(readFileSync(aside, 'utf8'))) === textOf(stale)) rmSync(aside);
    else renameSync(aside, this.#file);
  }

  /** Writes the lock atomically. */
  #write(holder: Holder, place: (written: string) => void): void {
    const written = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      try {
        writeFileSync(written, textOf(holder));
        place(written);
      } finally {
        rmSync(written, { force: true });
      }
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST' || code === 'ENOENT')
        throw refusal('another run is starting one right now', `wait for it, or stop it: ${stopCommand}`);
      const fix = `make ${this.#folder} writable for this user`;
      throw new Problem('TOOL-MISSING', `Cannot write ${this.#file}: ${message}`, { fix, cause });
    }
  }
}

function textOf(holder: Holder): string {
  return JSON.stringify(holder, null, 2);
}

/** The process with this id. @returns undefined when it does not exist */
export function processOf(name: string, pid: number): ProcessId | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { name, pid, started };
}

/** Whether this process still runs; a zombie does not. Another process with the same id is not the same process. */
export function isAlive({ pid, started }: ProcessId): boolean {
  return startOf(pid) === started;
}

function refusal(state: string, fix: string): Problem {
  return new Problem('USAGE', `Cannot start a cluster: ${state}`, { fix });
}

/** Field 22 of /proc/<pid>/stat. Field 2 is the name in parentheses, which may contain anything (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    // There is no such process.
    return undefined;
  }
}
