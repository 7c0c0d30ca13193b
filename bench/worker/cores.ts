import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Problem } from '../../model/problem';
import { run } from '../../testing/processes/program';

/** The processor core of the measured server. */
export const serverCore = 0;
/** The processor core of the load. */
export const loadCore = 1;

/**
 * Pins this process to the core of the load generator, so that it takes no CPU time from the servers.
 * @throws Problem TOOL-MISSING when there is only one core, or no taskset
 */
export async function pinToLoadCore(): Promise<void> {
  if (availableParallelism() < 2) {
    throw new Problem('TOOL-MISSING', 'Cannot measure: the server and the load generator each need a processor core', {
      fix: 'run on a machine with at least two cores',
    });
  }
  await run('taskset', ['-cp', String(loadCore), String(process.pid)]);
}

/**
 * Keeps a core from idling with a spinning process of the lowest priority. Under a hypervisor, waking a core costs the waker
 * about 10 us. Otherwise every response of a slow server would pay for waking the load generator, while the bare routes,
 * which keep it busy, would not (AMD EPYC under KVM, 2026-11).
 * @returns a function that stops it
 * @throws Problem TOOL-MISSING when there is no chrt
 */
export async function keepAwake(core: number): Promise<() => void> {
  await run('chrt', ['--version']);
  // It exits when this process has exited.
  const spin =
    'const p = process.ppid; for (;;) { const t = Date.now() + 500; while (Date.now() < t); if (process.ppid !== p) break; }';
  const spinner = spawn('taskset', ['-c', String(core), 'chrt', '--idle', '0', process.execPath, '-e', spin], {
    stdio: 'ignore',
  });
  return () => spinner.kill('SIGKILL');
}
