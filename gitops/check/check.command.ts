import { join } from 'node:path';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { stopOnErrors } from '../../model/problem';
import { changes, readTree, wholeTree } from '../synth/dist';
import { staleDist, staleFiles } from '../synth/stale';
import { synthesize } from '../synth/synthesize';

runCommand({
  usage: [
    'npm run check              types, lint, and then what this command does',
    '  …/check.command.ts       the offline checks, and that dist/ is what the sources say',
    '  …/check.command.ts --json',
  ].join('\n'),
  options: {},
  run({ json }) {
    const platform = readPlatform(root);
    const { files, servers, warnings } = synthesize(root, platform);
    const existing = readTree(join(root, 'dist'));
    const stale = staleFiles(changes(existing, wholeTree(files, existing)));
    stopOnErrors([...warnings, ...staleDist(stale)]);
    if (json)
      console.log(JSON.stringify({ servers: servers.length, files: files.length, problems: warnings }, null, 2));
    else {
      if (warnings.length > 0) console.error(describeProblems(warnings));
      console.log(
        `✓ ${servers.length} server${servers.length === 1 ? '' : 's'}, ${files.length} files: valid, and dist/ is up to date`,
      );
    }
    return 0;
  },
});
