import fs, { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem, Problems } from '../../model/problem';
import { readSealed, type Sealed, type SealedOwner, type SealedReading, sealedText } from '../../model/sealed';
import { withLock } from './lock';
import { type FileCalls, removeLeftovers, replaceFile } from './replace-file';
import { writeFailure } from './system-error';

/**
 * The sealed values of a server as they lie on the disk; none when there is no file yet.
 * @param root the repository's folder
 * @throws Problem SEAL-FORM when the file cannot be read at all
 */
export function readSealedFile(root: string, server: SealedOwner): SealedReading {
  const file = server.sealedFile;
  const path = join(root, file);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return { sealed: new Map(), problems: [] };
  if (!entry.isFile()) {
    const found = entry.isSymbolicLink() ? 'a symbolic link' : entry.isDirectory() ? 'a folder' : 'not a file';
    throw new Problem('SEAL-FORM', `Cannot read the sealed values of "${server.name}": it is ${found}`, {
      file,
      fix: 'remove it; the sealed values are one ordinary file in the folder of the server',
    });
  }
  return readSealed(readFileSync(path, 'utf8'), file, server.name);
}

/**
 * Changes the sealed values of a server: the whole file in one step, one command at a time, so that of two commands
 * neither undoes the other. Entries that are not changed keep their ciphertext.
 * @param changing the keys that `change` will replace or drop; a broken entry among them is no obstacle, any other is
 * @param change given the values of this moment; gives the values to write, or the same object to write nothing
 * @throws Problem SEAL-WRITE when the disk refuses, SEAL-BUSY, or Problems when other entries are broken
 */
export async function changeSealedFile(
  root: string,
  server: SealedOwner,
  changing: readonly string[],
  change: (sealed: Sealed) => Sealed,
  calls: FileCalls = fs,
): Promise<void> {
  const file = server.sealedFile;
  const path = join(root, file);
  try {
    const folder = dirname(path);
    // The folder of the server is there, or the server is not; the one for its sealed values comes with the first.
    if (!existsSync(folder)) mkdirSync(folder);
    await withLock(`${path}.lock`, `${file}.lock`, () => {
      removeLeftovers(path, calls);
      const { sealed, problems } = readSealedFile(root, server);
      const obstacles = problems.filter((problem) => problem.path === undefined || !changing.includes(problem.path));
      if (obstacles.length > 0) throw new Problems(obstacles);
      const changed = change(sealed);
      if (changed !== sealed) replaceFile(path, Buffer.from(sealedText(changed)), calls);
    });
  } catch (error) {
    throw writeFailure(error, `the sealed values of "${server.name}"`, file);
  }
}
