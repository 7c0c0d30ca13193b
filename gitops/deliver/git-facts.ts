import { shellWord } from '../../cli/shell-word';
import { Problem, type ProblemCode } from '../../model/problem';
import { blobTexts, git, zeroSeparated } from '../git/git';
import { temporaryOf } from './apply';
import type { Checkout } from './checkout';
import { pathsTo } from './existing';
import type { OriginOf } from './ownership';
import type { FileChange } from './plan';

/** What git knows about a checkout and the file system does not show. */
export interface GitFacts {
  /** Every tracked path, and every untracked one that is not ignored. */
  readonly paths: readonly string[];
  readonly tracked: ReadonlyMap<string, Tracking>;
  /** The paths that differ from the last commit. */
  readonly uncommitted: ReadonlyMap<string, Uncommitted>;
}

/** How git tracks a path. It never commits one outside a sparse checkout, or one marked assume-unchanged. */
type Tracking = 'submodule' | 'sparse' | 'assumed' | 'plain';

/** How a path differs from the last commit. */
export interface Uncommitted {
  /** The state on disk relative to the last commit. */
  readonly state: 'new' | 'changed' | 'removed';
  readonly isConflict: boolean;
  /** The staged blob. @default - nothing is staged */
  readonly staged?: string | undefined;
  /** The blob of the last commit if the file was deleted. @default - the file exists, or was never committed */
  readonly deleted?: string | undefined;
}

/** Reads everything in two git commands; writes nothing, not even the index. */
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

/** Lists everything that differs from the last commit, with every untracked file (git 2.11 and later). */
const statusArgs = ['status', '--porcelain=v2', '-z', '--no-renames', '--untracked-files=all'];

/** The paths below a folder that differ from the last commit. */
export function uncommittedBelow(root: string, base: string): ReadonlyMap<string, Uncommitted> {
  return uncommittedIn(git(root, [...statusArgs, '--', `:(literal)${base}`]));
}

/** The git states that block the changes: uncommitted work that would be lost, paths that git would not commit. */
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
      return refuse('TARGET-GIT', 'it is in a submodule', 'deliver to a checkout of that repository');
    }
    if (tracked.get(path) === 'sparse') {
      return refuse('TARGET-GIT', 'it is outside the sparse checkout', 'git sparse-checkout add <its folder>');
    }
    if (tracked.get(path) === 'assumed') {
      const fix = `git update-index --no-assume-unchanged ${shellWord(path)}`;
      return refuse('TARGET-GIT', 'it is marked assume-unchanged, so git would not commit it', fix);
    }
    if (tracked.has(temporaryOf(path))) {
      const fix = `rename ${temporaryOf(path)}: deliver writes to that name first, then renames the file`;
      return refuse('TARGET-GIT', 'another tracked file has the name of its temporary file', fix);
    }
    if (ignored.has(path)) {
      const fix = 'remove the rule from .gitignore (git check-ignore -v shows it); git never commits an ignored file';
      return refuse('TARGET-IGNORED', 'git ignores it there', fix);
    }
    if (!isDirty(change, uncommitted.get(path), staged.get(path), originOf)) return [];
    const fix = `commit them, or discard them: git restore --staged --worktree -- ${shellWord(path)}`;
    return refuse('TARGET-DIRTY', 'it has uncommitted changes', fix);
  });
  return [...refused, ...caseCollisions(changes, paths)];
}

/** Whether the change would overwrite uncommitted work that we did not render. */
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

/** The staged texts of our paths. */
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

/** Paths of the repository that collide with ours on a case-insensitive file system. */
function caseCollisions(changes: readonly FileChange[], paths: readonly string[]): readonly Problem[] {
  const kept = changes.filter(({ state }) => state !== 'removed');
  const ours = new Map(kept.flatMap(({ path }) => pathsTo(path)).map((part) => [part.toLowerCase(), part]));
  return [...new Set(paths.flatMap(pathsTo))].flatMap((other) => {
    const own = ours.get(other.toLowerCase());
    if (own === undefined || own === other) return [];
    const message = `Cannot write ${own}: "${other}" differs from it only by case`;
    const fix = 'rename one of the two: on a case-insensitive file system they are the same file';
    return [new Problem('TARGET-PATH', message, { file: other, fix })];
  });
}

/** Skips the index, which git would search once per path: tracked paths are already known. */
function ignoredPaths({ root }: Checkout, changes: readonly FileChange[]): ReadonlySet<string> {
  const input = changes.map(({ path }) => `${path}\0`).join('');
  const args = ['check-ignore', '--no-index', '-z', '--stdin'];
  return new Set(zeroSeparated(git(root, args, { input, exitCodes: [0, 1] })));
}

/** Parses the output of `statusArgs`. */
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

/** Git writes zeros for "no blob". */
function isZero(blob: string): boolean {
  return /^0+$/.test(blob);
}
