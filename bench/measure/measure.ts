import { spawnSync } from 'node:child_process';
import { toolMissing } from '../../testing/processes/program';

/** What one run of a contender cost. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the process that did the work; more than the wall time when several cores were busy. */
  readonly cpuMs: number;
  /** Of a server under load: the time to an answer in the middle, and of the slowest hundredth. @default - none taken */
  readonly latencyMs?: readonly [p50: number, p99: number];
}

/** One of several ways to do the same work. */
export interface Contender {
  readonly name: string;
  /** How many units of work one run does, for figures per unit. @default - 1 */
  readonly units?: number;
  run(): Cost | Promise<Cost>;
}

/** The medians over all rounds, per unit of work. */
export interface Figure extends Cost {
  readonly name: string;
  /** The smallest and the largest wall time of a unit: how quiet the machine was. */
  readonly wallRangeMs: readonly [number, number];
}

/**
 * Measures contenders in turns, so that what else the machine does meets all of them alike; each round begins with
 * another one. A first round warms up and is not counted.
 * @param rounds how many rounds count; odd, so that the median is one of them
 */
export async function measure(contenders: readonly Contender[], rounds: number): Promise<Figure[]> {
  const costs = contenders.map((): Cost[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const at = (round + turn) % contenders.length;
      progress(`round ${round} of ${rounds}: ${contenders[at]?.name}`);
      const cost = await contenders[at]?.run();
      if (round > 0 && cost !== undefined) costs[at]?.push(cost);
    }
  }
  progress('');
  return contenders.map(({ name, units = 1 }, at) => figureOf(name, units, costs[at] ?? []));
}

/** One line about what takes its time, written over the line before on a terminal; nothing elsewhere. Empty at the end. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`);
}

/** Work inside of this process: as many units as one run does. */
export function inProcess(name: string, units: number, work: () => void | Promise<void>): Contender {
  return {
    name,
    units,
    run: async () => {
      const startedAt = performance.now();
      const cpuBefore = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(cpuBefore);
      return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
    },
  };
}

/** What a process is given beside its arguments. */
export interface Surroundings {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * A whole process, from its start to its end, its children included. The times are those that bash's `time` reads from
 * the system, to the millisecond.
 * @throws Problem TOOL-MISSING without bash; an Error when the process fails, for a failure is no result
 */
export function wholeProcess(
  name: string,
  command: readonly string[],
  { cwd, input = '', env = process.env }: Surroundings = {},
): Contender {
  const script = 'TIMEFORMAT="times %3R %3U %3S"; time "$@" >/dev/null';
  return {
    name,
    run: () => {
      const { status, stderr, error } = spawnSync('bash', ['-c', script, 'bash', ...command], {
        cwd,
        input,
        env,
        encoding: 'utf8',
      });
      if (error !== undefined) throw toolMissing('bash', error);
      const [, real, user, system] = stderr.match(/^times ([\d.]+) ([\d.]+) ([\d.]+)$/m) ?? [];
      if (status !== 0 || real === undefined) throw new Error(`${name} ended with ${status}: ${stderr.trim()}`);
      return { wallMs: Number(real) * 1000, cpuMs: (Number(user) + Number(system)) * 1000 };
    },
  };
}

/** The figure of this name. @throws Error when there is none: a misspelt name is a defect */
export function figureNamed(figures: readonly Figure[], name: string): Figure {
  const figure = figures.find((each) => each.name === name);
  if (figure === undefined) throw new Error(`no figure is named "${name}"`);
  return figure;
}

function figureOf(name: string, units: number, costs: readonly Cost[]): Figure {
  const walls = costs.map(({ wallMs }) => wallMs / units);
  const latencies = costs.flatMap(({ latencyMs }) => (latencyMs === undefined ? [] : [latencyMs]));
  return {
    name,
    wallMs: median(walls),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs / units)),
    wallRangeMs: [Math.min(...walls), Math.max(...walls)],
    ...(latencies.length > 0 && {
      latencyMs: [median(latencies.map(([p50]) => p50)), median(latencies.map(([, p99]) => p99))] as const,
    }),
  };
}

/** The middle value; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
