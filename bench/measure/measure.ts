import { spawnSync } from 'node:child_process';
import { toolMissing } from '../../testing/processes/program';

/** The cost of one run of a contender. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time of the working process. Can exceed the wall time on several cores. */
  readonly cpuMs: number;
  /** The median and the 99th percentile of the response time of a server under load. @default - not measured */
  readonly latencyMs?: readonly [p50: number, p99: number];
}

/** One of several ways to do the same work. */
export interface Contender {
  readonly name: string;
  /** The units of work in one run, for figures per unit. @default - 1 */
  readonly units?: number;
  run(): Cost | Promise<Cost>;
}

/** The medians over all rounds, per unit of work. */
export interface Figure extends Cost {
  readonly name: string;
  /** The minimum and the maximum wall time per unit. Shows how noisy the machine was. */
  readonly wallRangeMs: readonly [number, number];
}

/**
 * Measures contenders in turn, so that other load on the machine affects all of them equally. Each round starts with a
 * different contender. The first round is a warm-up and is ignored.
 * @param rounds the number of measured rounds; use an odd number, so that the median is one of them
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

/** Shows a progress line on a terminal, replacing the previous one. An empty line clears it. A no-op without a terminal. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\x1b[K`);
}

/** A contender that runs in this process. @param units the units of work in one run */
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

/** The options of a process. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * A contender that runs a whole process with its children, from start to exit. Uses bash's `time`, which has a resolution of
 * one millisecond.
 * @throws Problem TOOL-MISSING without bash; Error when the process fails
 */
export function wholeProcess(
  name: string,
  command: readonly string[],
  { cwd, input = '', env = process.env }: ProcessOptions = {},
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

/** The figure with this name. @throws Error when it is missing, because a typo is a defect */
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

/** The median. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
