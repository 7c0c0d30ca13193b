import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import packageJson from './package.json';

/** Who may import whom. The first folder that matches decides; everybody may import from their own folder. */
const arrows: readonly [folder: string, mayImport: RegExp][] = [
  // The workbench of tool authors: it runs workers, and knows the declarations that say which there are.
  ['worker/dev/', /^(worker|cli|model)\//],
  ['worker/catalog/', /^worker\/(contract|json)$/],
  ['worker/config/', /^worker\/(catalog\/|contract$|json$)/],
  ['worker/auth/', /^worker\/(config\/|contract$|json$)/],
  ['worker/oauth/', /^worker\/(auth|config)\//],
  ['worker/telemetry/', /^worker\/((catalog|config)\/|contract$|json$)/],
  ['worker/mcp/', /^worker\/((catalog|config|oauth|telemetry)\/|contract$|json$)/],
  ['worker/routes/', /^worker\/((auth|catalog|config|oauth|telemetry|mcp)\/|contract$|json$)/],
  // The second place where servers and the worker meet: what is rendered of tools is what the worker makes of them.
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

test('every import goes the way the house allows', () => {
  const broken = imports.filter(({ from, to }) => {
    const [folder = '', mayImport] = arrows.find(([start]) => from.startsWith(start)) ?? [];
    return mayImport !== undefined && !to.startsWith(folder) && !mayImport.test(to);
  });
  expect(imports.length).toBeGreaterThan(300);
  expect(broken).toEqual([]);
});

test('no two folders import each other, directly or around others', () => {
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

test('nobody imports a main or a command: they are the edges', () => {
  const edges = imports.filter(({ to }) => /(^|\/)main$|\.command$/.test(to));
  expect(edges.filter(({ from }) => from !== 'worker/build.mjs')).toEqual([]);
});

test('one file runs git, with everything settled that could change an answer', () => {
  const product = sources.filter((file) => /^(gitops|model|cli|charts|dns|worker)\//.test(file));
  const running = product.filter((file) =>
    /\b(spawn|exec|execFile)(Sync)?\(\s*['"`]git\b/.test(readFileSync(join(__dirname, file), 'utf8')),
  );
  expect(running).toEqual(['gitops/git/git.ts']);
});

test('one file knows cdktf, which is archived', () => {
  const knowing = sources.filter((file) => /from '(@cdktf\/|cdktf')/.test(readFileSync(join(__dirname, file), 'utf8')));
  expect(knowing).toEqual(['dns/stack.ts']);
});

/** A verb of gitops and a room of the worker are folders of their own; the contract and `json` lie below all rooms. */
function folderOf(path: string): string {
  const [top = '', room = ''] = path.split('/');
  const isRoom = /^(gitops|testing|interop|bench|worker)$/.test(top) && path.split('/').length > 2;
  return isRoom || /^worker\/(contract|json)$/.test(path) ? `${top}/${room}` : top;
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

/** A relative path from the root, or what package.json says that a name with # stands for. */
function targetOf(from: string, specifier: string): string {
  const aliases: Readonly<Record<string, string>> = packageJson.imports;
  const aliased = aliases[specifier]?.replace(/\.ts$/, '');
  return normalize(aliased ?? join(dirname(from), specifier));
}
