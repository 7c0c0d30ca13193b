import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { drawFirstSuccess, picture } from './first-success';

void runCommand({
  usage:
    'node cli/run.mjs testing/pages/first-success.command.ts    runs the first success of the README and draws its picture',
  options: {},
  async run() {
    writeFileSync(join(root, picture), await drawFirstSuccess());
    console.log(`wrote ${picture}`);
    return 0;
  },
});
