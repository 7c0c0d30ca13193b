import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes an empty folder that is gone when this process ends, also by Ctrl-C.
 * @param prefix of its name
 * @param parent where it is. @default - the system's folder for temporary files
 * @returns its path
 */
export function temporaryFolder(prefix: string, parent = tmpdir()): string {
  if (folders.size === 0) process.once('exit', removeAll);
  const folder = mkdtempSync(join(parent, prefix));
  folders.add(folder);
  return folder;
}

const folders = new Set<string>();

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
