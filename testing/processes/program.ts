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

/** What a program is given beside its arguments. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** @default - the environment of this process */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads from its standard input. @default - nothing */
  readonly input?: string | Buffer;
}

/** Runs a program to its end, whatever that is. @throws Problem TOOL-MISSING when it cannot be started */
export function endingOf(program: string, args: readonly string[], options: ProgramOptions = {}): Promise<Ending> {
  const { input, env = process.env, cwd } = options;
  return new Promise((resolve, reject) => {
    const settings = { env, maxBuffer: 1 << 28, ...(cwd === undefined ? {} : { cwd }) };
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      if (child.pid === undefined) reject(toolMissing(program, error));
      else resolve({ code: child.exitCode, stdout, stderr });
    });
    // It may end without reading its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/**
 * Runs a program that has to succeed. Resolves with what it printed.
 * @throws Problem TOOL-MISSING when it cannot be started, Error with the end of what it said when it fails
 */
export async function run(program: string, args: readonly string[], options?: ProgramOptions): Promise<string> {
  const ending = await endingOf(program, args, options);
  if (ending.code === 0) return ending.stdout;
  throw new Error(`${basename(program)} ${args[0]} ended with ${ending.code}\n${outputTail(ending)}`);
}

/** Runs one step of an installation. @throws Problem TOOL-MISSING with the fix when it fails */
export async function install(
  { what, fix }: { readonly what: string; readonly fix: string },
  program: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<void> {
  const ending = await endingOf(program, args, options);
  if (ending.code !== 0) throw new Problem('TOOL-MISSING', `Cannot install ${what}\n${outputTail(ending)}`, { fix });
}

/** The last lines of what a program said, for a message. */
export function outputTail({ stdout, stderr }: Omit<Ending, 'code'>, lines = 20): string {
  return `${stdout}\n${stderr}`.trim().split('\n').slice(-lines).join('\n');
}

/** What to throw for a program that cannot be started. */
export function toolMissing(program: string, cause: unknown): Problem {
  const name = basename(program);
  // Under Jest an error of Node is no instance of the tests' own Error.
  const reason = String(cause).replace(/^Error: /, '');
  return new Problem('TOOL-MISSING', `Cannot run "${name}": ${reason}`, {
    fix: fixes[name] ?? `install ${name}`,
    cause,
  });
}

/** Where the programs come from that interop and bench need beside Node; the packages are those of Debian 12. */
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
