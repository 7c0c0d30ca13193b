import { relative } from 'node:path';
import { colours } from '../../cli/colours';
import { shellWord } from '../../cli/shell-word';
import { countsOf } from '../synth/dist';
import type { Delivered } from './carry-out';
import type { FileChange } from './plan';
import { redactedDiff, type SealedOf } from './redacted-diff';
import type { TargetPlan } from './target';

/** How many changes are shown as diffs; the rest are listed by path. */
const shownWhole = 100;

/** The plan for one target as text: every change as a diff, then the counts. */
export function describePlan({ target, checkout, changes }: TargetPlan, sealedOf: SealedOf): string {
  const differing = changes.filter(({ state }) => state !== 'unchanged');
  const diffs = differing.slice(0, shownWhole).map((change) => coloured(redactedDiff(change, sealedOf)));
  const listed = differing.slice(shownWhole).map(({ path, state }) => `${marks[state]} ${path}`);
  const place = `${target.repository}/${target.base} in ${checkout.root}`;
  return [...diffs, ...listed, `${colours.bold(place)}: ${countsOf(changes) || 'nothing of ours'}`].join('\n');
}

/** The result in one target as text, and the next command to run. */
export function describeDelivered({ plan, committed }: Delivered, commits: boolean): string {
  const { target, checkout, changes } = plan;
  const there = shellWord(relative('', checkout.root) || '.');
  const files = [...counted(changes, ['new', 'changed'], 'written'), ...counted(changes, ['removed'], 'removed')];
  const line = (done: readonly string[], next = '') =>
    `${colours.green('✓')} ${target.repository} in ${there}: ${done.join(', ')}${next && `\n  git -C ${there} ${next}`}`;
  if (committed !== undefined) {
    const { branch, commit, from } = committed;
    const origin = from === undefined ? 'a detached HEAD' : `branch ${from}`;
    const done = `committed as ${commit.slice(0, 12)} on ${branch}, from ${origin}`;
    return line([...files, done], `push -u origin ${branch}`);
  }
  if (commits) return line([...files, 'nothing to commit']);
  return files.length === 0 ? line(['nothing to write']) : line(files, 'status');
}

function counted(changes: readonly FileChange[], states: readonly string[], done: string): string[] {
  const count = changes.filter(({ state }) => states.includes(state)).length;
  return count === 0 ? [] : [`${count} file${count === 1 ? '' : 's'} ${done}`];
}

/** The result in one target for `--json`: every diff, without colours. */
export function planJson({ plan: { target, checkout, changes }, committed }: Delivered, sealedOf: SealedOf) {
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

/** A unified diff in git's colours. */
export function coloured(patch: string): string {
  const lines = patch.split('\n').map((line) => {
    if (/^(---|\+\+\+)/.test(line)) return colours.bold(line);
    if (line.startsWith('@@')) return colours.cyan(line);
    if (line.startsWith('+')) return colours.green(line);
    return line.startsWith('-') ? colours.red(line) : line;
  });
  return lines.join('\n');
}
