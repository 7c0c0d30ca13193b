import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import packageJson from './package.json';

/** The allowed imports of each folder. The first match applies; imports within a folder are always allowed. */
const allowedImports: readonly [folder: string, mayImport: RegExp][] = [
  // The tool authors' workbench runs workers and reads the declarations.
  ['worker/dev/', /^(worker|cli|model)\//],
  ['worker/catalog/', /^worker\/(contract|json)$/],
  ['worker/config/', /^worker\/(catalog\/|contract$|json$)/],
  ['worker/auth/', /^worker\/(config\/|contract$|json$)/],
  ['worker/oauth/', /^worker\/(auth|config)\//],
  ['worker/telemetry/', /^worker\/((catalog|config)\/|contract$|json$)/],
  ['worker/mcp/', /^worker\/((catalog|config|oauth|telemetry)\/|contract$|json$)/],
  ['worker/routes/', /^worker\/((auth|catalog|config|oauth|telemetry|mcp)\/|contract$|json$)/],
  // Renders the tools as the worker publishes them, so it loads servers and worker code together.
  ['worker/published.main', /^worker\/((catalog|config)\/|server-files)|^servers\/$/],
  ['worker/', /^worker\/(?!dev\/)/],
  ['model/', /^worker\/contract$|^(servers|platforms)\/$/],
  // `explain` and its page show the variables of the worker.
  ['cli/', /^model\/(nearest|problem|problem-codes|system-error)$|^worker\/config\/variables$/],
  ['charts/', /^(model|imports|cli)\/|^worker\/contract$/],
  ['dns/', /^(model|cli)\//],
  ['gitops/', /^(gitops|model|charts|dns|imports|cli)\/|^worker\/contract$/],
  ['testing/', /^(?!interop\/|bench\/)/],
  ['bench/', /^(?!interop\/)/],
  ['interop/', /^(?!bench\/)/],
];

test('no folder has a forbidden import', () => {
  const broken = imports.filter(({ from, to }) => {
    const [folder = '', mayImport] = allowedImports.find(([start]) => from.startsWith(start)) ?? [];
    return mayImport !== undefined && !to.startsWith(folder) && !mayImport.test(to);
  });
  expect(imports.length).toBeGreaterThan(300);
  expect(broken).toEqual([]);
});

test('no folders import each other in a cycle', () => {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [start, end] = [folderOf(from), folderOf(to)];
    if (start !== end) next.set(start, (next.get(start) ?? new Set()).add(end));
  }
  const reached = (start: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const folder of next.get(start) ?? []) if (!seen.has(folder)) reached(folder, seen.add(folder));
    return seen;
  };
  expect(next.size).toBeGreaterThan(10);
  expect([...next.keys()].filter((folder) => reached(folder).has(folder))).toEqual([]);
});

test('only worker/build.mjs imports a main file, and no file imports a command', () => {
  const entryPoints = imports.filter(({ to }) => /(^|\/)main$|\.command$/.test(to));
  expect(entryPoints.filter(({ from }) => from !== 'worker/build.mjs')).toEqual([]);
});

test('only gitops/git/git.ts runs git, because it fixes all settings that change git output', () => {
  const product = sources.filter((file) => /^(gitops|model|cli|charts|dns|worker)\//.test(file));
  const running = product.filter((file) =>
    /\b(spawn|exec|execFile)(Sync)?\(\s*['"`]git\b/.test(readFileSync(join(__dirname, file), 'utf8')),
  );
  expect(running).toEqual(['gitops/git/git.ts']);
});

test('only dns/stack.ts imports cdktf, which is archived', () => {
  const importing = sources.filter((file) =>
    /from '(@cdktf\/|cdktf')/.test(readFileSync(join(__dirname, file), 'utf8')),
  );
  expect(importing).toEqual(['dns/stack.ts']);
});

/** A subfolder of these five counts as a folder; worker/contract and worker/json each count as one below all others. */
function folderOf(path: string): string {
  const [top = '', subfolder = ''] = path.split('/');
  const isSubfolder = /^(gitops|testing|interop|bench|worker)$/.test(top) && path.split('/').length > 2;
  return isSubfolder || /^worker\/(contract|json)$/.test(path) ? `${top}/${subfolder}` : top;
}

const sources = readdirSync(__dirname, { recursive: true, encoding: 'utf8' }).filter(
  (file) =>
    /(?<!\.test)\.m?[jt]s$/.test(file) &&
    !/(^|\/)node_modules\/|^(servers|platforms|imports|dist|build|\.cache|gitops\/new\/templates)\//.test(file),
);

const imports = sources.flatMap((from) =>
  [...readFileSync(join(__dirname, from), 'utf8').matchAll(/(?:from|import|require)\s*\(?\s*['"`]([.#][^'"`$]*)/g)].map(
    ([, specifier = '']) => ({ from, to: targetOf(from, specifier) }),
  ),
);

/** The imported path, relative to the root. Names with # are resolved with package.json. */
function targetOf(from: string, specifier: string): string {
  const aliases: Readonly<Record<string, string>> = packageJson.imports;
  const aliased = aliases[specifier]?.replace(/\.ts$/, '');
  return normalize(aliased ?? join(dirname(from), specifier));
}
