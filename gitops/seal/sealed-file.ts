import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../model/problem';
import { readSealed, type Sealed, type SealedOwner, type SealedReading, sealedText } from '../../model/sealed';
import { systemCode, systemReason } from '../../model/system-error';
import { removingOnError, writeNewFile } from './new-file';

/** A server's sealed values as read from disk. */
export interface SealedFile extends SealedReading {
  /** The text of the file, or what was found instead of a file. @default - there is no file */
  readonly text: string | undefined;
}

/**
 * Reads a server's sealed values; returns none when the file does not exist yet, and a problem when it is not a regular file.
 * @param root the repository's folder
 */
export function readSealedFile(root: string, owner: SealedOwner): SealedFile {
  const { sealedFile: file } = owner;
  const path = join(root, file);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return { text: undefined, sealed: new Map(), problems: [] };
  if (!entry.isFile()) {
    const found = entry.isSymbolicLink() ? 'a symbolic link' : entry.isDirectory() ? 'a folder' : 'not a regular file';
    const fix = 'remove it; sealed values belong in a regular file';
    const message = `Cannot read the sealed values of "${owner.name}": it is ${found}`;
    return { text: found, sealed: new Map(), problems: [new Problem('SEAL-FORM', message, { file, fix })] };
  }
  const text = readFileSync(path, 'utf8');
  return { text, ...readSealed(text, file, owner) };
}

/**
 * Replaces a server's sealed values atomically: readers see either the old file or the new one. Writes `<file>.new` first,
 * which only one command can create, so that concurrent commands never overwrite each other; git locks its index the same way.
 * @param before the file as it was read when the change was decided
 * @throws Problem SEAL-WRITE, with the file unchanged: it has changed since, another command is writing it, or writing failed
 */
export function writeSealedFile(root: string, owner: SealedOwner, before: SealedFile, after: Sealed): void {
  const path = join(root, owner.sealedFile);
  const next = `${path}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeNewFile(next, sealedText(after));
    removingOnError(next, () => {
      if (readSealedFile(root, owner).text !== before.text) {
        throw refused(owner, 'another command changed them in the meantime', 'run it again; nothing was written');
      }
      renameSync(next, path);
    });
  } catch (error) {
    if (error instanceof Problem || systemCode(error) === undefined) throw error;
    if (systemCode(error) === 'EEXIST' && existsSync(next)) {
      const fix = `run it again; if no other command is running, delete ${owner.sealedFile}.new first`;
      throw refused(owner, 'another command is writing them, or was interrupted while writing', fix, error);
    }
    throw refused(owner, systemReason(error), 'fix that and run it again; the file is unchanged', error);
  }
}

function refused({ name, sealedFile: file }: SealedOwner, reason: string, fix: string, cause?: unknown): Problem {
  return new Problem('SEAL-WRITE', `Cannot write the sealed values of "${name}": ${reason}`, { file, fix, cause });
}
