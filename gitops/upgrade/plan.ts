import { shellWord } from '../../cli/shell-word';
import { Problem, Problems } from '../../model/problem';
import { git, zeroSeparated } from '../git/git';

/**
 * The team's own paths. An upgrade never touches them, nor paths that differ only by case, such as `Servers/`. `dist/` is
 * rendered again.
 */
const teamPaths = ['servers', 'platforms', 'dist', 'sample.json', '.github/CODEOWNERS'];

/** Files that both sides change, because a team adds packages for its tools. They are merged by package name. */
const mergedFiles = ['package.json', 'package-lock.json'];

/** The changes of an upgrade to the product's files. Paths are relative to the root. */
export interface UpgradePlan {
  /** The commit of the current release. */
  readonly base: string;
  /** The commit of the new release. */
  readonly release: string;
  /** Files to take from the release. */
  readonly written: readonly string[];
  /** Files that the release has removed. */
  readonly removed: readonly string[];
  /** Files that only the team has changed; they stay unchanged. */
  readonly kept: readonly string[];
}

/** The trailer of a commit message that records the release. */
export const trailer = 'Upgraded-To';

/**
 * Fetches a newer release and compares this repository with it. Changes no file and no branch.
 * @param source the path or URL of a repository with the release
 * @param ref its branch, tag or commit
 * @param from the commit of the release that this repository was copied from. @default - found in the histories
 * @throws Problem TARGET-DIRTY, UPGRADE-BASE, TARGET-GIT
 * @throws Problems UPGRADE-CHANGED, one for each file that both sides changed
 */
export function planUpgrade(root: string, { source, ref, from }: UpgradeRequest): UpgradePlan {
  if (git(root, ['status', '--porcelain']).trim() !== '') {
    throw new Problem('TARGET-DIRTY', 'Cannot upgrade: this checkout has uncommitted changes', {
      fix: 'commit or stash them',
    });
  }
  if (/^[+^]|[:*]/.test(ref)) {
    // A refspec would write to a branch here.
    throw new Problem('USAGE', `Cannot upgrade to "${ref}": it is not one branch, tag or commit`, {
      fix: 'npm run upgrade -- <path or address> --ref v2.0.0',
    });
  }
  git(root, ['fetch', '--no-tags', '--', source, ref], { mayLock: true });
  const release = git(root, ['rev-parse', 'FETCH_HEAD^{commit}']).trim();
  const base = from === undefined ? baseOf(root, release) : commitOf(root, from);
  const byRelease = changed(root, base, release);
  const byTeam = changed(root, base, 'HEAD');
  const conflicts = [...byTeam].filter(([path, blob]) => byRelease.has(path) && byRelease.get(path) !== blob);
  if (conflicts.length > 0) throw new Problems(conflicts.map(([path]) => conflict(path, base)));
  const isOpen = ([path]: readonly [string, string]) => !byTeam.has(path);
  const open = [...byRelease].filter(isOpen);
  return {
    base,
    release,
    written: open.filter(([, blob]) => blob !== gone).map(([path]) => path),
    removed: open.filter(([, blob]) => blob === gone).map(([path]) => path),
    kept: [...byTeam.keys()].filter((path) => !byRelease.has(path)),
  };
}

/** The release to upgrade to. */
export interface UpgradeRequest {
  readonly source: string;
  readonly ref: string;
  readonly from?: string | undefined;
}

/** The release of the last upgrade, or the merge base of both histories. */
function baseOf(root: string, release: string): string {
  const named = git(root, ['log', `--format=%(trailers:key=${trailer},valueonly,separator=%x20)`, 'HEAD']).split(/\s+/);
  const commonWith = (commit: string) => git(root, ['merge-base', commit, release], { exitCodes: [0, 1] }).trim();
  const earlier = named.find(
    (commit) => /^[0-9a-f]{40}$/.test(commit) && isCommit(root, commit) && commonWith(commit) === commit,
  );
  const base = earlier ?? commonWith('HEAD');
  if (base !== '') return base;
  throw new Problem('UPGRADE-BASE', 'Cannot upgrade: this repository and the release have no commit in common', {
    fix: 'name the commit of the release that this repository was copied from: --from <commit>',
  });
}

/** Resolves a commit from the command line. */
function commitOf(root: string, name: string): string {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const commit = git(root, args, { exitCodes: [0, 1, 128] }).trim();
  if (/^[0-9a-f]{40}$/.test(commit)) return commit;
  throw new Problem('UPGRADE-BASE', `Cannot upgrade from "${name}": git finds no such commit here`, {
    fix: 'name a commit of the release that is in this repository or in the fetched history: --from <commit>',
  });
}

function isCommit(root: string, commit: string): boolean {
  return git(root, ['cat-file', '-t', commit], { exitCodes: [0, 128] }).trim() === 'commit';
}

const gone = '0'.repeat(40);

/** The product's files that differ between two commits, with their blob in the second; zeros for a removed file. */
function changed(root: string, before: string, after: string): ReadonlyMap<string, string> {
  const scope = ['--', '.', ...[...teamPaths, ...mergedFiles].map((path) => `:(exclude,top,icase)${path}`)];
  const fields = zeroSeparated(
    git(root, ['diff', '--raw', '--no-abbrev', '--no-renames', '-z', before, after, ...scope]),
  );
  const files = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    // `:<mode> <mode> <blob> <blob> <letter>`, then the path (git 2.39).
    const [, , , blob = gone] = (fields[index] ?? '').split(' ');
    files.set(fields[index + 1] ?? '', blob);
  }
  return files;
}

function conflict(path: string, base: string): Problem {
  const shown = `git diff ${base.slice(0, 12)} HEAD -- ${shellWord(path)}`;
  return new Problem('UPGRADE-CHANGED', `Cannot upgrade ${path}: it was changed here, and the release changes it too`, {
    file: path,
    fix: `see ${shown}; move the change to servers/ or platforms/, contribute it to the product, or revert it`,
  });
}
