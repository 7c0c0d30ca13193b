import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../model/problem';
import { readSealed, type Sealed, type SealedOwner, type SealedReading, sealedText } from '../../model/sealed';
import { systemCode, systemReason } from './system-error';

/** The sealed values of a server as they were read. */
export interface SealedFile extends SealedReading {
  /** The text they were read from. Undefined when there is no file yet. */
  readonly text: string | undefined;
}

/**
 * Reads the sealed values of a server; none when there is no file yet.
 * @param root the repository's folder
 * @throws Problem SEAL-FORM when something else than a file lies there
 */
export function readSealedFile(root: string, { name, sealedFile: file }: SealedOwner): SealedFile {
  const path = join(root, file);
  const entry = fs.lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return { text: undefined, sealed: new Map(), problems: [] };
  if (!entry.isFile()) {
    const found = entry.isSymbolicLink() ? 'a symbolic link' : entry.isDirectory() ? 'a folder' : 'not a file';
    const fix = 'remove it; the sealed values are one ordinary file';
    throw new Problem('SEAL-FORM', `Cannot read the sealed values of "${name}": it is ${found}`, { file, fix });
  }
  const text = fs.readFileSync(path, 'utf8');
  return { text, ...readSealed(text, file, name) };
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
    fs.mkdirSync(dirname(path), { recursive: true });
    const descriptor = fs.openSync(next, 'wx');
    try {
      if (readSealedFile(root, owner).text !== before.text) throw changedMeanwhile(owner);
      fs.writeFileSync(descriptor, sealedText(after));
      fs.fsyncSync(descriptor);
      fs.renameSync(next, path);
    } catch (error) {
      fs.rmSync(next, { force: true });
      throw error;
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    throw systemCode(error) === undefined || error instanceof Problem ? error : refused(owner, next, error);
  }
}

function changedMeanwhile({ name, sealedFile: file }: SealedOwner): Problem {
  const message = `Cannot write the sealed values of "${name}": another command has changed them meanwhile`;
  return new Problem('SEAL-WRITE', message, { file, fix: 'run it again; nothing was written' });
}

function refused({ name, sealedFile: file }: SealedOwner, next: string, cause: unknown): Problem {
  const isTaken = systemCode(cause) === 'EEXIST' && fs.existsSync(next);
  const reason = isTaken ? 'another command is writing them, or was stopped while it did' : systemReason(cause);
  const fix = isTaken
    ? `run it again; if no other command is running, delete ${file}.new first`
    : 'fix that and run it again; the file is as it was';
  return new Problem('SEAL-WRITE', `Cannot write the sealed values of "${name}": ${reason}`, { file, fix, cause });
}
