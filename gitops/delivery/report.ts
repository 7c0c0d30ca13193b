import { relative } from 'node:path';
import pc from 'picocolors';
import type { Committed } from './commit';
import type { Study } from './target';
import { type SealedOf, told } from './told';

/** How many changes are shown whole; a review of more is one of their list. */
const shownWhole = 100;

/** What a delivery would do to one target, for a person: every change as a diff, then the counts. */
export function describeStudy({ target, checkout, changes }: Study, sealedOf: SealedOf): string {
  const differing = changes.filter(({ state }) => state !== 'unchanged');
  const diffs = differing.slice(0, shownWhole).map((change) => coloured(told(change, sealedOf)));
  const listed = differing.slice(shownWhole).map(({ path, state }) => `${marks[state]} ${path}`);
  const counts = (['new', 'changed', 'removed', 'unchanged'] as const)
    .map((state) => [changes.filter((change) => change.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  const place = `${target.repository}/${target.base} in ${checkout.root}`;
  return [...diffs, ...listed, `${pc.bold(place)}: ${counts.join(', ') || 'nothing of ours'}`].join('\n');
}

/** What was done to one target, and what is left to a person. */
export function describeDone(
  { target, checkout, changes }: Study,
  committed: Committed | undefined,
  commits: boolean,
): string {
  const written = changes.filter(({ state }) => state !== 'unchanged').length;
  const there = relative('', checkout.root) || '.';
  const files = `${written} file${written === 1 ? '' : 's'}`;
  if (committed !== undefined) {
    const { branch, commit } = committed;
    return `${pc.green('✓')} ${target.repository}: ${files} written, committed as ${commit.slice(0, 12)} on ${branch}\n  git -C ${there} push -u origin ${branch}`;
  }
  if (commits) return `${pc.green('✓')} ${target.repository}: nothing to commit`;
  return `${pc.green('✓')} ${target.repository}: ${files} written${written > 0 ? `\n  git -C ${there} diff` : ''}`;
}

/** A study for machines: the same diffs, without colours, and as many as there are. */
export function studyJson({ target, checkout, changes }: Study, sealedOf: SealedOf, committed?: Committed) {
  return {
    repository: target.repository,
    checkout: checkout.root,
    changes: changes.map(({ path, state, server, ...texts }) => ({
      path,
      state,
      ...(server === undefined ? {} : { server }),
      ...(state === 'unchanged'
        ? {}
        : { diff: told({ path, state, ...(server === undefined ? {} : { server }), ...texts }, sealedOf) }),
    })),
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
