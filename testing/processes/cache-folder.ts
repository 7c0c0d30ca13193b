import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';

/**
 * A folder under the ignored `.cache/` that is filled once for one recipe, such as a list of versions: another recipe is
 * another folder. A fill that fails leaves nothing behind that a later run could take for complete.
 * @param name what it holds, for people who look into `.cache/`
 * @returns its path
 */
export function cacheFolder(name: string, recipe: string, fill: (folder: string) => void): string {
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const folder = join(root, '.cache', `${name}-${digest}`);
  const complete = join(folder, '.complete');
  if (existsSync(complete)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  fill(folder);
  writeFileSync(complete, '');
  return folder;
}

/** Runs a program to its end. Undefined when it succeeded, else the last lines of what it said. */
export function failureOf(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): string | undefined {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : `${stdout}${stderr}`.trim().split('\n').slice(-8).join('\n');
}
