import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Problem } from '../../model/problem';
import { run } from '../../testing/processes/program';

/** The processor core of whichever server is measured. */
export const serverCore = 0;
/** The processor core of the load. */
export const loadCore = 1;

/**
 * Keeps this process where the load is made, so that it takes nothing from the servers.
 * @throws Problem TOOL-MISSING when there is one core only, or no taskset
 */
export async function stayOffTheServersCore(): Promise<void> {
  if (availableParallelism() < 2) {
    throw new Problem('TOOL-MISSING', 'Cannot measure: the server and the load need a processor core each', {
      fix: 'run on a machine with two cores or more',
    });
  }
  await run('taskset', ['-cp', String(loadCore), String(process.pid)]);
}

/**
 * Keeps a core from falling asleep with a process that gives way to every other. Under a hypervisor waking a core costs
 * whoever does it about 10 us, and of a server that is slower than the load generator each answer would wake it: the bare
 * routes, which keep the generator busy, did not pay that (AMD EPYC under KVM, 2026-11).
 * @returns a function that ends it
 * @throws Problem TOOL-MISSING when there is no chrt
 */
export async function keepAwake(core: number): Promise<() => void> {
  await run('chrt', ['--version']);
  // It ends by itself when this process is gone.
  const spin =
    'const p = process.ppid; for (;;) { const t = Date.now() + 500; while (Date.now() < t); if (process.ppid !== p) break; }';
  const spinner = spawn('taskset', ['-c', String(core), 'chrt', '--idle', '0', process.execPath, '-e', spin], {
    stdio: 'ignore',
  });
  return () => spinner.kill('SIGKILL');
}
