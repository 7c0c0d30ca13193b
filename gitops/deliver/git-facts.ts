import { Problem } from '../../model/problem';
import { temporaryOf } from './apply';
import type { Checkout } from './checkout';
import { foldersOf } from './existing';
import { git, zeroSeparated } from './git';
import type { FileChange } from './plan';
import type { RenderedBefore } from './rendered-before';

/** What git knows of a checkout that the disk alone does not tell. */
export interface GitFacts {
  /** Every path that is tracked, and every other one that nothing ignores. */
  readonly paths: readonly string[];
  readonly tracked: ReadonlySet<string>;
  /** Tracked paths that are links to other repositories, and those that a sparse checkout leaves out. */
  readonly submodules: readonly string[];
  readonly sparse: ReadonlySet<string>;
  /** Tracked paths whose changes git was told not to look for (`update-index --assume-unchanged`). */
  readonly assumed: ReadonlySet<string>;
  /** The paths below the base whose content is not that of the last commit, with the blob in the index, if there is one. */
  readonly uncommitted: ReadonlyMap<string, Uncommitted>;
}

export interface Uncommitted {
  /** What the disk does to the last commit. */
  readonly state: 'new' | 'changed' | 'removed';
  readonly isConflict: boolean;
  /** The blob that is staged. @default - nothing is staged that differs from the commit */
  readonly staged?: string;
  /** The blob of the last commit, when the file is gone from the disk. @default - it is there, or was never committed */
  readonly deleted?: string;
}

/** Asks git for everything at once; nothing is written, not even the index. */
export function readGitFacts({ root }: Checkout): GitFacts {
  const status = git(root, statusArgs);
  const listed = zeroSeparated(git(root, ['ls-files', '-z', '-v', '-s', '--cached'])).map(listing);
  const untracked = zeroSeparated(status).flatMap((line) => (line.startsWith('? ') ? [line.slice(2)] : []));
  return {
    paths: [...new Set([...listed.map(({ path }) => path), ...untracked.map((path) => path.replace(/\/$/, ''))])],
    tracked: new Set(listed.map(({ path }) => path)),
    submodules: listed.filter(({ mode }) => mode === '160000').map(({ path }) => path),
    assumed: new Set(listed.filter(({ tag }) => /[a-z]/.test(tag)).map(({ path }) => path)),
    sparse: new Set(listed.filter(({ tag }) => /s/i.test(tag)).map(({ path }) => path)),
    uncommitted: uncommittedIn(status),
  };
}

/** Asks for everything that differs from the last commit, untracked files one by one (git 2.11 and later). */
const statusArgs = ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all'];

/** The paths below a folder whose content is not that of the last commit. */
export function uncommittedBelow(root: string, base: string): ReadonlyMap<string, Uncommitted> {
  return uncommittedIn(git(root, [...statusArgs, '--', `:(literal)${base}`]));
}

/** What git's state has against the changes: work of others that would be lost, paths that would not be committed. */
export function gitProblems(
  checkout: Checkout,
  changes: readonly FileChange[],
  { paths, tracked, submodules, sparse, assumed, uncommitted }: GitFacts,
  isRendered: RenderedBefore,
): readonly Problem[] {
  const isInSubmodule = (path: string) => submodules.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const asked = changes.filter(({ state, path }) => state !== 'removed' && !tracked.has(path) && !isInSubmodule(path));
  const ignored = ignoredPaths(checkout, asked);
  return [
    ...changes.flatMap((change) => {
      const { path } = change;
      const problem = (code: 'TARGET-GIT' | 'TARGET-DIRTY' | 'TARGET-IGNORED', reason: string, fix: string) => [
        new Problem(code, `Cannot deliver ${path}: ${reason}`, { file: path, fix }),
      ];
      if (isInSubmodule(path)) {
        return problem('TARGET-GIT', 'it lies in a submodule', 'deliver to a checkout of that repository');
      }
      if (sparse.has(path)) {
        return problem('TARGET-GIT', 'a sparse checkout leaves it out', 'git sparse-checkout add its folder');
      }
      if (assumed.has(path)) {
        const fix = `git update-index --no-assume-unchanged ${path}`;
        return problem('TARGET-GIT', 'git is told to take it for unchanged, and would not commit it', fix);
      }
      if (tracked.has(temporaryOf(path))) {
        const fix = `rename ${temporaryOf(path)}: a half-written file has that name, and goes`;
        return problem('TARGET-GIT', 'a file of somebody else has the name it is written under', fix);
      }
      if (ignored.has(path)) {
        const fix = 'take the rule out of .gitignore (git check-ignore -v tells which), or it is never committed';
        return problem('TARGET-IGNORED', 'git ignores it there', fix);
      }
      return isDirty(change, uncommitted.get(path), isRendered)
        ? problem(
            'TARGET-DIRTY',
            'it has changes that are not committed',
            `commit them, or give them up: git restore --staged --worktree -- ${path}`,
          )
        : [];
    }),
    ...caseCollisions(changes, paths),
  ];
}

