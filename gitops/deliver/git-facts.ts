import { shellWord } from '../../cli/shell-word';
import { Problem, type ProblemCode } from '../../model/problem';
import { blobTexts, git, zeroSeparated } from '../git/git';
import { temporaryOf } from './apply';
import type { Checkout } from './checkout';
import { pathsTo } from './existing';
import type { OriginOf } from './ownership';
import type { FileChange } from './plan';

/** What git knows of a checkout that the disk alone does not tell. */
export interface GitFacts {
  /** Every path that is tracked, and every other one that nothing ignores. */
  readonly paths: readonly string[];
  readonly tracked: ReadonlyMap<string, Tracking>;
  /** The paths below the base whose content is not that of the last commit, with the blob in the index, if there is one. */
  readonly uncommitted: ReadonlyMap<string, Uncommitted>;
}

/** A path that a sparse checkout leaves out, or whose changes git was told not to look for, is never committed. */
type Tracking = 'submodule' | 'sparse' | 'assumed' | 'plain';

export interface Uncommitted {
  /** What the disk does to the last commit. */
  readonly state: 'new' | 'changed' | 'removed';
  readonly isConflict: boolean;
  /** The blob that is staged. @default - nothing is staged that differs from the commit */
  readonly staged?: string | undefined;
  /** The blob of the last commit, when the file is gone from the disk. @default - it is there, or was never committed */
  readonly deleted?: string | undefined;
}

/** Asks git for everything at once; nothing is written, not even the index. */
export function readGitFacts({ root }: Checkout): GitFacts {
  const status = git(root, statusArgs);
  const tracked = new Map(
    zeroSeparated(git(root, ['ls-files', '-z', '-v', '-s', '--cached'])).map((line): [string, Tracking] => {
      // <tag> <mode> <blob> <stage>\t<path>
      const [tag, mode, path] = [line.slice(0, 1), line.slice(2, 8), line.slice(line.indexOf('\t') + 1)];
      if (mode === '160000') return [path, 'submodule'];
      if (/s/i.test(tag)) return [path, 'sparse'];
      return [path, /[a-z]/.test(tag) ? 'assumed' : 'plain'];
    }),
  );
  const untracked = zeroSeparated(status).flatMap((line) => (line.startsWith('? ') ? [line.slice(2)] : []));
  const paths = [...new Set([...tracked.keys(), ...untracked.map((path) => path.replace(/\/$/, ''))])];
  return { paths, tracked, uncommitted: uncommittedIn(status) };
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
  { paths, tracked, uncommitted }: GitFacts,
  originOf: OriginOf,
): readonly Problem[] {
  const isInSubmodule = (path: string) => pathsTo(path).some((part) => tracked.get(part) === 'submodule');
  const asked = changes.filter(({ state, path }) => state !== 'removed' && !tracked.has(path) && !isInSubmodule(path));
  const ignored = ignoredPaths(checkout, asked);
  const staged = stagedTexts(checkout, changes, uncommitted);
  const refused = changes.flatMap((change) => {
    const { path } = change;
    const refuse = (code: ProblemCode, reason: string, fix: string) => [
      new Problem(code, `Cannot deliver ${path}: ${reason}`, { file: path, fix }),
    ];
    if (isInSubmodule(path)) {
      return refuse('TARGET-GIT', 'it lies in a submodule', 'deliver to a checkout of that repository');
    }
    if (tracked.get(path) === 'sparse') {
      return refuse('TARGET-GIT', 'a sparse checkout leaves it out', 'git sparse-checkout add its folder');
    }
    if (tracked.get(path) === 'assumed') {
      const fix = `git update-index --no-assume-unchanged ${shellWord(path)}`;
      return refuse('TARGET-GIT', 'git is told to take it for unchanged, and would not commit it', fix);
    }
    if (tracked.has(temporaryOf(path))) {
      const fix = `rename ${temporaryOf(path)}: a half-written file has that name, and goes`;
      return refuse('TARGET-GIT', 'a file of somebody else has the name it is written under', fix);
    }
    if (ignored.has(path)) {
      const fix = 'take the rule out of .gitignore (git check-ignore -v tells which), or it is never committed';
      return refuse('TARGET-IGNORED', 'git ignores it there', fix);
    }
    if (!isDirty(change, uncommitted.get(path), staged.get(path), originOf)) return [];
    const fix = `commit them, or give them up: git restore --staged --worktree -- ${shellWord(path)}`;
    return refuse('TARGET-DIRTY', 'it has changes that are not committed', fix);
  });
  return [...refused, ...caseCollisions(changes, paths)];
}

