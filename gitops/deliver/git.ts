import { spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { Problem } from '../../model/problem';

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
}

/**
 * Runs the real git in a folder and returns what it printed.
 *
 * Nothing around this process can point it elsewhere: variables that name a repository, an index or a command are not
 * handed on. It asks for nothing, runs no hook and no file-system monitor; nobody but propose tells it to push or fetch. The user's
 * own configuration (name, signing, filters, safe.directory) counts as it always does.
 * @throws Problem TARGET-GIT with git's own words, or TOOL-MISSING
 */
export function git(
  folder: string,
  args: readonly string[],
  { input = '', index, mayLock = false, config = {}, answers = [0] }: GitOptions = {},
): string {
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_/.test(name) || handedOn.test(name))),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: mayLock ? '1' : '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    ...configVariables(config),
  };
  const options = { cwd: folder, env, input, encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
  const { status, stdout, stderr, error } = spawnSync('git', [...safeguards, ...args], options);
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    const fix = `install git, and see that ${folder} is a folder`;
    throw new Problem('TOOL-MISSING', 'Cannot look at the checkout: git does not start', { fix, cause: error });
  }
  if (status !== null && answers.includes(status)) return stdout;
  const [said] = stderr.split('\n').filter((line) => /^(fatal|error):/.test(line));
  const what = `git ${args[0]} ${said === undefined ? 'failed without an error message' : `says "${said}"`}`;
  const fix = 'put the repository in order as git says, then run this again';
  throw new Problem('TARGET-GIT', `Cannot work in ${folder}: ${what}`, { fix, cause: error ?? stderr });
}

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

const safeguards = [
  ['core.quotePath', 'false'],
  ['core.hooksPath', devNull],
  ['core.fsmonitor', 'false'],
  ['submodule.recurse', 'false'],
].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Who commits, and where the user's configuration lies; every other variable could lead git to another repository. */
const handedOn = /^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)$|^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$/;
