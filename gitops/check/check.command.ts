import { join } from 'node:path';
import { colours } from '../../cli/colours';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { usageText } from '../../cli/usage';
import { pickPlatform, pickPlatforms, readPlatforms } from '../../model/platforms';
import { stopOnErrors } from '../../model/problem';
import { aboutSecrets } from '../../model/secret-place';
import { distinct } from '../../model/servers';
import { readTree, staleDist, wholeTree } from '../synth/dist';
import { synthesize } from '../synth/synthesize';
import type { ServerChanges } from '../tools/version-rule';
import { ownerProblems } from './owners';
import { stalePages } from './pages';
import { changesSince } from './since';
import { describeFailed, failedSteps, type Step } from './steps';

runCommand({
  usage: usageText({
    forms: {
      'npm run check': 'checks types, lint, the examples of your tools, declarations, dist/ and the generated pages',
    },
    flags: {
      '--rendered': 'checks only declarations, dist/ and the generated pages, in seconds',
      '--since <commit>':
        'also shows what changed for callers of the tools since then, and refuses a change that a version does not show',
      '--platform <name>': 'on this platform only',
    },
    notes: ['Needs no network and no cluster. Exits with 0 when everything passes, 1 otherwise.'],
    examples: ['npm run check -- --rendered', 'npm run check -- --since origin/main'],
  }),
  options: { rendered: { type: 'boolean' }, since: { type: 'string' }, platform: { type: 'string' } },
  run({ json = false, rendered = false, ...flags }) {
    const failed = rendered ? [] : failedSteps(root, json);
    try {
      checkOffline(json, flags, failed);
    } finally {
      // Their output is far above.
      for (const what of failed) console.error(describeFailed(what));
    }
    return failed.length === 0 ? 0 : 1;
  },
});

interface Selection {
  readonly since?: string | undefined;
  readonly platform?: string | undefined;
}

/** Checks declarations, `dist/` and the generated pages, and prints the result. @throws Problems */
function checkOffline(isJson: boolean, { since, platform }: Selection, failed: readonly Step[]): void {
  const platforms = readPlatforms(root);
  const limit = { platform: platform === undefined ? undefined : pickPlatform(platforms, platform).name };
  const { files, servers, tools, problems: found } = synthesize(root, platforms, limit, { now: new Date() });
  const changed = since === undefined ? undefined : changesSince(root, since, tools);
  if (changed && !isJson) console.log(describeChanges(since ?? '', changed.servers));
  const dist = readTree(join(root, 'dist'));
  const stale = staleDist(dist, files, limit);
  const problems = [
    ...found,
    ...stale,
    ...(changed?.problems ?? []),
    ...stalePages(root),
    ...ownerProblems(root, servers),
  ];
  stopOnErrors(problems);
  const count = distinct(servers).length;
  // As synth counts them: with the index, and with what a limit leaves as it is.
  const fileCount = wholeTree(files, dist, limit).size;
  const chosen = pickPlatforms(platforms, platform);
  const secrets = Object.fromEntries(chosen.map(({ name, secrets: { kind } }) => [name, kind]));
  const report = {
    platforms: chosen.map(({ name }) => name),
    secrets,
    servers: count,
    files: fileCount,
    changes: changed?.servers,
    failed,
    problems,
  };
  if (isJson) console.log(JSON.stringify(report, null, 2));
  else {
    if (problems.length > 0) console.error(describeProblems(problems));
    const where = platforms.length === 1 ? '' : ` on ${platform ?? `${platforms.length} platforms`}`;
    const counted = `${count} server${count === 1 ? '' : 's'}${where}, ${fileCount} files`;
    console.log(`✓ ${counted}: valid, and dist/ is up to date`);
    for (const line of chosen.flatMap((each) => aboutSecrets(each) ?? [])) console.log(`  ${line}`);
  }
}

/** One line per change. */
function describeChanges(since: string, servers: readonly ServerChanges[]): string {
  if (servers.length === 0) return `no tool has changed since ${since}`;
  const rows = servers.flatMap(({ server, before = 'new', after = 'removed', changes }) =>
    changes.map(({ tool, path, what, level }) => {
      const version = before === after ? before : `${before} → ${after}`;
      return [server, version, tool, path, what, coloured[level](level)];
    }),
  );
  return `${table(['server', 'version', 'tool', 'where', 'what', 'for callers'], rows)}\n`;
}

const coloured = { breaking: colours.red, addition: colours.yellow, wording: colours.dim };
