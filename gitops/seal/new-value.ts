import { rmSync } from 'node:fs';
import { Problem } from '../../model/problem';
import { checkPlaintextPath, writePlaintext } from './plaintext-out';
import type { SealWorld } from './seal-world';
import type { Secret } from './secret';

/** The place where a person will find a value that was made here; decided before anything is written. */
export interface Outlet {
  /** The new file; undefined when the value is shown on the terminal. */
  readonly path: string | undefined;
  /** In words, for the steps that follow. */
  readonly words: string;
}

/**
 * Decides where a new value goes: to the named file, or to the terminal when a person reads it.
 * @throws Problem SECRET-OUTPUT when neither will do
 */
export function outletFor(plaintextOut: string | undefined, { isTerminal, isJson }: SealWorld): Outlet {
  if (plaintextOut !== undefined) {
    const path = checkPlaintextPath(plaintextOut);
    return { path, words: `in ${plaintextOut}; delete it afterwards` };
  }
  if (isTerminal && !isJson) return { path: undefined, words: 'shown above, this once' };
  throw new Problem(
    'SECRET-OUTPUT',
    'Cannot show a new value here: standard output is not a terminal, and logs keep it',
    {
      fix: 'name a new file that git ignores: --plaintext-out <name>.plaintext',
    },
  );
}

/** Does the work that seals a new value, so that the value is never sealed and lost, nor left in a file and not sealed. */
export async function handOut(
  secret: Secret,
  { path }: Outlet,
  world: SealWorld,
  work: () => Promise<void>,
): Promise<void> {
  if (path === undefined) {
    await work();
    world.show(secret);
    return;
  }
  writePlaintext(path, secret);
  try {
    await work();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
