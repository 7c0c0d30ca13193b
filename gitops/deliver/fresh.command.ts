import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { stopOnErrors } from '../../model/problem';
import { changes, readTree, wholeTree } from '../synth/dist';
import { staleDist, staleFiles } from '../synth/stale';
import { synthesize } from '../synth/synthesize';
import { objections } from './objections';
import { remember } from './receipt';

runCommand({
  usage: '…/fresh.command.ts --json   renders the sources, and fails when dist/ is not what they say',
  options: {},
  run() {
    const platform = readPlatform(root);
    const synthesis = synthesize(root, platform);
    const existing = readTree(join(root, 'dist'));
    const stale = staleFiles(changes(existing, wholeTree(synthesis.files, existing)));
    stopOnErrors(staleDist(stale));
    const found = objections(root, platform, synthesis);
    remember(root, found);
    console.log(JSON.stringify({ objections: found }));
    return 0;
  },
});
