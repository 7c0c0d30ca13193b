import { spawnSync } from 'node:child_process';
import { Problem } from '../../model/problem';

/** Runs a program to its end. @throws Problem TOOL-MISSING when it is not installed, INTEROP-FAILED when it fails */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv; mayFail?: boolean },
): string {
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) {
    throw new Problem('TOOL-MISSING', `Cannot run "${program}": ${error.message}`, {
      fix: `install ${program} and run again`,
    });
  }
  if (status !== 0 && options.mayFail !== true) {
    const said = (stderr || stdout).trim().split('\n').slice(-20).join('\n');
    throw new Problem('INTEROP-FAILED', `Cannot go on: ${program} ${args[0]} ended with ${status}\n${said}`, {
      fix: `run it by hand in ${options.cwd}`,
    });
  }
  return stdout;
}
