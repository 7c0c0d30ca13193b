import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The calls that replacing a file is made of. Tests make each of them fail. */
export type FileCalls = Pick<
  typeof fs,
  'openSync' | 'writeSync' | 'fsyncSync' | 'closeSync' | 'renameSync' | 'unlinkSync' | 'readdirSync'
>;

/**
 * Gives a file new bytes in one step: whoever reads it, whenever this is interrupted, finds the old bytes or the new ones.
 * The new bytes are on the disk before the name points to them (power loss included, as far as the disk keeps its word).
 * @throws the system's error, with the old file untouched and nothing left beside it
 */
export function replaceFile(path: string, bytes: Buffer, calls: FileCalls = fs): void {
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${randomBytes(6).toString('hex')}`);
  const descriptor = calls.openSync(temporary, 'wx', 0o644);
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += calls.writeSync(descriptor, bytes, at);
      calls.fsyncSync(descriptor);
    } finally {
      calls.closeSync(descriptor);
    }
    calls.renameSync(temporary, path);
  } catch (error) {
    calls.unlinkSync(temporary);
    throw error;
  }
  syncFolder(dirname(path), calls);
}

/** Removes what interrupted replacements of this file left behind. Only for the one who holds the file's lock. */
export function removeLeftovers(path: string, calls: FileCalls = fs): void {
  const prefix = temporaryPrefix(path);
  for (const name of calls.readdirSync(dirname(path))) {
    if (name.startsWith(prefix)) calls.unlinkSync(join(dirname(path), name));
  }
}

function temporaryPrefix(path: string): string {
  return `.${basename(path)}.new-`;
}

/** The new name itself is kept only once its folder is on the disk. */
function syncFolder(folder: string, calls: FileCalls): void {
  if (process.platform === 'win32') return;
  try {
    const descriptor = calls.openSync(folder, 'r');
    try {
      calls.fsyncSync(descriptor);
    } finally {
      calls.closeSync(descriptor);
    }
  } catch {
    // The file is in place already, and some file systems refuse to open or sync a folder: no reason to call this failed.
  }
}
