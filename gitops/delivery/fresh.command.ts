import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { platform } from '../../servers/platform';
import { Problem, Problems } from '../../servers/problem';
import { changes, readTree, wholeTree } from '../synth/dist';
import { synthesize } from '../synth/synthesize';
import { objections } from './objections';
import { remember } from './receipt';

runCommand({
  usage: '…/fresh.command.ts --json   renders the sources, and fails when dist/ is not what they say',
  options: {},
  run() {
    const synthesis = synthesize(root, platform);
    const existing = readTree(join(root, 'dist'));
    const stale = changes(existing, wholeTree(synthesis.files, existing)).filter(({ state }) => state !== 'unchanged');
    if (stale.length > 0) throw new Problems(stale.map(({ path }) => staleFile(path)));
    const found = objections(root, platform, synthesis);
    remember(root, found);
    console.log(JSON.stringify({ objections: found }));
    return 0;
  },
});

function staleFile(path: string): Problem {
  return new Problem('DIST-STALE', `Cannot deliver dist/${path}: it is not what the sources say`, {
    file: `dist/${path}`,
    fix: 'npm run synth, look at what changed, and commit dist/',
  });
}
