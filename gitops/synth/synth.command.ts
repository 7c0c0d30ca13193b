import { join } from 'node:path';
import pc from 'picocolors';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { type Change, changes, countsOf, indexOf, readTree, recoverTree, replaceTree, wholeTree } from './dist';
import { synthesize } from './synthesize';

runCommand({
  usage: [
    'npm run synth                 every server into dist/',
    'npm run synth -- <server> …   these alone; the files of the others stay as they are',
    '  --platform <name>           for one platform alone',
    '  --json                      the table for machines',
    '',
    'Exits with 0 when dist/ is what the sources say, 1 when nothing was written.',
  ].join('\n'),
  options: { platform: { type: 'string' } },
  run({ json, platform }, names) {
    const platforms = readPlatforms(root);
    const limit = { names, platform: platform === undefined ? undefined : pickPlatform(platforms, platform).name };
    const dist = join(root, 'dist');
    recoverTree(dist);
    const { files, problems } = synthesize(root, platforms, limit, {
      progress: json ? undefined : showProgress,
      now: new Date(),
    });
    const existing = readTree(dist);
    const wanted = wholeTree(files, existing, limit);
    const plan = changes(existing, wanted);
    if (plan.some(({ state }) => state !== 'unchanged')) replaceTree(dist, wanted, plan);
    const platformOf = new Map(indexOf(wanted).map((entry) => [entry.path, entry.platform]));
    const described = plan.map((change) => ({ ...change, platform: platformOf.get(change.path) }));
    console.log(json ? JSON.stringify({ files: described, problems }, null, 2) : describePlan(plan));
    if (!json && problems.length > 0) console.error(`\n${describeProblems(problems)}`);
    return 0;
  },
});

/** Lists every file when they fit on a screen, otherwise those that differ. Always ends with the counts. */
function describePlan(plan: readonly Change[]): string {
  const differing = plan.filter(({ state }) => state !== 'unchanged');
  const listed = plan.length <= 40 ? plan : differing.slice(0, 40);
  const rows = listed.map(({ path, state, size }) => [path, coloured[state](state), `${size} B`]);
  const more = differing.length > listed.length ? `… and ${differing.length - listed.length} more\n` : '';
  return `${table(['dist/', 'state', 'size'], rows)}\n${more}${countsOf(plan)}`;
}

const coloured = { new: pc.green, changed: pc.yellow, unchanged: pc.dim, removed: pc.red };

/** Shows progress in one line that overwrites itself, on a terminal and for many servers only. */
function showProgress(rendered: number, of: number): void {
  if (!process.stderr.isTTY || of < 100 || rendered % 50 !== 0) return;
  process.stderr.write(`\rrendering ${rendered} of ${of} servers\x1b[K`);
  if (rendered + 50 >= of) process.stderr.write('\r\x1b[K');
}
