import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';
import { foldersOf } from './existing';
import type { FileChange } from './plan';

/** The file system calls that `apply` makes; tests make each of them fail. */
export type WriteCalls = Pick<
  typeof fs,
  'lstatSync' | 'mkdirSync' | 'openSync' | 'writeSync' | 'closeSync' | 'renameSync' | 'unlinkSync' | 'rmdirSync'
>;

/**
 * Writes and removes the files of a plan. Each file is replaced atomically, so the next run completes an interrupted one.
 * @throws Problem TARGET-WRITE when the file system fails, TARGET-PATH when a folder is no longer a folder
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
      const fix = 'fix the cause, then run the same command again: it completes what is left';
      throw new Problem('TARGET-WRITE', `Cannot write ${path}: ${reason}`, { file: path, fix, cause });
    }
  }
}

/** Creates the parents of a path, and checks that each is a plain folder: a link may have appeared since planning. */
function guardFolders(root: string, path: string, calls: WriteCalls): void {
  for (const part of foldersOf(path)) {
    const folder = join(root, part);
    const stats = calls.lstatSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) calls.mkdirSync(folder);
    else if (!stats.isDirectory()) {
      const fix = 'remove it, or replace it with a plain folder, and run this again';
      throw new Problem('TARGET-PATH', `Cannot write ${path}: ${folder} is no longer a folder`, { file: path, fix });
    }
  }
}

function write(path: string, text: string, calls: WriteCalls): void {
  const temporary = temporaryOf(path);
  if (calls.lstatSync(temporary, { throwIfNoEntry: false }) !== undefined) calls.unlinkSync(temporary);
  // `x` creates a new file or fails: it never writes through a link.
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
    // Keep a folder that is not empty, as git does.
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** The temporary name while a file is written: next to it, stable across runs, with an extension that Flux ignores. */
export function temporaryOf(path: string): string {
  return path.replace(/[^/\\]+$/, '.$&.new');
}
