import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { changes, readTree, replaceTree } from './dist';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dist-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const before = new Map([['a.yaml', 'one\n']]);
const after = new Map([
  ['a.yaml', 'one\n'],
  ['b/c.yaml', 'two\n'],
]);

test('replaces a folder and leaves nothing else behind', () => {
  const dist = join(folder, 'dist');
  replaceTree(dist, before, changes(new Map(), before));
  replaceTree(dist, after, changes(before, after));
  expect(readTree(dist)).toEqual(after);
  expect(readdirSync(folder)).toEqual(['dist']);
});

test('keeps the old folder when writing fails halfway', () => {
  const dist = join(folder, 'dist');
  replaceTree(dist, before, changes(new Map(), before));
  // Linking the missing "unchanged" file fails after another file was written.
  const plan = [...changes(before, after)].reverse().concat({ path: 'gone.yaml', state: 'unchanged', size: 1 });
  expect(problemsOf(() => replaceTree(dist, after, plan))).toMatchObject([{ code: 'DIST-WRITE' }]);
  expect(readTree(dist)).toEqual(before);
  expect(readdirSync(folder)).toEqual(['dist']);
});

test('reports a parent that is not a folder', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(problemsOf(() => replaceTree(join(folder, 'file', 'dist'), before, changes(new Map(), before)))).toMatchObject(
    [{ code: 'DIST-WRITE', message: expect.stringContaining('ENOTDIR') }],
  );
});
