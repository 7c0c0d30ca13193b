import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Problem } from '../../model/problem';
import type { Sealable } from '../../model/sealed';
import { systemReason } from '../../model/system-error';
import { contract } from '../../worker/contract';
import { git } from '../git/git';
import { removingOnError, writeNewFile } from './new-file';
import type { SealWorld } from './seal-world';
import type { Secret } from './secret';

/** Where a generated value is handed out. */
export interface Outlet {
  /** The new file. @default - the value is shown on the terminal */
  readonly path: string | undefined;
}

/**
 * Decides, before anything is sealed, where a generated value goes: to the given file, or to an interactive terminal.
 * @param owner the server and the platform of the value, after which the fix names a new file
 * @throws Problem SECRET-OUTPUT when there is neither
 */
export function outletFor(
  path: string | undefined,
  owner: Sealable,
  { isTerminal, isJson }: Pick<SealWorld, 'isTerminal' | 'isJson'>,
): Outlet {
  if (path !== undefined) return { path: checkPlaintextPath(path) };
  if (isTerminal && !isJson) return { path };
  const message = 'Cannot show a new value here: standard output is not a terminal, and logs would keep the value';
  const fix = `add --plaintext-out ${newName(owner)} (git ignores it)`;
  throw new Problem('SECRET-OUTPUT', message, { fix });
}

/** The name of a file that does not exist yet. An existing one may hold the only copy of another value. */
function newName({ name, platform }: Sealable): string {
  const base = platform.flag === '' ? name : `${name}-${platform.name}`;
  for (let count = 1; ; count += 1) {
    const file = `${base}${count === 1 ? '' : `-${count}`}.plaintext`;
    if (!existsSync(file)) return file;
  }
}

/** Seals a generated value and hands it out, or does neither: no value is sealed and lost, or saved and not sealed. */
export function handOut(secret: Secret, { path }: Outlet, world: SealWorld, seal: () => void): void {
  if (path === undefined) {
    seal();
    world.show(secret);
    return;
  }
  writePlaintext(path, secret);
  removingOnError(path, seal);
}

/** The last step for the file of a generated value. */
export function handOver(key: string, file: string): string {
  const receiver = key === contract.env.secret ? 'the engine' : 'whoever needs it';
  return `give the value in ${file} to ${receiver}, then delete the file`;
}

/**
 * Checks that a path may receive plaintext: it does not exist yet, and git cannot commit it.
 * @returns the real path, with the symbolic links of its folder resolved
 * @throws Problem SECRET-OUTPUT
 */
export function checkPlaintextPath(path: string): string {
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) throw refused(resolve(path), 'its folder does not exist', 'create the folder first');
  const real = join(realpathSync(folder), basename(path));
  if (existsSync(real))
    throw refused(real, 'it exists already', 'name a new file: this one may hold the only copy of another value');
  if (isOutOfGit(real)) return real;
  const fix = 'choose a name that git ignores, such as one ending in .plaintext';
  throw refused(real, 'git does not ignore it, so it could be committed', fix);
}

/** Writes plaintext to a new file that only its owner can read. @throws Problem SECRET-OUTPUT */
export function writePlaintext(path: string, secret: Secret): void {
  try {
    writeNewFile(path, secret.reveal(), 0o600);
  } catch (error) {
    throw refused(path, systemReason(error), 'name another file', error);
  }
}

/** Whether git cannot commit a path: it is outside every work tree, or ignored. @throws Problem TOOL-MISSING */
export function isOutOfGit(path: string): boolean {
  if (!isBelowGit(dirname(path))) return true;
  // Only these two variables: the rest of the environment may hold the secret.
  const { PATH, HOME } = process.env;
  const options = { environment: { PATH, HOME }, exitCodes: [0, 1, 128] };
  try {
    return git(dirname(path), ['check-ignore', '--', path], options) !== '';
  } catch (cause) {
    const fix = 'install git, or name a file outside the repository';
    const message = 'Cannot ask git whether it ignores the file: git cannot be run';
    throw new Problem('TOOL-MISSING', message, { fix, cause });
  }
}

/** Whether a folder is in a work tree. Does not ask git, which reports one that it does not trust as "not a repository". */
export function isBelowGit(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true;
  return dirname(folder) !== folder && isBelowGit(dirname(folder));
}

function refused(path: string, reason: string, fix: string, cause?: unknown): Problem {
  return new Problem('SECRET-OUTPUT', `Cannot write the value to the file ${path}: ${reason}`, { fix, cause });
}
