import { join } from 'node:path';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { stopOnErrors } from '../../model/problem';
import { readTree, staleDist } from '../synth/dist';
import { synthesize } from '../synth/synthesize';

runCommand({
  usage: [
    "npm run check              types, your tools' examples, lint, and then what this command does",
    '  …/check.command.ts       the offline checks, and that dist/ is what the sources say',
    '  …/check.command.ts --json',
  ].join('\n'),
  options: {},
  run({ json }) {
    const { files, servers, problems } = synthesize(root, readPlatform(root));
    stopOnErrors([...problems, ...staleDist(readTree(join(root, 'dist')), files)]);
    if (json) console.log(JSON.stringify({ servers: servers.length, files: files.length, problems }, null, 2));
    else {
      if (problems.length > 0) console.error(describeProblems(problems));
      const counted = `${servers.length} server${servers.length === 1 ? '' : 's'}, ${files.length} files`;
      console.log(`✓ ${counted}: valid, and dist/ is up to date`);
    }
    return 0;
  },
});
