import { shellWord } from '../../cli/shell-word';
import type { Platform } from '../../model/platform';
import type { Problem } from '../../model/problem';

/** Whether `dist/` is what the sources say of a server, and committed. */
export interface Rendered {
  readonly state: 'same' | 'stale' | 'uncommitted';
  /** The files that are not, from the repository's root. */
  readonly files: readonly string[];
}

/** How a checkout of a target stands to `dist/`. */
export interface Delivered {
  /** `absent`: it has nothing of the server. `unmerged`: all is there, on a branch that a delivery made. */
  readonly state: 'same' | 'absent' | 'differs' | 'uncommitted' | 'unmerged';
  /** The checkout as the command line names it. */
  readonly folder: string;
  /** @default - none, the head is detached */
  readonly branch?: string | undefined;
  /** The files that differ, or are not committed, from the checkout's root. */
  readonly files: readonly string[];
  /** The image that the checkout carries. @default - none, or this target names no image */
  readonly image?: string | undefined;
  /** What keeps a delivery from putting it right. */
  readonly problems: readonly Problem[];
}

/** What answers at the server's address. */
export interface Running {
  /** `inside`: it has no address outside the cluster. `up`: it answers, and does not show its tools without a token. */
  readonly state: 'same' | 'differs' | 'up' | 'down' | 'inside';
  /** The version that it tells. @default - it tells none */
  readonly version?: string | undefined;
  /** @default - nothing is wrong */
  readonly problem?: Problem | undefined;
}

/** One server on one platform, from the declaration to what runs. */
export interface Row {
  /** @default - what belongs to all servers */
  readonly server?: string | undefined;
  /** @default - what belongs to all platforms */
  readonly platform?: Pick<Platform, 'name' | 'flag'> | undefined;
  /** Where its secrets are and what that means for its pods. @default - sealed in this repository, and pods follow by themselves */
  readonly secrets?: string | undefined;
  /** @default - it is not declared there any more, or is no single server */
  readonly declared?: Declared | undefined;
  readonly rendered: Rendered;
  /** @default - not asked */
  readonly delivered?: Delivered | undefined;
  /** @default - not asked */
  readonly dns?: Delivered | undefined;
  /** @default - not asked */
  readonly running?: Running | undefined;
}

interface Declared {
  readonly image: string;
  readonly runtime: 'st-app' | 'plain';
  /** The version of its tools. @default - its image is built elsewhere */
  readonly version?: string | undefined;
  /** A platform that declares a newer image of it. @default - none does */
  readonly newerOn?: string | undefined;
}

/** What differs, and what to do about it. */
export interface Note {
  /** The step in one word, for a narrow column. */
  readonly word: 'synth' | 'commit' | 'deliver' | 'merge' | 'reconcile' | 'verify' | 'promote';
  readonly what: string;
  readonly fix: string;
  /** Whether somebody has to act. */
  readonly isUrgent: boolean;
}

/** What is to do about a row, in the order in which a change travels; nothing when all is as declared. */
export function notesOf(row: Row): readonly Note[] {
  const onTheWay = [...renderedNotes(row.rendered), ...deliveredNotes(row)];
  const running = runningNotes(row, onTheWay.length > 0);
  return [...onTheWay, ...running];
}

function renderedNotes({ state, files }: Rendered): readonly Note[] {
  if (state === 'same') return [];
  const what = `${isNot(files)} ${state === 'stale' ? 'what the sources say' : 'committed'}`;
  return state === 'stale'
    ? [{ word: 'synth', what, fix: 'npm run synth, and commit dist/ with its cause', isUrgent: true }]
    : [{ word: 'commit', what, fix: 'commit dist/ with the change that caused it', isUrgent: true }];
}

function deliveredNotes({ server = '', platform, delivered, dns }: Row): readonly Note[] {
  const targets = [
    ['--to', delivered],
    ['--dns-to', dns],
  ] as const;
  return targets.flatMap(([option, target]): readonly Note[] => {
    if (target === undefined || (target.state === 'same' && target.problems.length === 0)) return [];
    const { state, folder, branch = '', files, problems } = target;
    const there = shellWord(folder);
    const git = `git -C ${there}`;
    const blocked = problems.map(({ code, message, fix }) => {
      return { word: 'deliver', what: `${code}  ${message}`, fix, isUrgent: true } as const;
    });
    if (blocked.length > 0) return blocked;
    if (state === 'uncommitted')
      return [note('commit', `${isNot(files)} committed in ${folder}`, `${git} status, and commit it there`)];
    if (state === 'unmerged') {
      const fix = `merge it, then ${git} switch to the main branch and ${git} pull`;
      return [note('merge', `${folder} has it on "${branch}" alone`, fix)];
    }
    const command = `npm run deliver --${platform?.flag ?? ''} ${option} ${there} ${server}`.trim();
    const what = state === 'absent' ? `${isNot(files)} in ${folder}` : `${isNot(files)} as in dist/ in ${folder}`;
    return [note('deliver', what, command)];
  });
}

function runningNotes({ server = '', platform, declared, running }: Row, isOnTheWay: boolean): readonly Note[] {
  const { state, problem } = running ?? {};
  if (problem === undefined) return [];
  const what = `${problem.code}  ${problem.message}`;
  const flag = platform?.flag ?? '';
  if (state === 'down') return [note('verify', what, problem.fix)];
  if (declared?.newerOn !== undefined) {
    // The sources are those of the newer image.
    const fix = `nothing, or npm run bump -- ${server} --from ${declared.newerOn} --to ${platform?.name}`;
    return [{ ...note('promote', `${what}; ${declared.newerOn} declares a newer image`, fix), isUrgent: false }];
  }
  // What is not there yet cannot run.
  if (isOnTheWay) return [];
  const reconcile =
    declared?.runtime === 'st-app'
      ? `flux reconcile helmrelease ${server} -n ${server} --with-source`
      : 'flux get kustomizations -A, and flux reconcile the one with its folder';
  return [note('reconcile', what, `${reconcile}; then npm run verify -- ${server}${flag} --wait 5m`)];
}

function note(word: Note['word'], what: string, fix: string): Note {
  return { word, what, fix, isUrgent: true };
}

/** The start of a sentence about files: the first by name, and how many more there are. */
function isNot([first = '', ...more]: readonly string[]): string {
  if (more.length === 0) return `${first} is not`;
  return `${first} and ${more.length} more ${more.length === 1 ? 'file' : 'files'} are not`;
}
