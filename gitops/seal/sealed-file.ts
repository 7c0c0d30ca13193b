import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../model/problem';
import { readSealed, type Sealed, type SealedOwner, type SealedReading, sealedText } from '../../model/sealed';
import { systemCode, systemReason } from '../../model/system-error';
import { removingOnError, writeNewFile } from './new-file';

/** The sealed values of a server as they were read. */
export interface SealedFile extends SealedReading {
  /** The text they were read from, or what lies there instead of a file. Undefined when nothing does. */
  readonly text: string | undefined;
}

/**
 * Reads the sealed values of a server; none when there is no file yet. Something else than a file there is a problem.
 * @param root the repository's folder
 */
export function readSealedFile(root: string, owner: SealedOwner): SealedFile {
  const { sealedFile: file } = owner;
  const path = join(root, file);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return { text: undefined, sealed: new Map(), problems: [] };
  if (!entry.isFile()) {
    const found = entry.isSymbolicLink() ? 'a symbolic link' : entry.isDirectory() ? 'a folder' : 'not a file';
    const fix = 'remove it; the sealed values are one ordinary file';
    const message = `Cannot read the sealed values of "${owner.name}": it is ${found}`;
    return { text: found, sealed: new Map(), problems: [new Problem('SEAL-FORM', message, { file, fix })] };
  }
  const text = readFileSync(path, 'utf8');
  return { text, ...readSealed(text, file, owner) };
}

/**
 * Replaces the sealed values of a server in one step: whoever reads the file finds the old text or the new one, whole. The
 * new text is written to `<file>.new` first, which only one command can create, so that none undoes what another has done;
 * git goes about its index in the same way.
 * @param before the file that the change was decided on
 * @throws Problem SEAL-WRITE, with the file untouched: it has changed since, another command is at it, or the disk refuses
 */
export function writeSealedFile(root: string, owner: SealedOwner, before: SealedFile, after: Sealed): void {
  const path = join(root, owner.sealedFile);
  const next = `${path}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeNewFile(next, sealedText(after));
    removingOnError(next, () => {
      if (readSealedFile(root, owner).text !== before.text) {
        throw refused(owner, 'another command has changed them meanwhile', 'run it again; nothing was written');
      }
      renameSync(next, path);
    });
  } catch (error) {
    if (error instanceof Problem || systemCode(error) === undefined) throw error;
    if (systemCode(error) === 'EEXIST' && existsSync(next)) {
      const fix = `run it again; if no other command is running, delete ${owner.sealedFile}.new first`;
      throw refused(owner, 'another command is writing them, or was stopped while it did', fix, error);
    }
    throw refused(owner, systemReason(error), 'fix that and run it again; the file is as it was', error);
  }
}

function refused({ name, sealedFile: file }: SealedOwner, reason: string, fix: string, cause?: unknown): Problem {
  return new Problem('SEAL-WRITE', `Cannot write the sealed values of "${name}": ${reason}`, { file, fix, cause });
}
