import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';

/** A process, and when it started in the kernel's ticks since boot: a number alone may be somebody else's by now. */
export interface ProcessId {
  readonly name: string;
  readonly pid: number;
  readonly started: string;
}

/** Who watches over a cluster, what belongs to it, and how to reach it. */
export interface Holder {
  readonly owner: ProcessId;
  readonly parts: readonly ProcessId[];
  readonly kubeconfig: string;
}

const stopCommand = 'npm run interop -- cluster --stop';

/** The file that lets one cluster run in a checkout at a time, and says how to end what is left of it. */
export class Lock {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, 'cluster.lock.json');
  }

  /** Who has it. @returns undefined when nobody has */
  holder(): Holder | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      // There is none: one that is there is whole.
      return undefined;
    }
  }

  /**
   * Takes it for this process.
   * @throws Problem USAGE when another run has it or left processes behind, TOOL-MISSING without leave to write
   */
  take(kubeconfig: string): void {
    const found = this.holder();
    const left = found?.parts.filter(isAlive) ?? [];
    if (found !== undefined && isAlive(found.owner)) {
      const fix = `wait for it to end, or ${stopCommand}`;
      throw refusal(`process ${found.owner.pid} has one running, kubeconfig ${found.kubeconfig}`, fix);
    }
    if (left.length > 0) {
      const names = left.map(({ name, pid }) => `${name} (${pid})`).join(', ');
      throw refusal(`an earlier run was ended by force and left ${names} running`, stopCommand);
    }
    const owner = processOf('cluster', process.pid);
    if (owner === undefined) throw new Problem('TOOL-MISSING', 'Cannot read /proc', { fix: 'run on Linux' });
    this.#write({ owner, parts: [], kubeconfig }, (written) => {
      if (found !== undefined) this.#dropIf(found);
      // Fails where another run was faster.
      linkSync(written, this.#file);
    });
  }

  /** Writes down what belongs to the cluster by now. */
  note(parts: readonly ProcessId[]): void {
    const found = this.holder();
    if (found !== undefined) this.#write({ ...found, parts }, (written) => renameSync(written, this.#file));
  }

  /** Gives it back, or takes it away from whoever is gone. */
  drop(): void {
    rmSync(this.#file, { force: true });
  }

  /** Takes away the lock of somebody who is gone, unless another run has just done so and has its own there. */
  #dropIf(gone: Holder): void {
    const aside = `${this.#file}.${process.pid}.gone`;
    renameSync(this.#file, aside);
    if (textOf(JSON.parse(readFileSync(aside, 'utf8'))) === textOf(gone)) rmSync(aside);
    else renameSync(aside, this.#file);
  }

  /** Puts a lock in place that is whole from the first moment. */
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
      if (code === 'EEXIST' || code === 'ENOENT') throw refusal('another run starts one at this moment', stopCommand);
      const fix = `let this user write to ${this.#folder}`;
      throw new Problem('TOOL-MISSING', `Cannot write ${this.#file}: ${message}`, { fix, cause });
    }
  }
}

function textOf(holder: Holder): string {
  return JSON.stringify(holder, null, 2);
}

/** The process of this number. @returns undefined when there is none */
export function processOf(name: string, pid: number): ProcessId | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { name, pid, started };
}

/** Whether it is still the process that it was. A zombie is none. */
export function isAlive({ pid, started }: ProcessId): boolean {
  return startOf(pid) === started;
}

function refusal(state: string, fix: string): Problem {
  return new Problem('USAGE', `Cannot start a cluster: ${state}`, { fix });
}

/** Field 22 of /proc/<pid>/stat; field 2 is the name in parentheses, which may hold anything (proc(5)). */
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
