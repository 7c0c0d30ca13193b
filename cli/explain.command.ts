import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../model/nearest';
import { Problem } from '../model/problem';
import { problemCodes, problemMeanings } from '../model/problem-codes';
import { variables } from '../worker/config/variables';
import { colours } from './colours';
import { runCommand } from './command';
import { pages } from './pages';
import { root } from './root';
import { usageText } from './usage';

runCommand({
  usage: usageText({
    forms: {
      'npm run explain -- <code> …': 'says what a problem code means and what to do',
      'npm run explain -- <VARIABLE> …': 'says what a variable of the worker does',
      'npm run explain': 'explains every code and every variable',
      'npm run explain -- --write':
        'rewrites the generated parts of docs/, after a change of model/problems/ or worker/config/',
    },
    flags: { '--write': `rewrites ${Object.keys(pages).join(' and ')}` },
    examples: ['npm run explain -- SEAL-LABEL', 'npm run explain -- WORKER_DRAIN_SECONDS'],
  }),
  options: { write: { type: 'boolean' } },
  run({ json, write }, names) {
    if (write) {
      for (const [page, textFrom] of Object.entries(pages)) {
        writeFileSync(join(root, page), textFrom(readFileSync(join(root, page), 'utf8')));
      }
      return 0;
    }
    const explained = names.length === 0 ? [...known.values()] : names.map(meant);
    if (json) console.log(JSON.stringify(explained, null, 2));
    else console.log(explained.map(described).join('\n'));
    return 0;
  },
});

type Explained =
  | { readonly code: string; readonly means: string; readonly fix: string }
  | { readonly variable: string; readonly does: string; readonly default: string; readonly secret: boolean };

const known: ReadonlyMap<string, Explained> = new Map([
  ...problemCodes.map((code): [string, Explained] => [code, { code, ...problemMeanings[code] }]),
  ...variables.map(({ name, does, fallback, isSecret }): [string, Explained] => {
    return [name, { variable: name, does, default: fallback, secret: isSecret }];
  }),
]);

function described(explained: Explained): string {
  if ('code' in explained) return `${colours.bold(explained.code)}  ${explained.means}\n    fix  ${explained.fix}`;
  const { variable, does, default: fallback, secret } = explained;
  const page = does.replace(/\[.*?\]\(#.*?\)/g, 'docs/variables.md');
  return `${colours.bold(variable)}  ${page}\n    without it  ${fallback}${secret ? '\n    a secret: keep it out of logs and files' : ''}`;
}

/** @throws Problem USAGE for what is neither a code nor a variable, with the nearest one */
function meant(name: string): Explained {
  const found = known.get(name.toUpperCase());
  if (found !== undefined) return found;
  const near = nearest(name, [...known.keys()]);
  throw new Problem('USAGE', `Cannot explain "${name}": there is no such code or variable`, {
    fix: near === undefined ? 'npm run explain lists them all' : `did you mean npm run explain -- ${near}?`,
  });
}
