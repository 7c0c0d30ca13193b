import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { foldersOf } from './existing';
import type { FileChange } from './plan';

/** The calls that applying is made of. Tests make each of them fail. */
export type WriteCalls = Pick<
  typeof fs,
  'lstatSync' | 'mkdirSync' | 'openSync' | 'writeSync' | 'closeSync' | 'renameSync' | 'unlinkSync' | 'rmdirSync'
>;

/**
 * Writes and removes the files of a plan. Each file is whole at any time, the old one or the new one, so that whatever
 * interrupts this, the next run finds files it knows and does the rest.
 * @throws Problem TARGET-WRITE when the disk refuses, TARGET-PATH when a folder has turned into something else
 */
export function apply(root: string, changes: readonly FileChange[], calls: WriteCalls = fs): void {
  const inOrder = [...changes].sort((a, b) => Number(a.state === 'removed') - Number(b.state === 'removed'));
  for (const { path, state, after } of inOrder) {
    if (state === 'unchanged') continue;
    try {
      guardFolders(root, path, calls);
      if (after === undefined) remove(root, path, calls);
      else write(join(root, path), after, calls);
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const fix = 'see to the disk, then run the same command again: it does what is left';
      throw new Problem('TARGET-WRITE', `Cannot write ${path}: ${reason}`, { file: path, fix, cause });
    }
  }
}

/** Makes the folders of a path, and sees that each is one: a link could have come since the plan was made. */
function guardFolders(root: string, path: string, calls: WriteCalls): void {
  for (const part of foldersOf(path)) {
    const folder = join(root, part);
    const stats = calls.lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) calls.mkdirSync(folder);
    else if (!stats.isDirectory()) {
      const fix = 'put a plain folder or nothing in its place, and run this again';
      throw new Problem('TARGET-PATH', `Cannot write ${path}: ${folder} is no folder any more`, { file: path, fix });
    }
  }
}

function write(path: string, text: string, calls: WriteCalls): void {
  const temporary = temporaryOf(path);
  if (calls.lstatSync(temporary, { throwIfNoEntry: false }) !== undefined) calls.unlinkSync(temporary);
  // `x` makes a new file or fails: it never writes through a link.
  const descriptor = calls.openSync(temporary, 'wx', 0o644);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += calls.writeSync(descriptor, bytes, at);
  } finally {
    calls.closeSync(descriptor);
  }
  calls.renameSync(temporary, path);
}

function remove(root: string, path: string, calls: WriteCalls): void {
  calls.unlinkSync(join(root, path));
  try {
    calls.rmdirSync(join(root, dirname(path)));
  } catch (error) {
    // Something else is in the folder: it stays, as it does with git.
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** The name of a file that is being written: beside it, the same in every run, and with an ending that Flux does not read. */
export function temporaryOf(path: string): string {
  return path.replace(/[^/\\]+$/, '.$&.new');
}
