import fs, { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, Problems } from '../../servers/problem';
import { readSealed, type Sealed, type SealedReading, sealedPath, sealedText } from '../../servers/sealed';
import { withLock } from './lock';
import { type FileCalls, removeLeftovers, replaceFile } from './replace-file';
import { writeFailure } from './system-error';

/**
 * The sealed values of a server as they lie on the disk; none when there is no file yet.
 * @param root the repository's folder
 * @throws Problem SEAL-FORM when the file cannot be read at all
 */
export function readSealedFile(root: string, server: string): SealedReading {
  const file = sealedPath(server);
  const path = join(root, file);
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return { sealed: new Map(), problems: [] };
  if (!entry.isFile()) {
    const found = entry.isSymbolicLink() ? 'a symbolic link' : entry.isDirectory() ? 'a folder' : 'not a file';
    throw new Problem('SEAL-FORM', `Cannot read the sealed values of "${server}": it is ${found}`, {
      file,
      fix: 'remove it; the sealed values are one ordinary file in the folder of the server',
    });
  }
  return readSealed(readFileSync(path, 'utf8'), file, server);
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
  server: string,
  changing: readonly string[],
  change: (sealed: Sealed) => Sealed,
  calls: FileCalls = fs,
): Promise<void> {
  const file = sealedPath(server);
  const path = join(root, file);
  try {
    await withLock(`${path}.lock`, `${file}.lock`, () => {
      removeLeftovers(path, calls);
      const { sealed, problems } = readSealedFile(root, server);
      const obstacles = problems.filter((problem) => problem.path === undefined || !changing.includes(problem.path));
      if (obstacles.length > 0) throw new Problems(obstacles);
      const changed = change(sealed);
      if (changed !== sealed) replaceFile(path, Buffer.from(sealedText(changed)), calls);
    });
  } catch (error) {
    throw writeFailure(error, `the sealed values of "${server}"`, file);
  }
}
