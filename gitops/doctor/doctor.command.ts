import pc from 'picocolors';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { diagnose } from './doctor';

void runCommand({
  usage: [
    'npm run doctor    what is missing or unconfirmed on this machine and in this repository, in the order to do it',
    '  --json          the same for machines',
    '',
    'Changes nothing, and asks no other machine. Exits with 1 when something has to be fixed before anything else.',
  ].join('\n'),
  options: {},
  run({ json }) {
    const { good, problems } = diagnose(root);
    const isOk = problems.every(({ level }) => level !== 'error');
    if (json) {
      console.log(JSON.stringify({ ok: isOk, good, problems }, null, 2));
    } else {
      for (const line of good) console.log(`${pc.green('✓')} ${line}`);
      console.log(problems.length > 0 ? describeProblems(problems) : 'nothing to do');
    }
    return isOk ? 0 : 1;
  },
});
