import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../cli/temporary-folder';
import { Problem } from '../../model/problem';
import { git } from '../git/git';
import { mergedPackages } from './packages';
import { trailer, type UpgradePlan } from './plan';

/**
 * Applies the release in a temporary worktree, runs its checks there, then fast-forwards this branch by one commit. A failure
 * leaves this checkout unchanged.
 * @param log is called before every step
 * @returns the new commit
 * @throws Problem UPGRADE-FAILED when a command of the release fails, UPGRADE-CHANGED for package.json, TARGET-GIT
 */
export function carryOut(root: string, plan: UpgradePlan, log: (step: string) => void): string {
  const place = temporaryFolder('upgrade-');
  const folder = join(place, 'release');
  git(root, ['worktree', 'add', '--detach', '--', folder, 'HEAD'], { mayLock: true });
  try {
    log(`${plan.written.length} files to write, ${plan.removed.length} to remove`);
    applyFiles(folder, plan);
    applyPackages(root, folder, plan, log);
    for (const check of checks) npm(folder, check, log);
    // node_modules may be a link to ours, which a folder pattern in .gitignore does not match.
    git(folder, ['add', '--all', '--', '.', ':(exclude,top)node_modules'], { mayLock: true });
    const message = `Upgrade to ${plan.release.slice(0, 12)}\n\n${trailer}: ${plan.release}\n`;
    git(folder, ['commit', '--quiet', '--no-verify', '--file', '-'], { mayLock: true, input: message });
    const commit = git(folder, ['rev-parse', 'HEAD']).trim();
    git(root, ['merge', '--quiet', '--ff-only', commit], { mayLock: true });
    return commit;
  } finally {
    rmSync(place, { recursive: true, force: true });
    git(root, ['worktree', 'prune'], { mayLock: true });
  }
}

const checks = [['run', 'synth'], ['run', 'check'], ['test']] as const;

function applyFiles(folder: string, { release, written, removed }: UpgradePlan): void {
  const list = (paths: readonly string[]) => paths.map((path) => `${path}\0`).join('');
  const from = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  if (written.length > 0) {
    git(folder, ['--literal-pathspecs', 'checkout', release, ...from], { mayLock: true, input: list(written) });
  }
  if (removed.length > 0) {
    git(folder, ['--literal-pathspecs', 'rm', '--quiet', ...from], { mayLock: true, input: list(removed) });
  }
}

/** Merges the packages of the release with those of the team's tools. Reinstalls only if the lockfile changes. */
function applyPackages(
  root: string,
  folder: string,
  { base, release }: UpgradePlan,
  log: (step: string) => void,
): void {
  const three = (file: string) => [base, 'HEAD', release].map((commit) => git(root, ['show', `${commit}:${file}`]));
  const [before = '', here = '', next = ''] = three('package.json');
  writeFileSync(join(folder, 'package.json'), mergedPackages(before, here, next));
  const [lockBefore, lockHere = '', lockNext = ''] = three('package-lock.json');
  if (lockNext === lockBefore) {
    if (existsSync(join(root, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    else npm(folder, ['ci'], log);
    return;
  }
  writeFileSync(join(folder, 'package-lock.json'), lockNext);
  if (lockHere !== lockBefore) npm(folder, ['install', '--package-lock-only', '--ignore-scripts'], log);
  npm(folder, ['ci'], log);
}

function npm(folder: string, args: readonly string[], log: (step: string) => void): void {
  log(`npm ${args.join(' ')}`);
  const { npm_execpath: script } = process.env;
  const [command, first] = script?.endsWith('js') ? [process.execPath, [script]] : ['npm', []];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name)));
  const spawned = { cwd: folder, env, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  const { status, stdout, stderr, error } = spawnSync(command, [...first, ...args], spawned);
  if (status === 0) return;
  const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-30).join('\n');
  throw new Problem('UPGRADE-FAILED', `Cannot upgrade: npm ${args.join(' ')} fails with the release\n${lines}`, {
    fix: 'fix the reported errors in servers/ or platforms/ and run this again; this checkout is unchanged',
    cause: error,
  });
}
