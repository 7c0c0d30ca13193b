import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Creates a file with its whole text, or not at all: a disk that fills up leaves no empty file behind.
 * @throws the error of the file system, such as EEXIST for a file that exists
 */
export function writeNewFile(path: string, text: string): void {
  const descriptor = openSync(path, 'wx');
  try {
    writeFileSync(descriptor, text);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
