import { colours } from '../../cli/colours';
import { describeProblems } from '../../cli/command';
import { parseImage } from '../../model/image';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { readSealedOf } from '../../model/servers';
import type { Server } from '../../model/spec';
import { ownCheckout } from '../deliver/checkout';
import { commit, commitProblems } from '../deliver/commit';
import { redactedDiff, type SealedOf } from '../deliver/redacted-diff';
import { coloured } from '../deliver/report';
import { git, zeroSeparated } from '../git/git';
import type { Bump } from './bump';
import { renderBumps } from './rendered';

/** The inputs and flags of a run. */
export interface BumpSettings {
  readonly root: string;
  readonly platforms: readonly Platform[];
  readonly servers: readonly Server[];
  /** Whether to commit the change on a new branch. */
  readonly commits: boolean;
  /** @default - the differences as text */
  readonly json?: boolean | undefined;
}

/**
 * Renders, shows and writes bumps: all declarations and `dist/`, or nothing.
 * @param warnings to report with the bumps, such as for a skipped image
 * @returns the exit code
 * @throws Problems when a declaration does not render, or, with `commits`, when there are other uncommitted changes
 */
export function carryOutBumps(settings: BumpSettings, bumps: readonly Bump[], warnings: readonly Problem[]): number {
  const { root, platforms, commits, json } = settings;
  const changing = bumps.filter(({ from, to }) => from !== to);
  const same = bumps.filter(({ from, to }) => from === to).map(({ server, to }) => `${server} already runs ${to}`);
  if (changing.length === 0) {
    if (json) console.log(JSON.stringify({ bumps: [], changes: [], problems: warnings }, null, 2));
    else console.log([...same, 'Nothing to change.'].join('\n'));
    if (!json && warnings.length > 0) console.error(describeProblems(warnings));
    return 0;
  }
  if (commits) requireClean(root, platforms[0]?.tool ?? '');
  const { changes, problems, write } = renderBumps(root, platforms, changing);
  const diffs = changes.map((change) => ({
    ...change,
    diff: redactedDiff(change, sealedOn(settings, change.platform)),
  }));
  write();
  const paths = changes.map(({ path }) => path);
  const summary = summaryOfBumps(changing);
  const committed = commits ? commit(ownCheckout(root), paths, { tool: platforms[0]?.tool ?? '', summary }) : undefined;
  const all = [...warnings, ...problems];
  if (json) {
    const shown = diffs.map(({ path, state, server, diff }) => ({ path, state, server, diff }));
    console.log(
      JSON.stringify({ bumps: changing.map(forMachines), changes: shown, problems: all, ...committed }, null, 2),
    );
    return 0;
  }
  // The index changes with every file and adds no information.
  const shown = diffs.filter(({ path }) => path !== 'dist/index.json').map(({ diff }) => coloured(diff));
  const next =
    committed === undefined ? 'review, and commit servers/ and dist/ together' : `committed on ${committed.branch}`;
  const done = changing.map(
    ({ server, runsOn, from, to }) => `${colours.green('✓')} ${server} on ${runsOn.join(', ')}: ${from} → ${to}`,
  );
  console.log([...shown, ...same, ...done, `${paths.length} files written; ${next}`].join('\n'));
  if (all.length > 0) console.error(describeProblems(all));
  return 0;
}

/** Summarises bumps in one line of at most 72 characters: `Run a 1.0.1 and b 2.0.0`, or a count if that is too long. */
function summaryOfBumps(bumps: readonly Pick<Bump, 'server' | 'to' | 'platform'>[]): string {
  const named = bumps.map(({ server, to, platform }) => {
    const { tag, digest = '' } = parseImage(to) ?? {};
    return `${server} ${tag ?? digest.slice(0, 19)}${platform === undefined ? '' : ` on ${platform}`}`;
  });
  const whole = `Run ${named.join(', ').replace(/, ([^,]*)$/, ' and $1')}`;
  return whole.length <= 72 ? whole : `Run new images of ${bumps.length} servers`;
}

/** Looks up the sealed values of servers on a platform, to describe ciphertexts in diffs. */
function sealedOn({ root, servers }: BumpSettings, platform: string | undefined): SealedOf {
  return (name) => {
    const server = servers.find((other) => other.name === name && other.platform.name === platform);
    return server === undefined ? new Map() : readSealedOf(server, root).sealed;
  };
}

function forMachines({ server, file, platform, runsOn, from, to, isOlder }: Bump) {
  return { server, file, platform, runsOn, from, to, isOlder };
}

/** Rejects other uncommitted changes in the folders that the commit is made of, so that it contains only the bumps. */
function requireClean(root: string, tool: string): void {
  const args = ['--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--', 'servers', 'platforms', 'dist'];
  const changed = zeroSeparated(git(root, ['status', ...args])).map((line) => line.slice(3));
  const fix = 'commit servers/, platforms/ and dist/ first; without --commit the bump is written next to these changes';
  stopOnErrors([
    ...commitProblems(ownCheckout(root), { tool }),
    ...changed.map((file) => {
      const message = `Cannot commit only the bump: ${file} has uncommitted changes`;
      return new Problem('DIST-UNCOMMITTED', message, { file, fix });
    }),
  ]);
}
