import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeNewFile } from '../../model/new-file';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';

/** The text of new files, by path relative to the root. */
export type NewFiles = ReadonlyMap<string, string>;

/**
 * Writes new files: all of them or none.
 * @returns a function that removes them again
 * @throws Problem NAME-TAKEN when one of them exists, TARGET-WRITE when writing fails
 */
export function writeNew(root: string, files: NewFiles): () => void {
  const made: string[] = [];
  const undo = () => {
    for (const path of made.reverse()) rmSync(path, { recursive: true, force: true });
  };
  for (const [file, text] of files) {
    const path = join(root, file);
    try {
      const folder = mkdirSync(dirname(path), { recursive: true });
      if (folder !== undefined) made.push(folder);
      writeNewFile(path, text);
      made.push(path);
    } catch (cause) {
      undo();
      const reason = systemCode(cause);
      if (reason === 'EEXIST') throw nameTaken(file);
      const fix = 'free disk space and check write permission there, then run this again';
      throw new Problem('TARGET-WRITE', `Cannot write ${file}: ${reason ?? String(cause)}`, { file, fix, cause });
    }
  }
  return undo;
}

/** The problem for a file or folder that already exists. */
export function nameTaken(file: string): Problem {
  const message = `Cannot write ${file}: it already exists and would be overwritten`;
  return new Problem('NAME-TAKEN', message, { file, fix: 'choose another name, or remove it first' });
}

/** The text of a declaration, a default export that calls `defineServer` or `definePlatform`, formatted by Biome. */
export function declarationText(root: string, file: string, kind: 'server' | 'platform', entry: object): string {
  const define = { server: 'defineServer', platform: 'definePlatform' }[kind];
  // The line break after the first brace makes Biome keep every field on its own line.
  const input = `import { ${define} } from '#${kind}';\n\nexport default ${define}({\n${JSON.stringify(entry).slice(1)});\n`;
  const command = [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', `--stdin-file-path=${file}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`Biome cannot format ${file}: ${stderr}`);
  return stdout;
}

/** The text of a file in `templates/`. */
export function templateText(root: string, name: string): string {
  return readFileSync(join(root, 'gitops/new/templates', name), 'utf8');
}
