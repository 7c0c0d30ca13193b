import { join } from 'node:path';
import { describeProblems, runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { pickPlatform, readPlatforms } from '../../model/platforms';
import { stopOnErrors } from '../../model/problem';
import { distinct } from '../../model/servers';
import { readTree, staleDist } from '../synth/dist';
import { synthesize } from '../synth/synthesize';

runCommand({
  usage: [
    "npm run check              types, your tools' examples, lint, and then what this command does",
    '  …/check.command.ts       the offline checks, and that dist/ is what the sources say',
    '    --platform <name>      of one platform alone; --json for machines',
  ].join('\n'),
  options: { platform: { type: 'string' } },
  run({ json, platform }) {
    const platforms = readPlatforms(root);
    const limit = { platform: platform === undefined ? undefined : pickPlatform(platforms, platform).name };
    const { files, servers, problems } = synthesize(root, platforms, limit);
    stopOnErrors([...problems, ...staleDist(readTree(join(root, 'dist')), files, limit)]);
    if (json)
      console.log(JSON.stringify({ servers: distinct(servers).length, files: files.length, problems }, null, 2));
    else {
      if (problems.length > 0) console.error(describeProblems(problems));
      const count = distinct(servers).length;
      const where = platforms.length === 1 ? '' : ` on ${platform ?? `${platforms.length} platforms`}`;
      const counted = `${count} server${count === 1 ? '' : 's'}${where}, ${files.length} files`;
      console.log(`✓ ${counted}: valid, and dist/ is up to date`);
    }
    return 0;
  },
});
