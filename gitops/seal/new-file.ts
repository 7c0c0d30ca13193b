import { closeSync, fsyncSync, openSync, rmSync, writeFileSync } from 'node:fs';

/** Creates a file and flushes it to disk; leaves no file behind when that fails. @throws the system's error */
export function writeNewFile(path: string, content: string | Buffer, mode = 0o666): void {
  // `wx` never follows a symbolic link planted in the meantime, and the mode applies from the first byte.
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

/** Runs the next step with a new file; removes the file when the step throws. */
export function removingOnError(path: string, step: () => void): void {
  try {
    step();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
