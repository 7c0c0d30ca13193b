import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsPage } from './cli/problems-page';
import { problemCodes } from './model/problem-codes';
import { Environment } from './worker/config/environment';

const textOf = (file: string) => readFileSync(join(__dirname, file), 'utf8');

test('docs/problems.md is what model/problems/ says: npm run explain -- --write', () => {
  expect(textOf('docs/problems.md')).toBe(problemsPage());
});

test("the table of the worker's variables has every one that it reads, and no other", () => {
  const rows = textOf('docs/variables.md')
    .split('\n')
    .filter((line) => /^\| `(ARCADE|MCP|WORKER|LOG)_/.test(line));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
  expect(new Set(listed)).toEqual(new Set(Object.keys(Environment.shape)));
});

test('every problem code is raised somewhere and provoked by a test', () => {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      /\.m?ts$|\.mjs$/.test(file) && !/(^|\/)node_modules\/|^(servers|platforms|build|dist|\.cache)\//.test(file),
  );
  const textsOf = (isTest: boolean) =>
    files
      .filter((file) => /\.(test|interop)\.ts$/.test(file) === isTest)
      .filter((file) => file !== 'readme.test.ts' && !file.startsWith('model/problems/'))
      .map(textOf)
      .join('\n');
  const [sources, tests] = [textsOf(false), textsOf(true)];
  expect(problemCodes.filter((code) => !new RegExp(`['"\`]${code}\\b`).test(sources))).toEqual([]);
  expect(problemCodes.filter((code) => !tests.includes(code))).toEqual([]);
});
