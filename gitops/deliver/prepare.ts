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

/** The parsed command line. */
export interface DeliverOptions {
  /** The checkout of the GitOps repository. @default - nothing is delivered there */
  readonly to?: string | undefined;
  /** The checkout of the repository with the DNS workspace. @default - nothing is delivered there */
  readonly dnsTo?: string | undefined;
  /** The servers; all of them when empty. */
  readonly names: readonly string[];
  readonly discard: readonly string[];
  readonly removeNamespaces: readonly string[];
  /** Whether to write the files. */
  readonly writes: boolean;
  /** Whether to commit them as well. */
  readonly commits: boolean;
  /** Whether this runs unattended, so that warnings may go unread. */
  readonly isCi: boolean;
}

/** The plans of a delivery, and the problems found before it runs. */
export interface Delivery {
  readonly plans: readonly TargetPlan[];
  readonly problems: readonly Problem[];
  readonly originOf: OriginOf;
}

/**
 * Inspects the sources and every target, and reports all problems together. Writes nothing in a target.
 * @param platforms all declared platforms, because `dist/` is rendered for all of them
 * @param platform the platform to deliver
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
      // Anything else is a defect.
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
  // Without dist/ every file in a target would look removed, so report only the problems of the target itself.
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
      ...plans.flatMap((plan) => plan.problems.map((problem) => resolved(problem, options))),
      ...(options.commits ? checkoutsOf(plans).flatMap((checkout) => commitProblems(checkout, platform)) : []),
      ...(options.commits ? branchesOfOurs(plans, platform) : []),
      ...costs(changes, removable),
      ...(plans.length === targets.length ? unusedRemovals(changes, removable) : []),
    ],
  };
}

/**
 * The targets of a platform for which a checkout was named.
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
  const message = `Cannot deliver to --dns-to ${folder}: "${name}" has no DNS workspace; its host names come from ${dns.none}`;
  const fix = 'leave out --dns-to, or declare a workspace instead of dns.none';
  return new Problem('TARGET-PATH', message, { file, path: 'dns.none', fix });
}

/**
 * The problems of the sources that affect this delivery: those of the delivered servers on this platform, and those that
 * belong to no server. A problem of a target that was not named is only a warning.
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

/** Turns level `delivery` into a warning for a person to judge, or into an error for an unattended commit. */
function resolved(problem: Problem, { commits, isCi }: DeliverOptions): Problem {
  return problem.level === 'delivery' ? problem.as(commits && isCi ? 'error' : 'warning') : problem;
}

/** A committed delivery leaves its branch checked out, so the next commit would build on it. */
function branchesOfOurs(plans: readonly TargetPlan[], { tool }: Platform): readonly Problem[] {
  const ours = checkoutsOf(plans).filter(({ branch }) => branch?.startsWith(`${tool}/`));
  return ours.map(({ root, branch }) => {
    const message = `The commit would build on "${branch}", the branch of an earlier delivery`;
    const fix = `to review them separately, start from the main branch: git -C ${shellWord(root)} switch <branch>`;
    return new Problem('TARGET-BRANCH', message, { file: root, fix, level: 'warning' });
  });
}

/** The checkouts without duplicates: one checkout may be both targets. */
function checkoutsOf(plans: readonly TargetPlan[]): readonly Checkout[] {
  return [...new Map(plans.map(({ checkout }) => [checkout.root, checkout])).values()];
}

/** Reviews and later runs rely on the history of `dist/`: an error before a commit, a warning before writing files. */
function uncommittedDist(root: string, { commits }: DeliverOptions): readonly Problem[] {
  let message = 'dist/ has uncommitted changes';
  let next = 'commit dist/ with the change that caused it';
  try {
    if (git(root, ['status', '--porcelain', '--untracked-files=normal', '--', 'dist']) === '') return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    message = `Cannot tell whether dist/ is committed: ${error.message}`;
    next = error.fix;
  }
  const fix = `${next}${commits ? '; --write without --commit does not need it' : ''}`;
  return [new Problem('DIST-UNCOMMITTED', message, { file: 'dist', fix, level: commits ? 'error' : 'warning' })];
}
