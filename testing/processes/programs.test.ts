import { tmpdir } from 'node:os';
import { problemsOf } from '../problems';
import { run } from './programs';

test('a program that is not installed is told by its name, and nothing is skipped', () => {
  expect(problemsOf(() => run('no-such-program', ['--help'], { cwd: tmpdir() }))).toMatchObject([
    { code: 'TOOL-MISSING', fix: 'install no-such-program and run again' },
  ]);
});

test('a program that fails is told with the end of what it said', () => {
  const args = ['-e', "console.error('the reason'); process.exit(3)"];
  expect(problemsOf(() => run(process.execPath, args, { cwd: tmpdir() }))).toMatchObject([
    { code: 'INTEROP-FAILED', message: expect.stringMatching(/ended with 3\nthe reason$/) },
  ]);
});
