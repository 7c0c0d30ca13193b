import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a program ended. */
export interface Ending {
  /** The exit code; null when it had to be killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, in an empty folder that is also its home, with nothing of our environment but PATH.
 * @param limitMs after which it is killed
 */
export async function runProgram(program: string, args: readonly string[], limitMs = 120_000): Promise<Ending> {
  const home = mkdtempSync(join(tmpdir(), 'peer-'));
  try {
    return await new Promise<Ending>((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: limitMs,
        killSignal: 'SIGKILL',
      });
      const said = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said.stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said.stderr += text;
      });
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...said }));
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The last lines of what a program said, for a message. */
export function lastWords({ stdout, stderr }: Ending, lines = 12): string {
  return `${stdout}\n${stderr}`.trim().split('\n').slice(-lines).join('\n');
}
