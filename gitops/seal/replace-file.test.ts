import fs, { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileCalls, removeLeftovers, replaceFile } from './replace-file';

const oldBytes = Buffer.from('old '.repeat(50));
const newBytes = Buffer.from('the new one '.repeat(40));

test('an interruption at any byte, or between any two calls, leaves the old file or the new one', () => {
  const seen = { old: 0, new: 0 };
  const path = fileWith(oldBytes);
  for (let stopAt = 0; ; stopAt += 1) {
    writeFileSync(path, oldBytes);
    const world = stoppingAfter(stopAt);
    let isStopped = false;
    try {
      replaceFile(path, newBytes, world);
    } catch (error) {
      if (error !== stop) throw error;
      isStopped = true;
    }
    const found = readFileSync(path);
    expect([oldBytes, newBytes]).toContainEqual(found);
    seen[found.equals(oldBytes) ? 'old' : 'new'] += 1;
    removeLeftovers(path);
    expect(readdirSync(join(path, '..'))).toEqual(['sealed.json']);
    if (!isStopped) break;
  }
  expect(seen.old).toBeGreaterThan(newBytes.length);
  expect(seen.new).toBe(1);
});

test.each(['openSync', 'writeSync', 'fsyncSync', 'renameSync'] as const)(
  'when %s fails, the old file is untouched, nothing is left beside it, and the reason comes out',
  (call) => {
    const path = fileWith(oldBytes);
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const calls: FileCalls = {
      ...fs,
      [call]: () => {
        throw full;
      },
    };
    expect(() => replaceFile(path, newBytes, calls)).toThrow(full);
    expect(readFileSync(path)).toEqual(oldBytes);
    expect(readdirSync(join(path, '..'))).toEqual(['sealed.json']);
  },
);

test('a new file can be read by others, as the committed files beside it', () => {
  const path = fileWith(oldBytes);
  replaceFile(path, newBytes);
  expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
});

const stop = new Error('stopped');

/** The real calls, one byte a write, until as many have been made as are allowed; then the process is as good as dead. */
function stoppingAfter(allowed: number): FileCalls {
  let made = 0;
  const counted = <Arguments extends unknown[], Result>(call: (...given: Arguments) => Result) => {
    return (...given: Arguments): Result => {
      if (made >= allowed) throw stop;
      made += 1;
      return call(...given);
    };
  };
  const oneByte = (descriptor: number, bytes: Buffer, at: number) => fs.writeSync(descriptor, bytes, at, 1);
  return {
    openSync: counted(fs.openSync),
    // The overloads of the real call are more than one type can say; only this form is used.
    writeSync: counted(oneByte) as FileCalls['writeSync'],
    fsyncSync: counted(fs.fsyncSync),
    closeSync: counted(fs.closeSync),
    renameSync: counted(fs.renameSync),
    unlinkSync: counted(fs.unlinkSync),
    readdirSync: fs.readdirSync,
  };
}

function fileWith(bytes: Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'replace-')), 'sealed.json');
  writeFileSync(path, bytes);
  return path;
}