/** Whether work would be lost that is neither committed nor of our own rendering. */
function isDirty(
  { state, before }: FileChange,
  found: Uncommitted | undefined,
  staged: string | undefined,
  originOf: OriginOf,
): boolean {
  if (found === undefined) return false;
  if (found.isConflict) return true;
  if (staged !== undefined && originOf(staged) !== 'rendered') return true;
  return state !== 'unchanged' && before !== undefined && originOf(before) !== 'rendered';
}

/** What is staged of our paths, by path. */
function stagedTexts(
  { root }: Checkout,
  changes: readonly FileChange[],
  uncommitted: GitFacts['uncommitted'],
): ReadonlyMap<string, string> {
  const staged = changes.flatMap(({ path }) => {
    const id = uncommitted.get(path)?.staged;
    return id === undefined ? [] : [{ path, id }];
  });
  const texts = blobTexts(
    root,
    staged.map(({ id }) => id),
  );
  return new Map(staged.map(({ path }, index) => [path, texts[index] ?? '']));
}

/** Paths of the repository that a case-insensitive disk would take for one of ours. */
function caseCollisions(changes: readonly FileChange[], paths: readonly string[]): readonly Problem[] {
  const kept = changes.filter(({ state }) => state !== 'removed');
  const ours = new Map(kept.flatMap(({ path }) => pathsTo(path)).map((part) => [part.toLowerCase(), part]));
  return [...new Set(paths.flatMap(pathsTo))].flatMap((other) => {
    const own = ours.get(other.toLowerCase());
    if (own === undefined || own === other) return [];
    const message = `Cannot write ${own}: "${other}" differs from it by case alone`;
    const fix = 'rename one of the two: on some machines they are one';
    return [new Problem('TARGET-PATH', message, { file: other, fix })];
  });
}

/** Without the index, which git would search for every single path: what is tracked is known here. */
function ignoredPaths({ root }: Checkout, changes: readonly FileChange[]): ReadonlySet<string> {
  const input = changes.map(({ path }) => `${path}\0`).join('');
  const args = ['check-ignore', '--no-index', '-z', '--stdin'];
  return new Set(zeroSeparated(git(root, args, { input, answers: [0, 1] })));
}

/** The answer to `statusArgs`. */
function uncommittedIn(text: string): ReadonlyMap<string, Uncommitted> {
  return new Map(
    zeroSeparated(text).map((line): [string, Uncommitted] => {
      // 1 XY sub mH mI mW hH hI path
      const fields = line.split(' ');
      const [kind, states = '', , , , onDisk, committed = '', staged = ''] = fields;
      if (kind === 'u') return [fields.slice(10).join(' '), { state: 'changed', isConflict: true }];
      if (kind !== '1') return [line.slice(2), { state: 'new', isConflict: false }];
      const isNew = isZero(committed);
      const deleted = onDisk === '000000' && !isNew ? committed : undefined;
      const state = deleted !== undefined ? 'removed' : isNew ? 'new' : 'changed';
      const isStaged = !states.startsWith('.') && !isZero(staged);
      const blobs = { staged: isStaged ? staged : undefined, deleted };
      return [fields.slice(8).join(' '), { state, isConflict: false, ...blobs }];
    }),
  );
}

/** The name of no blob at all. */
function isZero(blob: string): boolean {
  return /^0+$/.test(blob);
}
