import { shellWord } from '../../cli/shell-word';
import { workspaceOf } from '../../model/dns';
import type { Platform } from '../../model/platform';
import { Problem, Problems } from '../../model/problem';
import { git } from '../git/git';
import { freshDist } from '../synth/fresh';
import type { Checkout, Target } from './checkout';
import { commitProblems } from './commit';
import { costs, unusedRemovals } from './costs';
import { type OriginOf, originsAt, platformOf, serverOf } from './ownership';
import { type FileChange, unknownNames } from './plan';
import { planTarget, type TargetPlan } from './target';

/** What was asked for on the command line. */
export interface DeliverOptions {
  /** The checkout of the GitOps repository. @default - nothing is delivered there */
  readonly to?: string | undefined;
  /** The checkout of the repository with the DNS workspace. @default - nothing is delivered there */
  readonly dnsTo?: string | undefined;
  /** The servers; all of them when empty. */
  readonly names: readonly string[];
  readonly discard: readonly string[];
  readonly removeNamespaces: readonly string[];
  /** Whether it is to be carried out. */
  readonly writes: boolean;
  /** Whether it is to be committed there as well. */
  readonly commits: boolean;
  /** Whether nobody is there to read a warning. */
  readonly isCi: boolean;
}

/** What a delivery would do, and everything that is worth knowing before it does. */
export interface Delivery {
  readonly plans: readonly TargetPlan[];
  readonly problems: readonly Problem[];
  readonly originOf: OriginOf;
}

/**
 * Looks at the sources and at each target, and reports every problem at once. Writes nothing in a target.
 * @param platforms every platform there is, since `dist/` is made for all of them
 * @param platform the one that is delivered
 */
export function prepare(
  root: string,
  platforms: readonly Platform[],
  platform: Platform,
  options: DeliverOptions,
): Delivery {
  const problems: Problem[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      // Whatever is no problem is a defect, and goes on.
      if (!(error instanceof Problem || error instanceof Problems)) throw error;
      problems.push(...(error instanceof Problems ? error.list : [error]));
      return undefined;
    }
  };
  const originOf = originsAt(root);
  const names = options.names.length === 0 ? undefined : options.names;
  const planOptions = { names, root, discard: new Set(options.discard), originOf, platform };
  const source = attempt(() => freshDist(root, platforms));
  const targets = attempt(() => targetsOf(platform, options)) ?? targetsOf(platform, { to: options.to });
  const plans = targets.flatMap((target) => attempt(() => planTarget(target, source?.files ?? [], planOptions)) ?? []);
  // Without dist/ everything in a target would look removed: then only what is wrong with the target is told.
  if (source === undefined) {
    const own = plans.flatMap((plan) => plan.problems.filter(({ code }) => code === 'TARGET-GIT'));
    return { plans: [], problems: [...problems, ...own], originOf };
  }
  const known = [...new Set(plans.flatMap(({ servers }) => servers))];
  const changes = plans.flatMap((plan) => plan.changes);
  const removable = new Set(options.removeNamespaces);
  return {
    plans,
    originOf,
    problems: [
      ...problems,
      ...(options.writes ? uncommittedDist(root, options) : []),
      ...(plans.length > 0 ? unknownNames(options.names, known) : []),
      ...sourceProblems(source.problems, changes, platform, options),
      ...plans.flatMap((plan) => plan.problems.map((problem) => decided(problem, options))),
      ...(options.commits ? checkoutsOf(plans).flatMap((checkout) => commitProblems(checkout, platform)) : []),
      ...(options.commits ? branchesOfOurs(plans, platform) : []),
      ...costs(changes, removable),
      ...(plans.length === targets.length ? unusedRemovals(changes, removable) : []),
    ],
  };
}

/**
 * The places of a platform that a checkout is named for.
 * @throws Problem TARGET-PATH for a DNS workspace that the platform does not have
 */
