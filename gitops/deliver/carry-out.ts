import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { blobTexts } from '../git/git';
import { apply } from './apply';
import { openCheckout } from './checkout';
import { type Committed, commit, summaryOf } from './commit';
import { type Uncommitted, uncommittedBelow } from './git-facts';
import { type OriginOf, sourceOf } from './ownership';
import type { FileChange } from './plan';
import type { Delivery } from './prepare';
import type { TargetPlan } from './target';

/** A target after a run, and the commit that the run made, if any. */
export interface Delivered {
  readonly plan: TargetPlan;
  readonly committed?: Committed;
}

/**
 * Writes the prepared changes. After a failure or an interruption, running the same command again completes them.
 * @param root the root of this repository
 * @throws Problem TARGET-WRITE, TARGET-PATH or TARGET-GIT
 */
export function carryOut(
  root: string,
  { plans, originOf }: Delivery,
  { tool, name, flag }: Platform,
  { commits }: { commits: boolean },
): readonly Delivered[] {
  return plans.map((plan) => {
    const { checkout, changes, leftovers, target } = plan;
    apply(checkout.root, changes);
    for (const path of leftovers) rmSync(join(checkout.root, path), { force: true });
    if (!commits) return { plan };
    const sinceCommit = changesSinceCommit(plan, uncommittedBelow(checkout.root, target.base), originOf, tool);
    const paths = sinceCommit.filter(({ state }) => state !== 'unchanged').map(({ path }) => path);
    if (paths.length === 0) return { plan };
    // Reopened, because both targets may be one checkout, whose HEAD the first commit has moved.
    const summary = summaryOf(sinceCommit, flag === '' ? '' : `${name}: `);
    const committed = commit(openCheckout(target, root), paths, { tool, summary });
    return committed === undefined ? { plan } : { plan, committed };
  });
}

/** The changes of a plan relative to the last commit, including our files that an earlier run deleted. */
function changesSinceCommit(
  { changes, checkout, wantedPaths, target, isChosen }: TargetPlan,
  uncommitted: ReadonlyMap<string, Uncommitted>,
  originOf: OriginOf,
  tool: string,
): readonly FileChange[] {
  const known = new Set([...wantedPaths, ...changes.map(({ path }) => path)]);
  const stateOf = (path: string): FileChange['state'] => uncommitted.get(path)?.state ?? 'unchanged';
  const planned = changes.map((change) => ({ ...change, state: stateOf(change.path) }));
  const gone = [...uncommitted].flatMap(([path, { deleted: id }]) =>
    id === undefined || known.has(path) ? [] : [{ path, id }],
  );
  const texts = blobTexts(
    checkout.root,
    gone.map(({ id }) => id),
  );
  const deleted = gone.flatMap(({ path }, index): readonly FileChange[] => {
    const text = texts[index] ?? '';
    if (sourceOf(text, path, tool) === undefined || originOf(text) !== 'rendered') return [];
    const server = path.slice(target.base.length + 1).replace(/(\/[^/]*|\.tf\.json)$/, '');
    return isChosen(server) ? [{ path, server, state: 'removed' }] : [];
  });
  return [...planned, ...deleted];
}