/** Whether work would be lost that is neither committed nor of our own rendering. */
function isDirty({ state, before }: FileChange, found: Uncommitted | undefined, isRendered: RenderedBefore): boolean {
  if (found === undefined) return false;
  if (found.isConflict) return true;
  if (found.staged !== undefined && !isRendered({ id: found.staged })) return true;
  return state !== 'unchanged' && before !== undefined && !isRendered({ text: before });
}

/** Paths of the repository that a case-insensitive disk would take for one of ours. */
function caseCollisions(changes: readonly FileChange[], paths: readonly string[]): readonly Problem[] {
  const ours = new Map<string, string>();
  for (const { path } of changes.filter(({ state }) => state !== 'removed')) {
    for (const part of [...foldersOf(path), path]) ours.set(part.toLowerCase(), part);
  }
  const others = new Map<string, string>();
  for (const path of paths) {
    for (const part of [...foldersOf(path), path]) {
      const own = ours.get(part.toLowerCase());
      if (own !== undefined && own !== part) others.set(part, own);
    }
  }
  return [...others].map(([other, own]) => {
    const message = `Cannot write ${own}: "${other}" differs from it by case alone`;
    return new Problem('TARGET-PATH', message, {
      file: other,
      fix: 'rename one of the two: on some machines they are one',
    });
  });
}

/** Without the index, which git would search for every single path: what is tracked is known here. */
function ignoredPaths({ root }: Checkout, changes: readonly FileChange[]): ReadonlySet<string> {
  const input = changes.map(({ path }) => `${path}\0`).join('');
  const args = ['check-ignore', '--no-index', '-z', '--stdin'];
  return new Set(zeroSeparated(git(root, args, { input, answers: [0, 1] })));
}

/** One line of ls-files: `<tag> <mode> <blob> <stage>\t<path>`. */
function listing(line: string): { tag: string; mode: string; path: string } {
  const tag = line.slice(0, 1);
  const tab = line.indexOf('\t');
  return { tag, mode: line.slice(2, 8), path: line.slice(tab + 1) };
}

/** The answer to `statusArgs`. */
function uncommittedIn(text: string): ReadonlyMap<string, Uncommitted> {
  return new Map(
    zeroSeparated(text).map((line): [string, Uncommitted] => {
      const fields = line.split(' ');
      if (fields[0] === '1') {
        // 1 XY sub mH mI mW hH hI path
        const [, states = '', , , , onDisk, committed = '', staged = ''] = fields;
        const isStaged = !states.startsWith('.') && !/^0+$/.test(staged);
        const isGone = onDisk === '000000' && !/^0+$/.test(committed);
        const state = isGone ? 'removed' : /^0+$/.test(committed) ? 'new' : 'changed';
        const blobs = { ...(isStaged ? { staged } : {}), ...(isGone ? { deleted: committed } : {}) };
        return [fields.slice(8).join(' '), { state, isConflict: false, ...blobs }];
      }
      if (fields[0] === 'u') return [fields.slice(10).join(' '), { state: 'changed', isConflict: true }];
      return [line.slice(2), { state: 'new', isConflict: false }];
    }),
  );
}
