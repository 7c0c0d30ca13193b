import { join } from 'node:path';
import { colours, showProgress } from '../../cli/colours';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { usageText } from '../../cli/usage';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { type Change, changes, countsOf, indexOf, readTree, recoverTree, replaceTree, wholeTree } from './dist';
import { synthesize } from './synthesize';

runCommand({
  usage: usageText({
    forms: { 'npm run synth [-- <server> …]': 'renders servers into dist/' },
    flags: { '--platform <name>': 'on this platform only', '--json': 'the table in JSON' },
    notes: [
      'Without a name it renders every server; with names, the files of the others stay unchanged. Exits with 0 when dist/ matches the sources, 1 when it wrote nothing.',
    ],
    examples: ['npm run synth', 'npm run synth -- weather --platform staging'],
  }),
  options: { platform: { type: 'string' } },
  run({ json, platform }, names) {
    const platforms = readPlatforms(root);
    const limit = { names, platform: platform === undefined ? undefined : pickPlatform(platforms, platform).name };
    const dist = join(root, 'dist');
    recoverTree(dist);
    const { files, problems } = synthesize(root, platforms, limit, {
      progress: json ? undefined : showRendered,
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

const coloured = { new: colours.green, changed: colours.yellow, unchanged: colours.dim, removed: colours.red };

/** Shows progress for many servers only. */
function showRendered(rendered: number, of: number): void {
  if (of >= 100 && rendered % 50 === 0)
    showProgress(rendered + 50 >= of ? '' : `rendering ${rendered} of ${of} servers`);
}
