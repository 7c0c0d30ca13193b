import { join } from 'node:path';
import pc from 'picocolors';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { pickPlatform, pickPlatforms, readPlatforms } from '../../model/platforms';
import { stopOnErrors } from '../../model/problem';
import { aboutSecrets } from '../../model/secret-place';
import { distinct } from '../../model/servers';
import { readTree, staleDist } from '../synth/dist';
import { synthesize } from '../synth/synthesize';
import type { ServerChanges } from '../tools/version-rule';
import { changesSince } from './since';

runCommand({
  usage: [
    "npm run check                      types, your tools' examples, lint, and then what this command does",
    'npm run check -- --since <commit>  also what has changed for callers of the tools, and that versions say so',
    '  …/check.command.ts               the offline checks, and that dist/ is what the sources say',
    '    --platform <name>              of one platform alone; --json for machines',
  ].join('\n'),
  options: { since: { type: 'string' }, platform: { type: 'string' } },
  run({ json, since, platform }) {
    const platforms = readPlatforms(root);
    const limit = { platform: platform === undefined ? undefined : pickPlatform(platforms, platform).name };
    const { files, servers, tools, problems: found } = synthesize(root, platforms, limit, { now: new Date() });
    const changed = since === undefined ? undefined : changesSince(root, since, tools);
    if (changed && !json) console.log(describeChanges(since ?? '', changed.servers));
    const stale = staleDist(readTree(join(root, 'dist')), files, limit);
    const problems = [...found, ...stale, ...(changed?.problems ?? [])];
    stopOnErrors(problems);
    const count = distinct(servers).length;
    const chosen = pickPlatforms(platforms, platform);
    const secrets = Object.fromEntries(chosen.map(({ name, secrets: { kind } }) => [name, kind]));
    const report = {
      platforms: chosen.map(({ name }) => name),
      secrets,
      servers: count,
      files: files.length,
      changes: changed?.servers,
      problems,
    };
    if (json) console.log(JSON.stringify(report, null, 2));
    else {
      if (problems.length > 0) console.error(describeProblems(problems));
      const where = platforms.length === 1 ? '' : ` on ${platform ?? `${platforms.length} platforms`}`;
      const counted = `${count} server${count === 1 ? '' : 's'}${where}, ${files.length} files`;
      console.log(`✓ ${counted}: valid, and dist/ is up to date`);
      for (const line of chosen.flatMap((each) => aboutSecrets(each) ?? [])) console.log(`  ${line}`);
    }
    return 0;
  },
});

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

const coloured = { breaking: pc.red, addition: pc.yellow, wording: pc.dim };
