import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { usageText } from '../../cli/usage';
import { Problem, printable } from '../../model/problem';
import { git } from '../git/git';
import { carryOut } from './carry-out';
import { newsSince } from './changelog';
import { planUpgrade, type UpgradePlan } from './plan';

void runCommand({
  usage: usageText({
    forms: {
      'npm run upgrade -- <path or address>': 'brings everything but your folders to a newer release, in one commit',
    },
    flags: {
      '--ref <branch, tag or commit>': 'the release; without it, HEAD',
      '--from <commit>': 'the release that this repository is a copy of, where git cannot tell',
      '--dry-run': 'only shows what would change',
    },
    notes: [
      'servers/ and platforms/ stay unchanged, packages of your tools are kept, dist/ is rendered again. Runs synth, check and the tests of the release in a separate worktree, and commits here only when all of them pass.',
    ],
    examples: ['npm run upgrade -- ../mcp-servers-upstream --ref v2.0.0 --dry-run'],
  }),
  options: { ref: { type: 'string' }, from: { type: 'string' }, 'dry-run': { type: 'boolean' } },
  run({ ref = 'HEAD', from, 'dry-run': isDry, json }, [source]) {
    if (source === undefined) {
      throw new Problem('USAGE', 'Cannot upgrade: no release is named', {
        fix: 'npm run upgrade -- <path or address>; --help shows every form',
      });
    }
    const plan = planUpgrade(root, { source, ref, from });
    const { release, written, removed, kept } = plan;
    const rows = [
      ...written.map((path) => ['written', printable(path)]),
      ...removed.map((path) => ['removed', printable(path)]),
      ...kept.map((path) => ['kept, changed here', printable(path)]),
    ];
    if (!json && rows.length > 0) console.log(table(['what happens', 'file'], rows));
    if (release === plan.base) {
      console.log(json ? JSON.stringify({ ...plan, commit: null }) : `already at ${release.slice(0, 12)}`);
      return 0;
    }
    const news = newsOf(plan);
    if (!json && news !== '') console.log(`\nWhat is new (CHANGELOG.md)\n\n${news}\n`);
    const commit = isDry ? null : carryOut(root, plan, (step) => process.stderr.write(`${step} …\n`));
    if (json) console.log(JSON.stringify({ ...plan, news, commit }, null, 2));
    else if (commit) console.log(`commit ${commit.slice(0, 12)}; run npm ci, and review it with git show --stat`);
    return 0;
  },
});

/** What the changelog of the release says about the changes that come with it. */
function newsOf({ base, release }: UpgradePlan): string {
  const [before, after] = [base, release].map((commit) => {
    const isThere = git(root, ['ls-tree', '--name-only', commit, '--', 'CHANGELOG.md']).trim() !== '';
    return isThere ? git(root, ['show', `${commit}:CHANGELOG.md`]) : '';
  });
  return printable(newsSince(after ?? '', before));
}
