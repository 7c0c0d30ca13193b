import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../model/nearest';
import { Problem } from '../model/problem';
import { colours } from './colours';
import { runCommand } from './command';
import { root } from './root';
import { usageText } from './usage';
import { verbs } from './verbs';

runCommand({
  usage: usageText({
    forms: {
      'npm run help': 'lists every command by what you want to do',
      'npm run help -- <command>': 'shows its help',
    },
    examples: ['npm run help -- synth'],
  }),
  options: {},
  run({ json }, [name]) {
    if (name !== undefined) return helpOf(name, json ?? false);
    if (json) {
      console.log(JSON.stringify(verbs, null, 2));
      return 0;
    }
    const sections = Object.entries(verbs).map(([aim, commands]) => {
      const lines = Object.entries(commands).map(([command, what]) => `  ${command.padEnd(24)} ${what}`);
      return [colours.bold(aim), ...lines].join('\n');
    });
    console.log(`${sections.join('\n\n')}\n\nnpm run help -- <command> shows how to call one of them.`);
    return 0;
  },
});

/** Shows what the command itself says. @throws Problem USAGE for a name that no command has */
function helpOf(name: string, isJson: boolean): number {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const script = Object.entries(scripts).find(([known]) => known === name)?.[1];
  if (script === undefined) {
    const meant = nearest(name, Object.keys(scripts));
    throw new Problem('USAGE', `Cannot explain "${name}": there is no such command`, {
      fix: meant === undefined ? 'npm run help lists every command' : `did you mean npm run help -- ${meant}?`,
    });
  }
  const [, entry = ''] = /(\S+(?:\.command\.ts|interop\/run\.mjs))$/.exec(script) ?? [];
  const command = entry.endsWith('.mjs') ? [entry] : ['cli/run.mjs', entry];
  // The tests are Jest's own command.
  if (entry === '') console.log(`npm run ${name} takes the flags of Jest, such as npm test -- gitops/seal`);
  else
    spawnSync(process.execPath, [...command, '--help', ...(isJson ? ['--json'] : [])], { cwd: root, stdio: 'inherit' });
  return 0;
}