export function targetsOf(platform: Platform, { to, dnsTo }: Pick<DeliverOptions, 'to' | 'dnsTo'>): readonly Target[] {
  const { repository, appsPath: base } = platform.gitops;
  const dns = workspaceOf(platform);
  if (dns === undefined && dnsTo !== undefined) throw withoutWorkspace(platform, dnsTo);
  const dnsTarget = dns && { repository: dns.repository, base: dns.workspace };
  return [
    ...(to === undefined ? [] : [{ option: '--to', repository, base, folder: to } as const]),
    ...(dnsTo === undefined || !dnsTarget ? [] : [{ option: '--dns-to', ...dnsTarget, folder: dnsTo } as const]),
  ];
}

function withoutWorkspace({ name, source: file, dns }: Platform, folder: string): Problem {
  const message = `Cannot deliver to --dns-to ${folder}: "${name}" has no DNS workspace, ${dns.none} gives its hosts their names`;
  const fix = 'leave out --dns-to, or declare the workspace in place of dns.none';
  return new Problem('TARGET-PATH', message, { file, path: 'dns.none', fix });
}

/**
 * What the sources have against this delivery: the problems of the servers that go out, on the platform that
 * they go to, and those of no server alone. A
 * fact of the other target is only worth knowing.
 */
function sourceProblems(
  problems: readonly Problem[],
  changes: readonly FileChange[],
  platform: Platform,
  { to, dnsTo }: DeliverOptions,
): readonly Problem[] {
  const going = new Set(changes.filter(({ after }) => after !== undefined).map(({ server }) => server));
  const elsewhere = new Set([to === undefined && 'SOURCE-UNSET', dnsTo === undefined && 'DNS-ZONE-UNSET']);
  return problems
    .filter(({ file = '' }) => serverOf(file) === undefined || going.has(serverOf(file)))
    .filter(({ file = '' }) => (platformOf(file) ?? platform.name) === platform.name)
    .map((problem) => {
      if (elsewhere.has(problem.code)) return problem.as('warning');
      return problem.level === 'delivery' ? problem.as('error') : problem;
    });
}

/** What could not be checked is for the person to decide who reads of it; where nobody does, nothing is committed. */
function decided(problem: Problem, { commits, isCi }: DeliverOptions): Problem {
  return problem.level === 'delivery' ? problem.as(commits && isCi ? 'error' : 'warning') : problem;
}

/** A delivery that was committed leaves its branch checked out: the next one would go on top of it. */
function branchesOfOurs(plans: readonly TargetPlan[], { tool }: Platform): readonly Problem[] {
  const ours = checkoutsOf(plans).filter(({ branch }) => branch?.startsWith(`${tool}/`));
  return ours.map(({ root, branch }) => {
    const message = `A commit would go on top of "${branch}", which an earlier delivery made`;
    const fix = `if the two are reviewed apart, start from the main branch: git -C ${shellWord(root)} switch <branch>`;
    return new Problem('TARGET-BRANCH', message, { file: root, fix, level: 'warning' });
  });
}

/** Each once: one checkout may be both targets. */
function checkoutsOf(plans: readonly TargetPlan[]): readonly Checkout[] {
  return [...new Map(plans.map(({ checkout }) => [checkout.root, checkout])).values()];
}

/** What goes out is in the history that reviews, and later runs, rely on: a commit has to be, files should be. */
function uncommittedDist(root: string, { commits }: DeliverOptions): readonly Problem[] {
  let message = 'dist/ has uncommitted changes';
  let next = 'commit dist/ with the change that caused it';
  try {
    if (git(root, ['status', '--porcelain', '--untracked-files=normal', '--', 'dist']) === '') return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // Whatever git has against this folder, the consequence is the same.
    message = `Nobody can tell whether dist/ is committed: ${error.message}`;
    next = error.fix;
  }
  const fix = `${next}${commits ? '; --write alone can do without' : ''}`;
  return [new Problem('DIST-UNCOMMITTED', message, { file: 'dist', fix, level: commits ? 'error' : 'warning' })];
}
