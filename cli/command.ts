import { relative } from 'node:path';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import pc from 'picocolors';
import { nearest } from '../model/nearest';
import { Problem, Problems } from '../model/problem';
import { machineFix, systemCode } from '../model/system-error';
import { root } from './root';

/** Flags as `node:util` parseArgs takes them. */
export type Options = NonNullable<ParseArgsConfig['options']>;

/** The values of such flags as they were given, with those of every command. */
export type Flags<O extends Options> = ReturnType<typeof parseArgs<{ options: O & typeof common }>>['values'];

/** One verb of the command line. */
export interface Command<O extends Options> {
  /** How to call it, one form a line, as npm users type it. */
  readonly usage: string;
  /** The flags, as `node:util` parseArgs takes them. `--json` and `--help` are added to every command. */
  readonly options: O;
  /** Does the work. Resolves with the exit code; throws Problem or Problems for what the caller can put right. */
  run(flags: Flags<O>, names: readonly string[]): Promise<number> | number;
}

const common = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const satisfies Options;

/**
 * Runs a command at the edge of the process: arguments in, exit code out, problems on standard error.
 * Exit codes: what `run` resolves with, or 1 for any problem.
 */
export async function runCommand<O extends Options>(command: Command<O>): Promise<void> {
  const asksForJson = process.argv.includes('--json');
  const report = (error: unknown) => {
    process.exitCode = 1;
    const problems = problemsOf(error);
    if (asksForJson) process.stdout.write(`${JSON.stringify({ problems }, null, 2)}\n`);
    else process.stderr.write(`${describeProblems(problems)}\n`);
  };
  watchOutput();
  // What nobody waits for, such as the build of a file that was saved: told like everything else, without a stack.
  process.once('uncaughtException', (error) => {
    // A worker in this process has a better answer.
    if (process.listenerCount('uncaughtException') > 0) return;
    report(error);
    process.exit(1);
  });
  try {
    // Lets the calling file finish first: it leads with this call, and what it leans on stands below.
    await undefined;
    standWhereTheCallerStands();
    const { values, positionals } = parseFlags(command);
    if ('help' in values && values.help) {
      process.stdout.write(`${command.usage}\n`);
      return;
    }
    process.exitCode = await command.run(values, positionals);
  } catch (error) {
    report(error);
  }
}

/** Output that cannot be written has nobody to be told to, except on the other stream; a reader that has gone wants no more. */
function watchOutput(): void {
  process.stdout.on('error', (error) => {
    if (process.stdout.listenerCount('error') > 1) return;
    if (systemCode(error) !== 'EPIPE') process.stderr.write(`${describeProblems(problemsOf(error))}\n`);
    process.exit(process.exitCode || 1);
  });
  process.stderr.on('error', () => process.exit(process.exitCode || 1));
}

/** npm runs scripts in the repository's folder; relative paths on the command line mean the folder of whoever calls. */
function standWhereTheCallerStands(): void {
  const { INIT_CWD: callersFolder, npm_lifecycle_script: script } = process.env;
  const isThisScript = script?.includes(relative(root, process.argv[1] ?? ''));
  if (callersFolder !== undefined && isThisScript) process.chdir(callersFolder);
}

/** The problems as text for a person: one paragraph each, errors first, ending in a count. */
export function describeProblems(problems: readonly Problem[]): string {
  const ordered = [...problems].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
  const paragraphs = ordered.map(({ code, level, file, path, message, fix }) => {
    const mark = level === 'error' ? pc.red(`✗ ${code}`) : pc.yellow(`! ${code}`);
    const where = [file, path].filter(Boolean).join(' › ');
    const lines = [`${mark}  ${message}`, where && `    in   ${where}`, `    fix  ${fix}`].filter(Boolean);
    return lines.map((line) => line.replaceAll('\n', '\n         ')).join('\n');
  });
  const errors = problems.filter(({ level }) => level === 'error').length;
  const warnings = problems.length - errors;
  const counts = [plural(errors, 'error'), plural(warnings, 'warning')].filter(Boolean).join(', ');
  return `${paragraphs.join('\n')}\n${counts}`;
}

function plural(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;
}

/**
 * Reads a command line.
 * @param args the words after the command. @default - those of this process
 * @throws Problem USAGE for a flag that the command does not have
 */
export function parseFlags<O extends Options>(
  { options, usage }: Pick<Command<O>, 'options' | 'usage'>,
  args?: string[],
) {
  try {
    const config = { options: { ...options, ...common }, allowPositionals: true, strict: true } as const;
    return parseArgs(args === undefined ? config : { ...config, args });
  } catch (error) {
    // parseArgs throws TypeErrors whose text names the flag and nothing of its value; advice follows the first sentence.
    const [reason = ''] = messageOf(error).split(/\. |\n/);
    const flags = Object.keys({ ...options, ...common }).map((name) => `--${name}`);
    const unknown = systemCode(error) === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? /'(-.*?)'/.exec(reason)?.[1] : undefined;
    const meant = unknown === undefined ? undefined : nearest(unknown, flags);
    const fix = meant === undefined ? firstForm(usage) : `write ${meant}; --help shows every form`;
    throw new Problem('USAGE', `Cannot read the command line: ${reason}`, { fix, cause: error });
  }
}

/** The first form of a usage without what is said of it, and where the others are: all of them would hide the message. */
export function firstForm(usage: string): string {
  const form = usage.split('\n').find((line) => /^npm /.test(line)) ?? '';
  return `${form.replace(/ {2,}.*/, '')}; --help shows every form`;
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof Problems) return error.list;
  if (error instanceof Problem) return [error];
  if (process.env.DEBUG) console.error(error);
  const reason = messageOf(error);
  const machine = machineFix(error);
  if (machine !== undefined) {
    return [new Problem('MACHINE', `Cannot go on: the machine refuses (${reason})`, { fix: machine, cause: error })];
  }
  return [
    new Problem('DEFECT', `Cannot go on: ${reason}`, {
      fix: 'this is a defect of the repository; run again with DEBUG=1 for the stack and report it',
      cause: error,
    }),
  ];
}

/** Not `instanceof Error`: under Jest, errors of Node come from another realm. */
function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
