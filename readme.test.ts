import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { problemsPage } from './cli/problems-page';
import { problemCodes } from './model/problem-codes';
import { Environment } from './worker/config/environment';

const pages = [
  ...readdirSync(__dirname).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(__dirname, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const textOf = (file: string) => readFileSync(join(__dirname, file), 'utf8');

test('docs/problems.md is what model/problems/ says: npm run explain -- --write', () => {
  expect(textOf('docs/problems.md')).toBe(problemsPage());
});

test.each(pages)('every file, folder and page that %s names is there', (page) => {
  const text = textOf(page);
  const links = [...text.matchAll(/\]\(([\w./-]+)(?:#[\w-]+)?\)/g)].map(([, link = '']) => join(dirname(page), link));
  const named = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(([, code = '']) => code);
  const ours = named.filter((path) =>
    /^(charts|dns|gitops|worker|model|cli|testing|imports|interop|bench|docs)\//.test(path),
  );
  expect([...links, ...ours].filter((path) => !existsSync(join(__dirname, path)))).toEqual([]);
});

test('every npm command that a page shows is a script', () => {
  const { scripts } = JSON.parse(textOf('package.json'));
  const shown = pages.flatMap((page) =>
    [...textOf(page).matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, script = '']) => script),
  );
  expect(shown.length).toBeGreaterThan(20);
  expect(new Set(shown.filter((script) => !(script in scripts)))).toEqual(new Set());
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
