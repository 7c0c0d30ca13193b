import { relative } from 'node:path';
import pc from 'picocolors';
import { countsOf } from '../synth/dist';
import type { Committed } from './commit';
import { redactedDiff, type SealedOf } from './redacted-diff';
import type { TargetPlan } from './target';

/** How many changes are shown whole; a review of more is one of their list. */
const shownWhole = 100;

/** What a delivery would do to one target, for a person: every change as a diff, then the counts. */
export function describePlan({ target, checkout, changes }: TargetPlan, sealedOf: SealedOf): string {
  const differing = changes.filter(({ state }) => state !== 'unchanged');
  const diffs = differing.slice(0, shownWhole).map((change) => coloured(redactedDiff(change, sealedOf)));
  const listed = differing.slice(shownWhole).map(({ path, state }) => `${marks[state]} ${path}`);
  const place = `${target.repository}/${target.base} in ${checkout.root}`;
  return [...diffs, ...listed, `${pc.bold(place)}: ${countsOf(changes) || 'nothing of ours'}`].join('\n');
}

/** What was done to one target, and what is left to a person. */
export function describeDelivered(
  { target, checkout, changes }: TargetPlan,
  committed: Committed | undefined,
  commits: boolean,
): string {
  const there = relative('', checkout.root) || '.';
  const start = `${pc.green('✓')} ${target.repository} in ${there}:`;
  const written = counted(changes, ['new', 'changed'], 'written');
  const files = [...written, ...counted(changes, ['removed'], 'removed')];
  if (committed !== undefined) {
    const { branch, commit, from } = committed;
    const origin = from === undefined ? 'a detached head' : `branch ${from}`;
    const done = [...files, `committed as ${commit.slice(0, 12)} on ${branch}, from ${origin}`].join(', ');
    return `${start} ${done}\n  git -C ${there} push -u origin ${branch}`;
  }
  if (commits) return `${start} ${[...files, 'nothing to commit'].join(', ')}`;
  return files.length === 0 ? `${start} nothing to write` : `${start} ${files.join(', ')}\n  git -C ${there} status`;
}

function counted(changes: TargetPlan['changes'], states: readonly string[], done: string): string[] {
  const count = changes.filter(({ state }) => states.includes(state)).length;
  return count === 0 ? [] : [`${count} file${count === 1 ? '' : 's'} ${done}`];
}

/** A plan for machines: the same diffs, without colours, and as many as there are. */
export function planJson({ target, checkout, changes }: TargetPlan, sealedOf: SealedOf, committed?: Committed) {
  return {
    repository: target.repository,
    checkout: checkout.root,
    changes: changes.map((change) => {
      const { path, state, server } = change;
      return { path, state, server, diff: state === 'unchanged' ? undefined : redactedDiff(change, sealedOf) };
    }),
    ...committed,
  };
}

const marks = { new: '+', changed: '~', removed: '-', unchanged: '=' };

function coloured(patch: string): string {
  return patch
    .split('\n')
    .map((line) => {
      if (line.startsWith('---') || line.startsWith('+++')) return pc.bold(line);
      if (line.startsWith('@@')) return pc.cyan(line);
      if (line.startsWith('+')) return pc.green(line);
      return line.startsWith('-') ? pc.red(line) : line;
    })
    .join('\n');
}
