import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Who may import whom. The first folder that matches decides; a file in none of them is free to import anything. */
const arrows: readonly [folder: string, mayImport: RegExp][] = [
  ['servers/arcade-eval-ref/tools/', /^worker\/catalog\/define-tool$/],
  ['worker/catalog/', /^worker\/(catalog\/|tools\/|json$|soon$)/],
  ['worker/mcp/', /^worker\/(?!routes\/)/],
  ['worker/', /^worker\//],
  ['servers/', /^(servers\/|worker\/contract$)/],
  ['cli/', /^(cli\/|servers\/problem$)/],
  ['dns/', /^(dns\/|servers\/|cli\/)/],
  ['charts/', /^(charts\/|servers\/|imports\/|cli\/|worker\/contract$)/],
  // Made-up counterparts for tests.
  ['gitops/verify/made-up/', /^(gitops\/|servers\/|testing\/|cli\/|worker\/contract$)/],
  ['gitops/', /^(gitops\/|servers\/|charts\/|dns\/|imports\/|cli\/|worker\/contract$)/],
];

test('every import goes the way the house allows', () => {
  const broken = imports.filter(({ from, to }) => {
    const [, mayImport] = arrows.find(([folder]) => from.startsWith(folder)) ?? [];
    return mayImport !== undefined && !mayImport.test(to);
  });
  expect(imports.length).toBeGreaterThan(300);
  expect(broken).toEqual([]);
});

test('nobody imports a main or a command: they are the edges', () => {
  expect(imports.filter(({ to }) => /(^|\/)main$|\.command$/.test(to))).toEqual([]);
});

const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.m?ts$/.test(file) && !/(^|\/)node_modules\/|^(imports|dist|build|\.cache)\//.test(file),
);

const imports = sources
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((from) =>
    [...readFileSync(join(__dirname, from), 'utf8').matchAll(/(?:from|import|require)\s*\(?\s*['"`](\.[^'"`]*)/g)].map(
      ([, specifier = '']) => ({ from, to: normalize(join(dirname(from), specifier)) }),
    ),
  );
