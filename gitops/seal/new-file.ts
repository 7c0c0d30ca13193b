import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file that is not there yet, down to the disk, or leaves none. @throws the system's error */
export function writeNewFile(path: string, content: string | Buffer, mode = 0o666): void {
  // `wx`: never through a link that was put there in the meantime, and the mode is right from the first byte.
  const descriptor = openSync(path, 'wx', mode);
  removingOnError(path, () => {
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Goes on with a file that was written; removes it when that fails. */
export function removingOnError(path: string, goOn: () => void): void {
  try {
    goOn();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
