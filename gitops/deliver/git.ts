import { spawn, spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { Problem } from '../../model/problem';

export interface GitOptions {
  /** Bytes for its standard input. @default - none */
  readonly input?: string;
  /** The index file to work on. @default - the repository's own */
  readonly index?: string;
  /** Whether it may take locks: reading commands then refresh the index on the side. @default - false */
  readonly mayLock?: boolean;
  /** Exit codes that are answers, not failures. @default - 0 alone */
  readonly answers?: readonly number[];
}

/**
 * Runs the real git in a folder and returns what it printed.
 *
 * Nothing around this process can point it elsewhere: variables that name a repository, an index or a command are not
 * handed on. It asks for nothing, runs no hook and no file-system monitor, and is never
 * told to push or fetch. The user's own configuration (name, signing, filters, safe.directory) counts as it always does.
 * @throws Problem TARGET-GIT with git's own words, or TOOL-MISSING
 */
export function git(folder: string, args: readonly string[], options: GitOptions = {}): string {
  const { input = '' } = options;
  const { command, settings } = call(folder, args, options);
  const { status, stdout, stderr, error } = spawnSync('git', command, {
    ...settings,
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  return answerOf({ folder, args, options, status, stdout, stderr, error });
}

/** The same, beside other work: for the questions that make git read the whole tree. */
export function gitBeside(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const { command, settings } = call(folder, args, options);
  const answer = new Promise<string>((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const end = (status: number | null, error?: Error) => {
      const [stdout, stderr] = [Buffer.concat(out).toString(), Buffer.concat(err).toString()];
      try {
        resolve(answerOf({ folder, args, options, status, stdout, stderr, error }));
      } catch (problem) {
        reject(problem);
      }
    };
    const running = spawn('git', command, { ...settings, stdio: ['ignore', 'pipe', 'pipe'] });
    running.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    running.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    running.on('error', (error) => end(null, error));
    running.on('close', (status) => end(status));
  });
  // Who asked may have found a reason to stop before the answer is there.
  answer.catch(() => {});
  return answer;
}

/** The parts of an answer that was asked for with -z. */
export function zeroSeparated(text: string): string[] {
  return text.split('\0').filter((part) => part !== '');
}

function call(folder: string, args: readonly string[], { index, mayLock = false }: GitOptions) {
  const environment = {
    ...withoutGit(process.env),
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: mayLock ? '1' : '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
  };
  return { command: [...safeguards, ...args], settings: { cwd: folder, env: environment } };
}

interface Ended {
  readonly folder: string;
  readonly args: readonly string[];
  readonly options: GitOptions;
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: Error | undefined;
}

function answerOf({ folder, args, options: { answers = [0] }, status, stdout, stderr, error }: Ended): string {
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    throw new Problem('TOOL-MISSING', 'Cannot look at the checkout: git does not start', {
      fix: `install git, and see that ${folder} is a folder`,
      cause: error,
    });
  }
  if (status !== null && answers.includes(status)) return stdout;
  const [said = 'it ended without a word'] = stderr.split('\n').filter((line) => /^(fatal|error):/.test(line));
  throw new Problem('TARGET-GIT', `Cannot work in ${folder}: git ${args[0]} says "${said}"`, {
    fix: 'put the repository in order as git says, then run this again',
    cause: error ?? stderr,
  });
}

const safeguards = [
  '-c',
  'core.quotePath=false',
  '-c',
  `core.hooksPath=${devNull}`,
  '-c',
  'core.fsmonitor=false',
  '-c',
  'submodule.recurse=false',
];

/** Who commits, and where the user's configuration lies; every other variable could lead git to another repository. */
const handedOn = /^GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)$|^GIT_CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$/;

function withoutGit(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('GIT_') || handedOn.test(name)),
  );
}
