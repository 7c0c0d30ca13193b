import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, Problems } from '../../model/problem';
import { apply } from './apply';
import { openCheckout } from './checkout';
import { type Committed, commit, requireIdentity } from './commit';
import { costs, unusedRemovals } from './costs';
import { type Deliverable, deliverable } from './deliverable';
import { git } from './git';
import { type Uncommitted, uncommittedBelow } from './git-facts';
import { type FileChange, unknownNames } from './plan';
import { noteDelivered, type RenderedBefore, renderedBefore } from './rendered-before';
import { requireRightRepository } from './right-repository';
import { summaryOf } from './summary';
import { type Study, study, type Target } from './target';

/** What was asked for on the command line. */
export interface Order {
  /** The checkout of the GitOps repository. @default - nothing is delivered there */
  readonly to?: string;
  /** The checkout of the repository with the DNS workspace. @default - nothing is delivered there */
  readonly dnsTo?: string;
  /** The servers; all of them when empty. */
  readonly names: readonly string[];
  readonly discard: readonly string[];
  readonly removeNamespaces: readonly string[];
  /** Whether it is to be carried out. */
  readonly writes: boolean;
  /** Whether it is to be committed there as well. */
  readonly commits: boolean;
}

/** What a delivery would do, and everything that is worth knowing before it does. */
export interface Delivery {
  readonly studies: readonly Study[];
  readonly problems: readonly Problem[];
  readonly isRendered: RenderedBefore;
}

/** A target after a run, with the commit that was made in it, if one was. */
export interface Done {
  readonly study: Study;
  readonly committed?: Committed;
}

/** Looks at the sources and at each target, and reports every problem at once. Writes nothing in a target. */
export async function prepare(root: string, platform: Platform, order: Order): Promise<Delivery> {
  const problems: Problem[] = [];
  const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(...problemsIn(error));
      return undefined;
    }
  };
  const isRendered = renderedBefore(root);
  const names = order.names.length === 0 ? {} : { names: order.names };
  const wish = { ...names, discard: new Set(order.discard), isRendered, platform };
  const source = await attempt(() => deliverable(root));
  const targets = targetsOf(platform, order);
  const looked = targets.map((target) =>
    attempt(async () => {
      const found = await study(target, source?.files ?? [], wish);
      requireRightRepository(root, found.checkout, target);
      return found;
    }),
  );
  const studies = (await Promise.all(looked)).flatMap((found) => found ?? []);
  // Without dist/ everything in a target would look removed: then only what is wrong with the target is told.
  if (source === undefined) return { studies: [], problems: [...problems, ...studies.flatMap(own)], isRendered };
  const known = [...new Set(studies.flatMap(({ servers }) => servers))];
  const changed = studies.flatMap(({ changes }) => changes);
  const removable = new Set(order.removeNamespaces);
  return {
    studies,
    isRendered,
    problems: [
      ...problems,
      ...(order.writes ? uncommittedDist(root, order) : []),
      ...(studies.length > 0 ? unknownNames(order.names, known) : []),
      ...objectionsTo(source, changed, order),
      ...studies.flatMap((found) => found.problems),
      ...(order.commits ? branchesOfOurs(studies, platform) : []),
      ...costs(changed, removable),
      ...(studies.length === targets.length ? unusedRemovals(changed, removable) : []),
    ],
  };
}

/**
 * Writes what was prepared. When it fails, or is interrupted, the same command does the rest.
 * @throws Problem TARGET-WRITE, TARGET-PATH or TARGET-GIT
 */
export function carryOut(
  root: string,
  { studies, isRendered }: Delivery,
  { tool }: Platform,
  { commits }: { commits: boolean },
): readonly Done[] {
  if (commits) for (const { checkout } of studies) requireIdentity(checkout);
  const texts = studies.flatMap(({ changes }) =>
    changes.flatMap(({ state, after }) => (state === 'unchanged' ? [] : (after ?? []))),
  );
  noteDelivered(root, texts);
  return studies.map((study) => {
    const { checkout, changes, leftovers, target } = study;
    apply(checkout.root, changes);
    for (const path of leftovers) rmSync(join(checkout.root, path), { force: true });
    if (!commits) return { study };
    const sinceCommit = changesSinceCommit(study, uncommittedBelow(checkout.root, target.base), isRendered);
    const paths = sinceCommit.filter(({ state }) => state !== 'unchanged').map(({ path }) => path);
    const committed =
      // Looked at again: both targets may be one checkout, whose head the first of them has moved.
      paths.length === 0
        ? undefined
        : commit(openCheckout(checkout.root, target.option), paths, { tool, summary: summaryOf(sinceCommit) });
    return committed === undefined ? { study } : { study, committed };
  });
}

