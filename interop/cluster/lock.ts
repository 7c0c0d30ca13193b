import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      // There is none, or its writer was ended in the middle: a cluster has no parts before its lock is whole.
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
    this.#write({ owner, parts: [], kubeconfig }, 'wx');
  }

  /** Writes down what belongs to the cluster by now. */
  note(parts: readonly ProcessId[]): void {
    const found = this.holder();
    if (found !== undefined) this.#write({ ...found, parts }, 'w');
  }

  /** Gives it back, or takes it away from whoever is gone. */
  drop(): void {
    rmSync(this.#file, { force: true });
  }

  #write(holder: Holder, flag: 'w' | 'wx'): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      if (flag === 'wx') this.drop();
      writeFileSync(this.#file, JSON.stringify(holder, null, 2), { flag });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw refusal('another run starts one at this moment', stopCommand);
      const fix = `let this user write to ${this.#folder}`;
      throw new Problem('TOOL-MISSING', `Cannot write ${this.#file}: ${message}`, { fix, cause });
    }
  }
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
