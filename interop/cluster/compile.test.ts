import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemsOf } from '../../testing/problems';
import { compile, requireSpace } from './compile';

const folder = mkdtempSync(join(tmpdir(), 'compile-'));

test('rejects a full disk before building anything', () => {
  expect(problemsOf(() => requireSpace(folder, 0))).toEqual([]);
  const [problem] = problemsOf(() => requireSpace(folder, 1e9));
  expect(problem).toMatchObject({ code: 'TOOL-MISSING', fix: expect.stringContaining('go clean') });
  expect(problem?.message).toMatch(/ \d+\.\d GiB are free; wanted: 1000000000$/);
});

test('reports a missing Go, and leaves no file behind', async () => {
  const path = process.env.PATH;
  process.env.PATH = folder;
  const file = join(folder, 'program');
  const built = compile({ name: 'program', place: 1, of: 1, file }, ['build', '.'], folder);
  await expect(built).rejects.toMatchObject({ code: 'TOOL-MISSING', fix: expect.stringContaining('install Go') });
  process.env.PATH = path;
  expect(existsSync(file)).toBe(false);
});