function targetsOf({ gitops, dns }: Platform, { to, dnsTo }: Order): readonly Target[] {
  return [
    ...(to === undefined
      ? []
      : [{ option: '--to', repository: gitops.repository, base: gitops.appsPath, folder: to } as const]),
    ...(dnsTo === undefined
      ? []
      : [{ option: '--dns-to', repository: dns.repository, base: dns.workspace, folder: dnsTo } as const]),
  ];
}

/** What speaks against the servers that go out; a fact of the other target alone is only worth knowing. */
function objectionsTo(
  { objections }: Deliverable,
  changes: readonly FileChange[],
  { to, dnsTo }: Order,
): readonly Problem[] {
  const going = new Set(changes.filter(({ after }) => after !== undefined).map(({ server }) => server));
  const isElsewhere = ({ code }: Problem) =>
    (code === 'SOURCE-UNSET' && to === undefined) || (code === 'DNS-ZONE-UNSET' && dnsTo === undefined);
  return objections
    .filter(({ server }) => server === undefined || going.has(server))
    .map(({ problem }) => (isElsewhere(problem) ? asWarning(problem) : problem));
}

/** The changes of a study as the last commit sees them, with the files of ours that an earlier run has deleted. */
function changesSinceCommit(
  { changes, wantedPaths, target, isChosen }: Study,
  uncommitted: ReadonlyMap<string, Uncommitted>,
  isRendered: RenderedBefore,
): readonly FileChange[] {
  const known = new Set(changes.map(({ path }) => path));
  const planned = changes.map(
    (change): FileChange => ({ ...change, state: uncommitted.get(change.path)?.state ?? 'unchanged' }),
  );
  const deleted = [...uncommitted].flatMap(([path, { deleted: blob }]): readonly FileChange[] => {
    if (blob === undefined || known.has(path) || wantedPaths.has(path) || !isRendered({ id: blob })) return [];
    const server = path.slice(target.base.length + 1).replace(/(\/[^/]*|\.tf\.json)$/, '');
    return isChosen(server) ? [{ path, server, state: 'removed' }] : [];
  });
  return [...planned, ...deleted];
}

/** A delivery that was committed leaves its branch checked out: the next one would go on top of it. */
function branchesOfOurs(studies: readonly Study[], { tool }: Platform): readonly Problem[] {
  const branches = new Map(studies.map(({ checkout }) => [checkout.root, checkout.branch ?? '']));
  return [...branches]
    .filter(([, branch]) => branch.startsWith(`${tool}/`))
    .map(
      ([root, branch]) =>
        new Problem('TARGET-BRANCH', `A commit would go on top of "${branch}", which an earlier delivery made`, {
          file: root,
          fix: `if the two are reviewed apart, start from the main branch: git -C ${root} switch <branch>`,
          level: 'warning',
        }),
    );
}

/** What goes out is in the history that reviews, and later runs, rely on: a commit has to be, files should be. */
function uncommittedDist(root: string, { commits }: Order): readonly Problem[] {
  const fix = 'commit dist/ with the change that caused it';
  const tell = (found: string) => [
    new Problem('DIST-UNCOMMITTED', `What goes out is in no history: ${found}`, {
      file: 'dist',
      fix: commits ? `${fix}; --write alone can do without` : fix,
      level: commits ? 'error' : 'warning',
    }),
  ];
  try {
    const differing = git(root, ['status', '--porcelain', '--untracked-files=normal', '--', 'dist']);
    return differing === '' ? [] : tell('dist/ differs from the last commit');
  } catch {
    // Whatever git has against this folder, the consequence is the same.
    return tell('this is no git repository');
  }
}

function asWarning(problem: Problem): Problem {
  const { code, message, file, path, fix } = problem;
  return new Problem(code, message, { fix, level: 'warning', ...(file ? { file } : {}), ...(path ? { path } : {}) });
}

/** What is wrong with a checkout whatever is delivered. */
function own({ problems }: Study): readonly Problem[] {
  return problems.filter(({ code }) => code === 'TARGET-GIT');
}

/** The problems that an error is made of; whatever is none is a defect and goes on. */
export function problemsIn(error: unknown): readonly Problem[] {
  if (error instanceof Problems) return error.list;
  if (error instanceof Problem) return [error];
  throw error;
}
