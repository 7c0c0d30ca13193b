import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { Problem } from '../../model/problem';

/** How a program ended. */
export interface Ending {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options for running a program. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** @default - the environment of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input. @default - empty */
  readonly input?: string | Buffer;
}

/** Runs a program until it exits, with any exit code. @throws Problem TOOL-MISSING if it cannot be started */
export function endingOf(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<Ending> {
  const { input, env = process.env, cwd } = options;
  return new Promise((resolve, reject) => {
    const settings = { env, maxBuffer: 1 << 28, ...(cwd === undefined ? {} : { cwd }) };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (child.pid === undefined) reject(toolMissing(program, error));
      else resolve({ code: child.exitCode, stdout, stderr });
    });
    // It may exit without reading its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * Runs a program that must succeed. Resolves with its standard output.
 * @throws Problem TOOL-MISSING if it cannot be started, Error with the end of its output if it fails
 */
export async function run(program: string, args: readonly string[], options?: ProgramOptions): Promise<string> {
  const ending = await endingOf(program, args, options);
  if (ending.code === 0) return ending.stdout;
  throw new Error(`${basename(program)} ${args[0]} ended with ${ending.code}\n${outputTail(ending)}`);
}

/** Runs one step of an installation. @throws Problem TOOL-MISSING with the fix if it fails */
export async function install(
  { what, fix }: { readonly what: string; readonly fix: string },
  program: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<void> {
  const ending = await endingOf(program, args, options);
  if (ending.code !== 0) throw new Problem('TOOL-MISSING', `Cannot install ${what}\n${outputTail(ending)}`, { fix });
}

/** The last lines of a program's output, for a message. */
export function outputTail({ stdout, stderr }: Omit<Ending, 'code'>, lines = 20): string {
  return `${stdout}\n${stderr}`.trim().split('\n').slice(-lines).join('\n');
}

/** The problem of a program that cannot be started. */
export function toolMissing(program: string, cause: unknown): Problem {
  const name = basename(program);
  // Not `instanceof Error`: under Jest, Node's errors come from another realm.
  const reason = String(cause).replace(/^Error: /, '');
  return new Problem('TOOL-MISSING', `Cannot run "${name}": ${reason}`, {
    fix: fixes[name] ?? `install ${name}`,
    cause,
  });
}

/** How to install the programs that interop and bench need in addition to Node; packages are those of Debian 12. */
const fixes: Readonly<Record<string, string>> = {
  buildah: 'apt-get install buildah',
  chromium: 'apt-get install chromium',
  chrt: 'run on Linux with util-linux',
  go: 'install Go 1.26 or later from go.dev',
  kubectl: 'install kubectl, see kubernetes.io/docs/tasks/tools',
  nginx: 'apt-get install nginx-light',
  prometheus: 'apt-get install prometheus',
  promtool: 'apt-get install prometheus',
  python3: 'install Python 3.10 or later as python3; on Debian: apt-get install python3-venv',
  taskset: 'run on Linux with util-linux',
  terraform: 'install Terraform, see developer.hashicorp.com/terraform/install',
  unshare: 'run on Linux with util-linux',
  wrk: 'apt-get install wrk',
};
