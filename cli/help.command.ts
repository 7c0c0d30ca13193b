import pc from 'picocolors';
import { runCommand } from './command';
import { verbs } from './verbs';

runCommand({
  usage: 'npm run help    what there is to do, and the command for it; --json for machines',
  options: {},
  run({ json }) {
    if (json) {
      console.log(JSON.stringify(verbs, null, 2));
      return 0;
    }
    const sections = Object.entries(verbs).map(([aim, commands]) => {
      const lines = Object.entries(commands).map(([command, what]) => `  ${command.padEnd(24)} ${what}`);
      return [pc.bold(aim), ...lines].join('\n');
    });
    console.log(`${sections.join('\n\n')}\n\nEach takes -- --help, which shows its forms and flags.`);
    return 0;
  },
});
