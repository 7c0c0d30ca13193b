import { relative } from 'node:path';
import { Problem, Problems } from '../model/problem';
import { machineFix } from '../model/system-error';
import { errorColours } from './colours';
import { endQuietly, pendingSignals } from './ending';
import { common, type Flags, messageOf, type Options, parseFlags } from './flags';
import { checkNpmKeptNone } from './npm-flags';
import { root } from './root';

export { type Flags, firstForm, type Options, parseFlags } from './flags';

/** One verb of the command line. */
export interface Command<O extends Options> {
  /** How to call it, one form a line, as npm users type it. */
  readonly usage: string;
  /** The flags, as `node:util` parseArgs takes them. `--json` and `--help` are added to every command. */
  readonly options: O;
  /** Does the work. Resolves with the exit code; throws Problem or Problems for what the caller can put right. */
  run(flags: Flags<O>, names: readonly string[]): Promise<number> | number;
}

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
  endQuietly((error) => process.stderr.write(`${describeProblems(problemsOf(error))}\n`));
  // An error that no promise carries, such as that of a build after a file was saved: reported like the others, without a stack.
  process.once('uncaughtException', (error) => {
    // A worker in this process has a better answer.
    if (process.listenerCount('uncaughtException') > 0) return;
    report(error);
    process.exit(1);
  });
  try {
    // Lets the calling file finish first: it starts with this call, and the constants that `run` uses are below it.
    await undefined;
    if (isNpmScript()) checkNpmKeptNone({ ...command.options, ...common }, process.argv.slice(2), process.env);
    workWhereTheCallerIs();
    const { values, positionals } = parseFlags(command);
    if ('help' in values && values.help) {
      process.stdout.write(`${helpOf(command, asksForJson)}\n`);
      return;
    }
    process.exitCode = await command.run(values, positionals);
  } catch (error) {
    await pendingSignals();
    report(error);
  }
}

/** @param isJson for machines: the same, and the flags apart */
function helpOf<O extends Options>({ usage, options }: Command<O>, isJson: boolean): string {
  return isJson ? JSON.stringify({ usage, flags: Object.keys({ ...options, ...common }) }, null, 2) : usage;
}

/** Relative paths on the command line start where the caller is; npm runs scripts in the repository's folder. */
function workWhereTheCallerIs(): void {
  const { INIT_CWD: callersFolder } = process.env;
  if (callersFolder !== undefined && isNpmScript()) process.chdir(callersFolder);
}

/** Whether npm runs this command, and not a script that has started it. */
export function isNpmScript(): boolean {
  return process.env.npm_lifecycle_script?.includes(relative(root, process.argv[1] ?? '')) ?? false;
}

/** The problems as text for a person: one paragraph each, errors first, ending in a count. Equal warnings share a paragraph. */
export function describeProblems(problems: readonly Problem[]): string {
  const ordered = [...problems].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
  const groups = new Map<Problem | string, [Problem, ...Problem[]]>();
  for (const problem of ordered) {
    // Errors are never merged: each has its own fix.
    const key = problem.level === 'error' ? problem : `${problem.code} ${problem.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  }
  const paragraphs = [...groups.values()].map((equal) => {
    const [{ code, level, message, fix }] = equal;
    const mark = level === 'error' ? errorColours.red(`✗ ${code}`) : errorColours.yellow(`! ${code}`);
    const places = equal.map(({ file, path }) => [file, path].filter(Boolean).join(' › ')).filter(Boolean);
    const likewise = equal.every((other) => other.fix === fix) ? '' : ' (and likewise for the others)';
    const lines = [`${mark}  ${message}`, ...places.map((place) => `    in   ${place}`), `    fix  ${fix}${likewise}`];
    return lines.map((line) => line.replaceAll('\n', '\n         ')).join('\n');
  });
  const errors = [...groups.values()].filter(([{ level }]) => level === 'error').length;
  const warnings = groups.size - errors;
  const counts = [plural(errors, 'error'), plural(warnings, 'warning')].filter(Boolean).join(', ');
  return `${paragraphs.join('\n')}\n${counts}`;
}

function plural(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`;
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
