import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { table } from '../../cli/table';
import { Problem, printable } from '../../model/problem';
import { carryOut } from './carry-out';
import { planUpgrade } from './plan';

void runCommand({
  usage: [
    'npm run upgrade -- <path or address of a newer release>    brings everything but your folders to that release',
    '  --ref <branch, tag or commit>    @default - its HEAD',
    '  --from <commit>                  the release that this repository is a copy of, where git cannot tell',
    '  --dry-run                        shows what would change',
    '',
    'servers/ and platforms/ stay as they are, dist/ is rendered anew, packages of your tools are kept. Runs synth, check and',
    'the tests of the release beside this checkout, and adds one commit when they pass. Otherwise nothing changes here.',
    'Example: npm run upgrade -- ../mcp-servers-upstream --ref v2.0.0',
  ].join('\n'),
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
    const commit = isDry ? null : carryOut(root, plan, (step) => process.stderr.write(`${step} …\n`));
    if (json) console.log(JSON.stringify({ ...plan, commit }, null, 2));
    else if (commit) console.log(`commit ${commit.slice(0, 12)}; run npm ci, and review it with git show --stat`);
    return 0;
  },
});
