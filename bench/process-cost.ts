import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a command cost, its child processes included. */
export interface ProcessCost {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  /** The most memory that the Node process which did the work had resident. */
  readonly peakMiB: number;
}

/**
 * Runs a command to its end and says what it cost; bash does the timing, because Node does not know of its children.
 * @throws Error with the end of what the command said when it fails
 */
export function processCost(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): ProcessCost {
  const peakFile = join(tmpdir(), `peak-${process.pid}`);
  rmSync(peakFile, { force: true });
  const { stderr, status } = spawnSync('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@"', 'bash', ...command], {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...env,
      NODE_OPTIONS: `--require=${join(__dirname, '../bench/peak.cjs')}`,
      PEAK_FILE: peakFile,
    },
  });
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}\n${stderr.slice(-2000)}`);
  const [wall = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const peaks = readFileSync(peakFile, 'utf8').trim().split('\n').map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000, peakMiB: Math.max(...peaks) / 1024 };
}

/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [
    ordered[ordered.length % 2 === 0 ? middle - 1 : middle],
    ordered[middle],
  ];
  return (low + high) / 2;
}
