import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readFolder } from './folder';

test('lists the files of tools/, sorted, without tests', () => {
  const root = repository('tools/b.ts', 'tools/a.ts', 'tools/a.test.ts', 'tools/.keep', 'lib/x/y.json', 'README.md');
  expect(readFolder(root, 'echo', ['staging'])).toEqual({ tools: ['a', 'b'], problems: [] });
});

test('a server without tools/ has no tools; tools about to be written are included', () => {
  expect(readFolder(repository(), 'echo', [])).toEqual({ tools: undefined, problems: [] });
  expect(readFolder(repository(), 'echo', [], ['a'])).toEqual({ tools: ['a'], problems: [] });
  expect(readFolder(repository('tools/b.ts'), 'echo', [], ['a'])).toEqual({ tools: ['a', 'b'], problems: [] });
});

test.each([
  ['beside tools/', 'add.ts', 'move it'],
  ['in an unknown folder', 'tool/add.ts', 'move it'],
  ['in a subfolder of tools/', 'tools/math/add.ts', 'servers/echo/lib/'],
  ['in JavaScript', 'tools/add.js', 'servers/echo/lib/'],
])('reports a tool %s with its path', (_, file, fix) => {
  const { tools, problems } = readFolder(repository('tools/echo.ts', file), 'echo', []);
  expect(tools).toEqual(['echo']);
  const place = file.replace(/^(tool|tools\/math)\/.*/, '$1');
  expect(problems).toMatchObject([
    { code: 'TOOL-FILE', file: `servers/echo/${place}`, fix: expect.stringContaining(fix) },
  ]);
});

test('reports resources without tools, because their image is built elsewhere', () => {
  expect(readFolder(repository('resources/a.ts'), 'echo', []).problems).toMatchObject([
    { code: 'TOOL-FILE', file: 'servers/echo/resources', fix: expect.stringContaining('new -- tool echo') },
  ]);
  expect(readFolder(repository('tools/a.ts', 'resources/a.ts', 'resources/a.md'), 'echo', []).problems).toEqual([]);
});

test('reports a tools/ that is empty or has only tests', () => {
  const empty = repository();
  mkdirSync(join(empty, 'servers/echo/tools'));
  for (const root of [empty, repository('tools/a.test.ts')]) {
    expect(readFolder(root, 'echo', ['staging'])).toMatchObject({
      tools: [],
      problems: [{ code: 'TOOL-FILE', file: 'servers/echo/tools', fix: expect.stringContaining('new -- tool echo') }],
    });
  }
});

test('reports sealed values of an unknown platform, and suggests the probable name', () => {
  const root = repository('sealed/staging.json', 'sealed/prod.json', 'sealed/stagin.json', 'sealed/staging.json.new');
  expect(readFolder(root, 'echo', ['staging']).problems).toMatchObject([
    { code: 'TOOL-FILE', file: 'servers/echo/sealed/prod.json', fix: 'remove it' },
    { file: 'servers/echo/sealed/stagin.json', fix: expect.stringContaining('rename it to staging.json') },
  ]);
});

/** A repository with one server that has these files besides server.ts. */
function repository(...files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'folder-'));
  for (const file of ['server.ts', ...files]) {
    const path = join(root, 'servers/echo', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
  return root;
}
