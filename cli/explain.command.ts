import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { nearest } from '../model/nearest';
import { Problem } from '../model/problem';
import { type ProblemCode, problemCodes, problemMeanings } from '../model/problem-codes';
import { runCommand } from './command';
import { problemsPage } from './problems-page';
import { root } from './root';

runCommand({
  usage: [
    'npm run explain -- <code> […]    what a code means and what to do, such as SEAL-LABEL',
    'npm run explain                  every code',
    'npm run explain -- --write       docs/problems.md anew, after a change of model/problems/',
  ].join('\n'),
  options: { write: { type: 'boolean' } },
  run({ json, write }, names) {
    if (write) {
      writeFileSync(join(root, 'docs/problems.md'), problemsPage());
      return 0;
    }
    const codes = names.length === 0 ? problemCodes : names.map(codeOf);
    const explained = codes.map((code) => ({ code, ...problemMeanings[code] }));
    if (json) console.log(JSON.stringify(explained, null, 2));
    else console.log(explained.map(({ code, means, fix }) => `${pc.bold(code)}  ${means}\n    fix  ${fix}`).join('\n'));
    return 0;
  },
});

/** @throws Problem USAGE for a code that there is not */
function codeOf(name: string): ProblemCode {
  const wanted = name.toUpperCase();
  const code = problemCodes.find((each) => each === wanted);
  if (code !== undefined) return code;
  const meant = nearest(wanted, problemCodes);
  throw new Problem('USAGE', `Cannot explain "${name}": there is no such code`, {
    fix: meant === undefined ? 'npm run explain lists every code' : `npm run explain -- ${meant}`,
  });
}
