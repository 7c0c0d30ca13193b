import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem } from '../model/problem';

/**
 * Finds one suite of a folder by its name: `<folder>/<name>.command.ts` or `<folder>/<name>/<name>.command.ts`.
 * @param root the repository's root
 * @returns the path of the suite, from the root
 * @throws Problem USAGE with the names there are, when there is none of this name
 */
export function findSuite(root: string, folder: string, name: string | undefined): string {
  const names = suiteNames(root, folder);
  const path = [`${folder}/${name}.command.ts`, `${folder}/${name}/${name}.command.ts`].find((candidate) =>
    existsSync(join(root, candidate)),
  );
  if (path !== undefined && name !== undefined && names.includes(name)) return path;
  throw new Problem(
    'USAGE',
    `Cannot run ${name === undefined ? 'a suite without a name' : 'this suite: no such name'}`,
    {
      fix: names.map((known) => `npm run ${folder} -- ${known}`).join('\n         '),
    },
  );
}

/** Runs a suite in a process of its own, with the rest of the command line. Returns its exit code. */
export function runSuite(entry: string, folder: string, [name, ...rest]: readonly string[]): number {
  const root = dirname(dirname(entry));
  const path = findSuite(root, folder, name);
  return spawnSync(process.execPath, [join(root, 'cli/run.mjs'), path, ...rest], { stdio: 'inherit' }).status ?? 1;
}

function suiteNames(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isFile()) return entry.name.match(/^([\w-]+)\.command\.ts$/)?.[1] ?? [];
      return existsSync(join(root, folder, entry.name, `${entry.name}.command.ts`)) ? entry.name : [];
    })
    .filter((name) => name !== folder)
    .sort();
}
