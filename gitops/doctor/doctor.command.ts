import { colours } from '../../cli/colours';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { diagnose } from './doctor';

void runCommand({
  usage: usageText({
    forms: {
      'npm run doctor':
        'lists what is missing or unconfirmed on this machine and in this repository, in the order to do it',
    },
    notes: [
      'Changes nothing and uses no network. Exits with 1 when something has to be fixed before anything else works.',
    ],
    examples: ['npm run doctor'],
  }),
  options: {},
  run({ json }) {
    const { good, problems } = diagnose(root);
    const isOk = problems.every(({ level }) => level !== 'error');
    if (json) {
      console.log(JSON.stringify({ ok: isOk, good, problems }, null, 2));
    } else {
      for (const line of good) console.log(`${colours.green('✓')} ${line}`);
      console.log(problems.length > 0 ? describeProblems(problems) : 'nothing to do');
    }
    return isOk ? 0 : 1;
  },
});
