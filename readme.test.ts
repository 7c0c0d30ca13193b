import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pages as generated } from './cli/pages';
import { problemCodes } from './model/problem-codes';

const pages = [
  ...readdirSync(__dirname).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(__dirname, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const textOf = (file: string) => readFileSync(join(__dirname, file), 'utf8');

test.each(Object.entries(generated))('%s matches its sources (npm run explain -- --write)', (page, textFrom) => {
  expect(textOf(page)).toBe(textFrom(textOf(page)));
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
