import { spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { shellWord } from '../../cli/shell-word';
import { Problem } from '../../model/problem';
import { machineFix } from '../../model/system-error';
import { settings } from './settings';

export interface GitOptions {
  /** Text for its standard input. @default - none */
  readonly input?: string;
  /** The index file to work on. @default - the repository's own */
  readonly index?: string | undefined;
  /** Whether it may take locks: reading commands then refresh the index on the side. @default - false */
  readonly mayLock?: boolean;
  /** Configuration for this call alone, handed on where no other user of the machine can read it. @default - none */
  readonly config?: Readonly<Record<string, string>>;
  /** Exit codes that are answers, not failures. @default - 0 alone */
  readonly answers?: readonly number[];
  /** What it inherits. @default - the environment of this process */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs the real git in a folder and returns what it printed. Everything of this product that asks git asks here.
 *
 * Nothing around this process can point it elsewhere or change an answer: variables that name a repository, an index or
 * a command are not handed on, and what the configuration of the user, the machine or the repository could change in an
 * answer is settled (`settings`). It speaks English, asks for nothing, runs no hook and no file-system monitor; nobody but
 * propose tells it to push or fetch. What says who commits and how files are checked out (name, signing, filters, line
 * ends, safe.directory) counts as it always does.
 * @throws Problem TARGET-GIT with git's own words, or TOOL-MISSING
 */
export function git(folder: string, args: readonly string[], options: GitOptions = {}): string {
  const { input = '', index, mayLock = false, config = {}, answers = [0], environment = process.env } = options;
  const env = {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => !/^GIT_/.test(name) || handedOn.test(name))),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: mayLock ? '1' : '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    ...configVariables(config),
  };
  const spawned = { cwd: folder, env, input, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
  const { status, stdout, stderr, error } = spawnSync('git', [...settled, ...args], spawned);
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    const fix = `install git, and see that ${folder} is a folder`;
    throw new Problem('TOOL-MISSING', 'Cannot look at the checkout: git does not start', { fix, cause: error });
  }
  if (status !== null && answers.includes(status)) return stdout;
  const said = stderr?.split('\n').find((line) => /^(fatal|error):/.test(line));
  const what = `git ${args[0]} ${said === undefined ? 'failed without an error message' : `says "${said}"`}`;
  const fix = fixFor(`${stderr}`, folder) ?? machineFix(error ?? stderr) ?? usualFix;
  throw new Problem('TARGET-GIT', `Cannot work in ${folder}: ${what}`, { fix, cause: error ?? stderr });
}

/** What git says (2.39) where there is a better answer than to do as it says. */
function fixFor(stderr: string, folder: string): string | undefined {
  const there = shellWord(folder);
  if (stderr.includes('dubious ownership')) {
    return `it belongs to another user; if you trust what is in it: git config --global --add safe.directory ${there}`;
  }
  if (stderr.includes('not a git repository')) return 'name a checkout, such as git clone makes one';
  if (/\.lock': File exists/.test(stderr)) {
    return 'let the other git command end; when none runs, remove the lock that is named';
  }
  if (/auto-detect email|empty ident|no (name|email) was given/.test(stderr)) {
    return `say who commits: git -C ${there} config user.name <name>; git -C ${there} config user.email <address>`;
  }
  return undefined;
}

const usualFix = 'put the repository in order as git says, then run this again';

/** As git reads them since 2.31. */
function configVariables(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const pairs = Object.entries(config).flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: `${Object.keys(config).length}`, ...Object.fromEntries(pairs) };
}

/** The parts of an answer that was asked for with -z. */
export function zeroSeparated(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}

/**
 * The texts of blobs, in their order, out of one process: a thousand would take seconds.
 * @throws Problem TARGET-GIT for a blob that is not there
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

const settled = Object.entries({
  ...settings,
  'core.hooksPath': devNull,
  // What one person ignores everywhere says nothing about a repository that others work in as well.
  'core.excludesFile': devNull,
  'diff.orderFile': devNull,
}).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Who commits, and where the user's configuration lies; every other variable could lead git to another repository. */
const handedOn = /^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)$|^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$/;
