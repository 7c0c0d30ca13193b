import { shellWord } from '../../cli/shell-word';
import type { Platform } from '../../model/platform';
import type { Problem } from '../../model/problem';

/** Whether `dist/` is up to date with the sources, and committed. */
export interface Rendered {
  readonly state: 'same' | 'stale' | 'uncommitted';
  /** The stale or uncommitted files, relative to the root of the repository. */
  readonly files: readonly string[];
}

/** How the checkout of a target compares with `dist/`. */
export interface Delivered {
  /** `absent`: it has no file of the server. `unmerged`: it is up to date, on a branch that a delivery created. */
  readonly state: 'same' | 'absent' | 'differs' | 'uncommitted' | 'unmerged';
  /** The checkout, as given on the command line. */
  readonly folder: string;
  /** @default - the head is detached */
  readonly branch?: string | undefined;
  /** The files that differ or are uncommitted, relative to the root of the checkout. */
  readonly files: readonly string[];
  /** The image that the checkout carries. @default - none, or this target names no image */
  readonly image?: string | undefined;
  /** The problems that block a delivery. */
  readonly problems: readonly Problem[];
}

/** What answers at the server's address. */
export interface Running {
  /** `inside`: it has no address outside the cluster. `up`: it answers, but shows its tools only with a token. */
  readonly state: 'same' | 'differs' | 'up' | 'down' | 'inside';
  /** The version that it reports. @default - it reports none */
  readonly version?: string | undefined;
  /** @default - nothing is wrong */
  readonly problem?: Problem | undefined;
}

/** One server on one platform, from the declaration to what runs. */
export interface Row {
  /** @default - the files that all servers share */
  readonly server?: string | undefined;
  /** @default - the files that all platforms share */
  readonly platform?: Pick<Platform, 'name' | 'flag'> | undefined;
  /** Where its secrets are and what that means for its pods. @default - sealed in this repository; pods restart on a change */
  readonly secrets?: string | undefined;
  /** @default - it is no longer declared there, or the row is not about a single server */
  readonly declared?: Declared | undefined;
  /** Whether a rotation of its worker secret is under way. */
  readonly isRotating?: boolean;
  readonly rendered: Rendered;
  /** @default - not checked */
  readonly delivered?: Delivered | undefined;
  /** @default - not checked */
  readonly dns?: Delivered | undefined;
  /** @default - not checked */
  readonly running?: Running | undefined;
}

interface Declared {
  readonly image: string;
  readonly runtime: 'st-app' | 'plain';
  /** The version of its tools. @default - its image is built elsewhere */
  readonly version?: string | undefined;
  /** A platform that declares a newer image of it. @default - none */
  readonly newerOn?: string | undefined;
}

/** A difference, and what to do about it. */
export interface Note {
  /** The next step in one word, for a narrow column. */
  readonly word: 'synth' | 'commit' | 'deliver' | 'merge' | 'reconcile' | 'verify' | 'promote' | 'finish';
  readonly what: string;
  readonly fix: string;
  /** Whether it needs action. */
  readonly isUrgent: boolean;
}

/** The differences of a row, in the order in which a change travels; empty when everything is as declared. */
export function notesOf(row: Row): readonly Note[] {
  const pending = [...renderedNotes(row.rendered), ...deliveredNotes(row)];
  return [...pending, ...runningNotes(row, pending.length > 0), ...rotationNotes(row)];
}

function renderedNotes({ state, files }: Rendered): readonly Note[] {
  if (state === 'same') return [];
  const what = `${areNot(files)} ${state === 'stale' ? 'up to date with the sources' : 'committed'}`;
  return state === 'stale'
    ? [{ word: 'synth', what, fix: 'npm run synth, and commit dist/ with the change that caused it', isUrgent: true }]
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
      return [note('commit', `${areNot(files)} committed in ${folder}`, `${git} status, and commit it there`)];
    if (state === 'unmerged') {
      const fix = `merge it, then ${git} switch to the main branch and ${git} pull`;
      return [note('merge', `${folder} has the change only on the branch "${branch}"`, fix)];
    }
    const command = `npm run deliver --${platform?.flag ?? ''} ${option} ${there} ${server}`.trim();
    const what =
      state === 'absent' ? `${areNot(files)} in ${folder}` : `${areNot(files)} the same in ${folder} as in dist/`;
    return [note('deliver', what, command)];
  });
}

function runningNotes({ server = '', platform, declared, running }: Row, isPending: boolean): readonly Note[] {
  const { state, problem } = running ?? {};
  if (problem === undefined) return [];
  const what = `${problem.code}  ${problem.message}`;
  const flag = platform?.flag ?? '';
  if (state === 'down') return [note('verify', what, problem.fix)];
  if (declared?.newerOn !== undefined) {
    // The sources belong to the newer image.
    const fix = `nothing, or npm run bump -- ${server} --from ${declared.newerOn} --to ${platform?.name}`;
    return [{ ...note('promote', `${what}; ${declared.newerOn} declares a newer image`, fix), isUrgent: false }];
  }
  // A change that is not delivered yet cannot run.
  if (isPending) return [];
  const reconcile =
    declared?.runtime === 'st-app'
      ? `flux reconcile helmrelease ${server} -n ${server} --with-source`
      : 'flux get kustomizations -A, and flux reconcile the one with its folder';
  return [note('reconcile', what, `${reconcile}; then npm run verify -- ${server}${flag} --wait 5m`)];
}

function rotationNotes({ server, platform, isRotating = false }: Row): readonly Note[] {
  if (!isRotating) return [];
  const fix = `npm run seal -- status ${server}${platform?.flag ?? ''} shows the steps that are left`;
  return [{ word: 'finish', what: 'a rotation of its worker secret is under way', fix, isUrgent: false }];
}

function note(word: Note['word'], what: string, fix: string): Note {
  return { word, what, fix, isUrgent: true };
}

/** Starts a sentence about files: the name of the first, and how many more there are. */
function areNot([first = '', ...more]: readonly string[]): string {
  if (more.length === 0) return `${first} is not`;
  return `${first} and ${more.length} more ${more.length === 1 ? 'file' : 'files'} are not`;
}
