import { problemParts } from '../model/problem-codes';

/** The text of docs/problems.md: every code with what it means and what to do. */
export function problemsPage(): string {
  const sections = Object.entries(problemParts).map(([title, part]) => {
    const rows = Object.entries(part).map(([code, { means, fix }]) => `| \`${code}\` | ${means} | ${fix} |`);
    return [`## ${title}`, '', '| Code | What it means | What to do |', '| --- | --- | --- |', ...rows, ''].join('\n');
  });
  return `${[...head, ...sections].join('\n')}`;
}

const head = [
  '<!-- made by npm run explain -- --write from model/problems/; do not edit -->',
  '# Problems',
  '',
  'Every problem has a code, says what was found and what was wanted, and ends in what to do next. `npm run explain -- <code>`',
  'says the same at the terminal, and `--json` gives problems to machines. Codes never change; sentences may.',
  '',
];
