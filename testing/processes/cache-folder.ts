import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { install } from './program';

/**
 * A folder in the ignored `.cache/`, filled once per recipe. A failed fill is repeated by the next run.
 * @param name the name of its contents, for people who browse `.cache/`
 * @param recipe identifies the contents, such as a list of versions; another recipe gets another folder
 * @returns its path
 */
export async function cacheFolder(
  name: string,
  recipe: string,
  fill: (folder: string) => void | Promise<void>,
): Promise<string> {
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const folder = join(root, '.cache', `${name}-${digest}`);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  process.stderr.write(`Installing ${name} into .cache/, once …\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await fill(folder);
  writeFileSync(complete, '');
  return folder;
}

/** Runs `npm ci` or `npm install …` in a folder, without scripts. @throws Problem TOOL-MISSING if npm fails */
export async function npmInstall(folder: string, command: 'ci' | 'install', ...args: readonly string[]): Promise<void> {
  const fix = 'allow npm to reach a registry that has these versions, then run again';
  const options = ['--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'];
  await install({ what: 'packages from npm', fix }, 'npm', [command, ...options, ...args], { cwd: folder });
}
