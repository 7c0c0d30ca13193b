import { realpathSync } from 'node:fs';
import { Problem } from '../../model/problem';
import { isOutOfGit } from './plaintext-out';
import { readBounded } from './read-plaintext';
import { minCheckKeyBytes } from './same-value';

/** The environment variable that can hold the check key. */
export const checkKeyVariable = 'SEAL_CHECK_KEY';

/**
 * The key of the keyed check, from a file or from the environment; undefined when neither is given. All bytes count.
 * @throws Problem SECRET-INPUT when it cannot be read, is too short, or lies where git would take it
 */
export function readCheckKey(
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Buffer | undefined {
  const value = environment[checkKeyVariable];
  if (path === undefined && (value === undefined || value === '')) return undefined;
  const key = path === undefined ? Buffer.from(value ?? '') : readBounded(path, unreadable);
  if (path !== undefined && !isOutOfGit(realpathSync(path))) {
    throw refused('git would take its file into a commit', 'keep it outside of the repository');
  }
  if (key.length < minCheckKeyBytes) {
    throw refused(`it is shorter than ${minCheckKeyBytes} bytes`, 'make one: openssl rand -hex 32');
  }
  return key;
}

function unreadable(what: string, cause?: unknown): Problem {
  return new Problem('SECRET-INPUT', `Cannot read the check key from ${what}`, {
    fix: `name its file with --check-key-file <path>, or set ${checkKeyVariable}`,
    cause,
  });
}

function refused(reason: string, fix: string): Problem {
  return new Problem('SECRET-INPUT', `Cannot use the check key: ${reason}`, { fix });
}
