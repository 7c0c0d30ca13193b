import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemCodes } from './model/problem';
import { Environment } from './worker/config/environment';

const readme = readFileSync(join(__dirname, 'README.md'), 'utf8');

test('the table of problems has every code, and no other', () => {
  const rows = readme.split('\n').filter((line) => /^\| `[A-Z]/.test(line));
  const told = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9-]+)`/g)].map(([, code]) => code),
  );
  expect([...told].sort()).toEqual([...problemCodes].sort());
});

test('every file and folder that it names is there', () => {
  const named = [...readme.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`|\]\(([\w./-]+)\)/g)].map(
    ([, code, link]) => code ?? link ?? '',
  );
  const ours = named.filter((path) =>
    /^(servers|charts|dns|gitops|worker|cli|testing|imports|dist|interop|bench)\//.test(path),
  );
  expect(ours.length).toBeGreaterThan(8);
  expect(ours.filter((path) => !existsSync(join(__dirname, path)))).toEqual([]);
});

test('every npm command that it shows is a script', () => {
  const { scripts } = JSON.parse(readFileSync(join(__dirname, 'package.json'), 'utf8'));
  const shown = [...readme.matchAll(/npm run ([\w-]+)/g)].map(([, script = '']) => script);
  expect(new Set(shown.filter((script) => !(script in scripts)))).toEqual(new Set());
});

test("the table of the worker's variables has every one that it reads, and no other", () => {
  const rows = readme.split('\n').filter((line) => /^\| `(ARCADE|MCP|WORKER|LOG)_/.test(line));
  const told = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
  expect(new Set(told)).toEqual(new Set(Object.keys(Environment.shape)));
});

test('every problem code is raised somewhere and provoked by a test', () => {
  const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/(^|\/)node_modules\/|^(build|dist|\.cache)\//.test(file),
  );
  const textOf = (isTest: boolean) =>
    files
      .filter((file) => file.endsWith('.test.ts') === isTest && !['model/problem.ts', 'readme.test.ts'].includes(file))
      .map((file) => readFileSync(join(__dirname, file), 'utf8'))
      .join('\n');
  const [sources, tests] = [textOf(false), textOf(true)];
  expect(problemCodes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  expect(problemCodes.filter((code) => !tests.includes(code))).toEqual([]);
});
