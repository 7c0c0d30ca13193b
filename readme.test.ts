import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages as generated } from './cli/pages';
import { problemCodes } from './model/problem-codes';

const textOf = (file: string) => readFileSync(join(__dirname, file), 'utf8');

test.each(Object.entries(generated))('%s matches its sources (npm run explain -- --write)', (page, textFrom) => {
  expect(textOf(page)).toBe(textFrom(textOf(page)));
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
