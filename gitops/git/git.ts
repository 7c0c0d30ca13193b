import { spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { shellWord } from '../../cli/shell-word';
import { Problem } from '../../model/problem';
import { machineFix } from '../../model/system-error';
import { settings } from './settings';

/** Options of one git call. */
export interface GitOptions {
  /** Text for standard input. @default - none */
  readonly input?: string;
  /** The index file to use. @default - the repository's own */
  readonly index?: string | undefined;
  /** Whether git may take optional locks, such as to refresh the index. @default - false */
  readonly mayLock?: boolean;
  /** Configuration for this call, passed in the environment, which other users cannot read. @default - none */
  readonly config?: Readonly<Record<string, string>>;
  /** Exit codes that are not failures. @default - 0 */
  readonly exitCodes?: readonly number[];
  /** The environment to inherit. @default - that of this process */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs the real git in a folder and returns its standard output. All git calls of the product go through here.
 *
 * The output does not depend on the environment: variables that select a repository, an index or a command are dropped, and
 * every setting that could change the output is overridden (`settings`). Git writes in English, never prompts, and runs no
 * hooks and no file-system monitor. Identity, signing, filters, line endings and safe.directory apply as configured.
 * @throws Problem TARGET-GIT with git's error message, or TOOL-MISSING
 */
export function git(folder: string, args: readonly string[], options: GitOptions = {}): string {
  const { input = '', index, mayLock = false, config = {}, exitCodes = [0], environment = process.env } = options;
  const env = {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !/^GIT_/.test(name) || inherited.test(name))),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: mayLock ? '1' : '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    ...configVariables(config),
  };
  const spawned = { cwd: folder, env, input, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
  const { status, stdout, stderr, error } = spawnSync('git', [...overrides, ...args], spawned);
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    const fix = `install git, and check that ${folder} is a folder`;
    throw new Problem('TOOL-MISSING', 'Cannot inspect the checkout: git does not start', { fix, cause: error });
  }
  if (status !== null && exitCodes.includes(status)) return stdout;
  const message = stderr?.split('\n').find((line) => /^(fatal|error):/.test(line));
  const what = `git ${args[0]} failed${message === undefined ? ' without an error message' : `: "${message}"`}`;
  const fix = fixFor(`${stderr}`, folder) ?? machineFix(error ?? stderr) ?? usualFix;
  throw new Problem('TARGET-GIT', `Cannot work in ${folder}: ${what}`, { fix, cause: error ?? stderr });
}

/** A better fix for known error messages of git (2.39). */
function fixFor(stderr: string, folder: string): string | undefined {
  const there = shellWord(folder);
  if (stderr.includes('dubious ownership')) {
    return `it belongs to another user; if you trust its contents: git config --global --add safe.directory ${there}`;
  }
  if (stderr.includes('not a git repository')) return 'name a checkout, as made by git clone';
  if (/\.lock': File exists/.test(stderr)) {
    return 'wait for the other git command; if none is running, remove the lock file named above';
  }
  if (/auto-detect email|empty ident|no (name|email) was given/.test(stderr)) {
    return `set the author: git -C ${there} config user.name <name>; git -C ${there} config user.email <address>`;
  }
  return undefined;
}

const usualFix = 'fix the repository as the error message says, then run this again';

/** Configuration as environment variables, which git reads since 2.31. */
function configVariables(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const pairs = Object.entries(config).flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: `${Object.keys(config).length}`, ...Object.fromEntries(pairs) };
}

/** Splits the output of a command with `-z`. */
export function zeroSeparated(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}

/**
 * The texts of blobs, in the given order. Uses one process, because a thousand would take seconds.
 * @throws Problem TARGET-GIT for a missing blob
 */
export function blobTexts(folder: string, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return [];
  let rest = Buffer.from(git(folder, ['cat-file', '--batch'], { input: ids.map((id) => `${id}\n`).join('') }));
  return ids.map(() => {
    // `<id> <type> <bytes>`, then as many bytes, then a newline (git 2.39).
    const start = rest.indexOf('\n') + 1;
    const end = start + Number(rest.subarray(0, start).toString().split(' ')[2]);
    const text = rest.subarray(start, end).toString();
    rest = rest.subarray(end + 1);
    return text;
  });
}

const overrides = Object.entries({
  ...settings,
  'core.hooksPath': devNull,
  // Personal ignore rules do not apply to a shared repository.
  'core.excludesFile': devNull,
  'diff.orderFile': devNull,
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** The variables for identity and configuration files; any other could point git to another repository. */
const inherited = /^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)$|^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$/;
